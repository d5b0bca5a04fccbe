package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"patikra/bot"
	"patikra/bot/console"
	"patikra/bot/desk"
	"patikra/bot/engine"
	kept "patikra/bot/files"
	"patikra/bot/inbox"
	"patikra/bot/library"
	"patikra/bot/media"
	"patikra/bot/messenger"
	"patikra/bot/metrics"
	"patikra/bot/outbox"
	"patikra/bot/push"
	"patikra/bot/redisstore"
	"patikra/bot/server"
	"patikra/bot/talk"
	"patikra/bot/telegram"
	"patikra/bot/web"
	"patikra/content/sheet"
)

// logger writes to w; errors of the libraries never carry words, ids or tokens into it.
func logger(form string, w io.Writer) *zap.Logger {
	cfg := zap.NewProductionEncoderConfig()
	cfg.EncodeTime = zapcore.ISO8601TimeEncoder
	enc := zapcore.NewJSONEncoder(cfg)
	if form == "console" {
		enc = zapcore.NewConsoleEncoder(cfg)
	}
	core := zapcore.NewCore(enc, zapcore.Lock(zapcore.AddSync(w)), zap.InfoLevel)
	return zap.New(zapcore.NewSamplerWithOptions(core, time.Second, 10, 100))
}

// serve runs until the context ends.
func serve(ctx context.Context, errs io.Writer) int {
	get, err := environment(".env")
	if err != nil {
		fmt.Fprintf(errs, "patikra: %s\n", sheet.In(languageOf(errs), err))
		return misuse
	}
	set, err := read(get)
	if err != nil {
		fmt.Fprintf(errs, "patikra: %s\n", sheet.Say("these settings are wrong:\n%v", err).In(languageOf(errs)))
		return misuse
	}
	log := logger(set.log, errs)
	defer log.Sync()
	for _, why := range set.unsafe() {
		log.Warn("an unsafe setting", zap.String("setting", why))
	}
	for _, name := range strangers(".env", os.Environ()) {
		log.Warn("there is no setting of that name, and it is passed over", zap.String("name", name))
	}
	if err := start(ctx, set, log); err != nil {
		log.Error("stopped", zap.Error(err))
		return found
	}
	log.Info("stopped")
	return fine
}

// foldedNote tells that cases from the web were put aside.
func foldedNote(b *desk.Desk, log *zap.Logger) func(context.Context) error {
	var told atomic.Bool
	return func(ctx context.Context) error {
		folded, err := b.Folded(ctx)
		if err != nil {
			return nil // the store's own part tells when it is away
		}
		if len(folded) == 0 {
			told.Store(false)
			return nil
		}
		if !told.Swap(true) {
			log.Warn("more cases come from the web page than the desk can look at; the others are put aside, see the desk in a browser", zap.Int("cases", len(folded)))
		}
		return fmt.Errorf("%d cases from the web page are put aside; a lead finds them in the queue of the desk in a browser", len(folded))
	}
}

// unledNote tells that nobody leads any more, and what the way back is.
func unledNote(b *desk.Desk) func(context.Context) error {
	return func(ctx context.Context) error {
		since, unled, err := b.Unled(ctx)
		if err != nil || !unled {
			return nil // that the store is away is told elsewhere
		}
		return fmt.Errorf("nobody leads the desk in a browser since %s, when the last lead left the counsellors' group; to invite one, run: patikra invite NAME --role lead",
			since.UTC().Format("2006-01-02 15:04"))
	}
}

// leadsEvery is how often it is looked whether anybody still leads.
const leadsEvery = 30 * time.Second

// watchLeads logs that nobody leads any more when it becomes so, and at the start of a program.
func watchLeads(ctx context.Context, b *desk.Desk, log *zap.Logger) {
	note, told := unledNote(b), false
	for {
		err := note(ctx)
		if err != nil && !told {
			log.Warn(err.Error())
		}
		told = err != nil
		select {
		case <-ctx.Done():
			return
		case <-time.After(leadsEvery):
		}
	}
}

// broken logs a mistake of the program that was contained.
func broken(log *zap.Logger) func(part string, p *bot.Panic) {
	return func(part string, p *bot.Panic) {
		log.Error("a mistake of the program was contained", zap.String("event", "contained."+part), zap.String("what", p.What),
			zap.String("where", p.Where), zap.String("stack", p.Stack))
	}
}

// contained is a handler in which a mistake of the program costs one page, and is told to Broke.
func contained(b *desk.Desk, h http.Handler) http.Handler {
	return server.Contain(h, func(p *bot.Panic) { b.Broke("page", p) },
		server.Apology(func(r *http.Request) string { return talk.Notice(b.Library(), "outage", acceptable(r)...) }))
}

// setAside tells of updates that broke their turn.
func setAside(b *desk.Desk) func(context.Context) error {
	return func(ctx context.Context) error {
		a, err := b.Aside(ctx)
		if err != nil || a.Number == 0 {
			return nil // that the store is away is told elsewhere
		}
		return fmt.Errorf("%d updates were set aside since %s because they broke the program, the last at %s in %s; the log has more",
			a.Number, a.First.Format(time.DateOnly), a.Last.Format("2006-01-02 15:04"), a.Where)
	}
}

// acceptable lists the languages that a browser asks for, as it names them.
func acceptable(r *http.Request) (tags []string) {
	for _, part := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if tag != "" && len(tags) < 8 {
			tags = append(tags, tag)
		}
	}
	return tags
}

// start wires everything and runs it.
func start(ctx context.Context, set settings, log *zap.Logger) error {
	fsys, err := files(set.files)
	if err != nil {
		return fmt.Errorf("PATIKRA_FILES: the folder cannot be read: %w", err)
	}
	as := newWatch(set.files) // before they are read: what is saved while the program starts is seen
	lib, err := library.Open(fsys)
	if err != nil {
		return fmt.Errorf("the quizzes and texts have mistakes (patikra check lists them):\n%w", err)
	}
	store, err := openStore(ctx, set)
	if err != nil {
		return err
	}
	defer store.Close()
	return startOn(ctx, set, fsys, as, lib, store, log)
}

// startOn is start with the files that were read, as they were then, and the store that was opened.
func startOn(ctx context.Context, set settings, fsys fs.FS, as *watch, lib *library.Library, store *opened, log *zap.Logger) error {
	if shared, ok := store.Guard.Store.(*redisstore.Store); ok {
		end, err := shared.Use(ctx, func(err error) {
			log.Error("this program runs beside a restore, and what is written now may be lost: stop it until that is done", zap.Error(err))
		})
		if err != nil {
			return err
		}
		defer end()
	}
	ring, storeName := store.ring, store.name
	numbers := metrics.New(version)
	measured := numbers.Store(store)
	b := desk.New(lib, measured, ring)
	b.Files, b.Meter = fsys, numbers
	numbers.Watch(b, store.Guard.Store)
	notes, _ := store.Guard.Store.(interface{ Note(context.Context) error })
	if notes != nil {
		first, known := context.WithTimeout(ctx, 2*time.Second)
		if err := notes.Note(first); err != nil {
			log.Warn(storeName, zap.Error(err))
		}
		known()
	}
	b.Broke = broken(log)
	b.Idle, b.Chat, b.Always = set.idle, set.chat, set.always
	parts := []server.Part{{Name: storeName, Ready: store.Ping}, {Name: "places", Note: numbersNote(b)}, {Name: "updates", Note: setAside(b)}}
	if notes != nil {
		parts = append(parts, server.Part{Name: storeName, Note: notes.Note})
	}
	var channels []bot.Channel
	room := media.New(media.Settings{})
	sources := map[string]func(bot.Media) media.Source{}
	var tg *telegram.Telegram
	var desk *telegram.Desk
	if set.token != "" {
		secrets := []string{set.secret}
		if set.secret == "" {
			secrets = ring.Secrets("telegram")
		}
		tg = telegram.New(telegram.Settings{Token: set.token, API: set.api, URL: set.url, Hook: set.hook, Secret: secrets[0], Others: secrets[1:], Flood: set.flood, Files: room}, b, log)
		sources[telegram.Name] = tg.Source
		channels = append(channels, tg)
		parts = append(parts, server.Part{Name: "telegram", Ready: tg.Ready}, server.Part{Name: "telegram", Note: tg.Note})
		if set.desk != 0 {
			desk = tg.NewDesk(set.desk)
			channels = append(channels, desk)
			parts = append(parts, server.Part{Name: bot.DeskName, Note: desk.Note})
			b.Desk = engine.Reach{On: true, Topics: true, Group: true}
		}
	}
	var other *inbox.Inbox
	if set.inbox.URL != "" {
		other = inbox.New(set.inbox, b.Bot, log)
		channels = append(channels, other)
		b.Desk = engine.Reach{On: true, Topics: true}
	}
	var fb *messenger.Messenger
	if set.messenger.On() {
		if set.named {
			set.messenger.Voices = set.url
		}
		fb = messenger.New(set.messenger, b.Bot, log)
		sources[messenger.Name] = kept.Web(http.DefaultTransport)
		channels = append(channels, fb)
		parts = append(parts, server.Part{Name: messenger.Name, Ready: fb.Ready})
	}
	b.Draws = map[string]bool{web.Name: true}
	b.Photos = map[string]bool{messenger.Name: true}
	if set.named { // an address of this machine alone is of no use in a chat
		b.Certify(set.url)
	}
	var chats []string
	if tg != nil {
		chats = append(chats, telegram.Name)
	}
	if fb != nil {
		chats = append(chats, messenger.Name)
	}
	var counsellors *console.Console
	page, err := web.New(web.Settings{Folder: fsys, Sheet: func(l *library.Library, lang, campaign, size, form string) ([]byte, error) {
		return sheetOf(l, lang, campaign, set.url, size, form)
	}, Writes: func(at bot.Address) { counsellors.Typing(at) }, Chats: chats, URL: set.url, AnyHost: !set.named, Secrets: ring.Secrets, NoLimit: set.flood == 0, Files: room, Left: leftIn(set.data, ring)}, b, log)
	if err != nil {
		return err
	}
	parts = append(parts, server.Part{Name: web.Name, Note: page.Note}, server.Part{Name: "queue", Note: foldedNote(b, log)}, server.Part{Name: bot.ConsoleName, Note: unledNote(b)})
	caller := push.New(push.Settings{Subject: answerable(set.url, lib), Count: numbers.Pushed, Open: func(account string) bool { return counsellors.Open(account) }}, b, log)
	b.Calls = caller.Call
	atDesk := console.Settings{URL: set.url, AnyHost: !set.named, Secrets: ring.Secrets, Writes: page.Types, Reads: page.Reads, Sight: page.Sight, Pusher: caller}
	if set.translate != nil {
		atDesk.Translator = set.translate
	}
	counsellors, err = console.New(atDesk, b, log)
	if err != nil {
		return err
	}
	first, known := context.WithTimeout(ctx, 500*time.Millisecond)
	b.Accounts(first) // so that the desk is on from the first update; KeepDesk looks again
	known()
	channels, b.Keeps = append(channels, kept.New(b.Bot, room, sources)), true
	for i, c := range channels {
		channels[i] = numbers.Channel(c)
	}
	box := outbox.New(b.Bot, measured, set.overall, log, channels...)
	parts = append(parts, server.Part{Name: "outbox", Note: box.Note})
	if desk != nil {
		desk.Link = func(ctx context.Context, name string, who bot.Actor) (string, error) {
			link, err := console.InviteMember(ctx, b, set.url, name, who, time.Now())
			if err != nil && link != "" {
				log.Warn("a link to the desk's page could not be noted", zap.Error(err))
				err = nil
			}
			return link, err
		}
		box.Lane(bot.DeskName, set.group, telegram.Name)
		desk.Pace = func(ctx context.Context) error { return box.Pace(ctx, bot.DeskName) }
	} else if other != nil {
		box.Lane(bot.DeskName, bot.Pace{}, "")
	}
	box.Lane(bot.FilesName, bot.Pace{}, "")
	b.Sender = box

	var wg sync.WaitGroup
	spawn := func(f func(context.Context)) {
		wg.Add(1)
		go func() { defer wg.Done(); b.Keep(ctx, "loop", f) }()
	}
	joined := join(ctx, b, set.files, log) // before anybody writes, if the store can be reached
	page.Resume()
	spawn(box.Run)
	spawn(spare)
	spawn(func(ctx context.Context) { books(ctx, b, set.files, as, joined, log) })
	spawn(b.KeepDesk)
	spawn(b.KeepRaising)
	spawn(func(ctx context.Context) { wake(ctx, b, log) })
	spawn(store.Watch)
	spawn(counsellors.Run)
	spawn(caller.Run)
	spawn(func(ctx context.Context) { watchLeads(ctx, b, log) })
	work := admin(&staff{bot: b, store: store, set: set}, log)
	if set.redis == "" { // with Redis a command opens the store itself
		if l, err := control(set.data); err != nil {
			log.Warn("commands on this machine cannot ask this program: the socket in PATIKRA_DATA cannot be opened", zap.Error(err))
		} else {
			spawn(func(ctx context.Context) { answerControl(ctx, l, contained(b, work), log) })
		}
	}
	wrong := adminTries()
	site := server.New(parts, func(mux *http.ServeMux) {
		mux.Handle("/", page)
		mux.Handle(adminPath, remote(set.admin, wrong, log, work))
		mux.HandleFunc("GET "+securityPath, securityText(b, set.url))
		mux.Handle("/metrics", guessed(set.admin, wrong, log, numbers.Handler(func(r *http.Request) bool { return bearer(r, set.admin) })))
		mux.Handle(console.Path, counsellors)
		mux.Handle(console.Path+"/", counsellors)
		if tg != nil && set.hook {
			mux.Handle("/telegram", tg)
		}
		if other != nil {
			mux.Handle("/inbox", other)
		}
		if fb != nil {
			mux.Handle("/messenger", fb)
		}
	})
	site.RegisterOnShutdown(counsellors.Close)
	site.ErrorLog = server.ErrorLog(log)
	site.Handler = contained(b, site.Handler)
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	wg.Add(1)
	go func() { defer wg.Done(); failed <- server.Serve(stop, site, set.listen) }()
	if tg != nil {
		spawn(tg.Run)
		if desk != nil {
			spawn(desk.Run)
			spawn(desk.Watch)
			spawn(desk.KeepBoard)
		}
	}
	if fb != nil {
		spawn(fb.Run)
	}
	log.Info("patikra runs", zap.String("listen", set.listen), zap.String("store", storeName), zap.Bool("telegram", tg != nil), zap.Bool("messenger", fb != nil))
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	cancel()
	last, ended := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer ended()
	if !page.Settle(last) {
		log.Warn("some who have left the web page are not erased yet: the store is away; they are erased at the next start where PATIKRA_DATA is a folder, and else end with their time of silence")
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
	return err
}

// answerable is whom a push service may tell of a fault: the program's own address, or whoever site.yaml names where that is of this machine alone.
func answerable(url string, lib *library.Library) string {
	if strings.HasPrefix(url, "https:") {
		return url
	}
	if s := cmp.Or(lib.Catalog.Site.Security, lib.Catalog.Site.Link); strings.HasPrefix(s, "https:") {
		return s
	} else if mail, ok := strings.CutPrefix(s, "mailto:"); ok {
		return mail
	}
	return "nobody@localhost"
}

// wake looks at every open case once; it tries again while the store is away.
func wake(ctx context.Context, b *desk.Desk, log *zap.Logger) {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		call, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := b.WakeCases(call)
		cancel()
		if err == nil || ctx.Err() != nil {
			return
		}
		log.Debug("the open cases cannot be looked at yet", zap.Error(err))
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// securityPath is where people who find a fault look for whom to tell (RFC 9116).
const securityPath = "/.well-known/security.txt"

// securityText says whom to tell of a fault, as site.yaml has it.
func securityText(b *desk.Desk, base string) http.HandlerFunc {
	const life = 180 * 24 * time.Hour // so that an address that nobody reads any more is not believed for ever
	return func(w http.ResponseWriter, r *http.Request) {
		site := b.Library().Catalog.Site
		contact := cmp.Or(site.Security, site.Link)
		if contact == "" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		fmt.Fprintf(w, "Contact: %s\nExpires: %s\nPreferred-Languages: lt, en\nCanonical: %s%s\n", contact, time.Now().Add(life).UTC().Format(time.RFC3339), base, securityPath)
	}
}
