package push_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/outbox"
	"patikra/bot/push"
	"patikra/bot/push/pushtest"
	"patikra/bot/redisstore"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/storetest"
)

// office is a program with counsellors, and a push service.
type office struct {
	t       *testing.T
	bot     *desk.Desk
	store   bot.Store
	push    *push.Pusher
	service *pushtest.Service
	logs    *observer.ObservedLogs
	open    sync.Map // accounts that have the page open
	counts  sync.Map
	looks   atomic.Int64 // how often it was looked whether a page is open
	end     func()       // ends what the program does, and waits for it
}

// silent is a channel that delivers nowhere.
type silent struct{}

func (silent) Name() string                                        { return "test" }
func (silent) Deliver(context.Context, bot.Message) (int64, error) { return 1, nil }

// stores opens a new store of each kind.
func stores(t *testing.T, f func(t *testing.T, open func() bot.Store)) {
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		f(t, func() bot.Store {
			s, err := sqlitestore.Open(dir, 8)
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
	t.Run("redis", func(t *testing.T) {
		url := storetest.RedisServer(t).URL()
		f(t, func() bot.Store {
			s, err := redisstore.Open(t.Context(), redisstore.Options{URL: url, Partitions: 8})
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
}

func newDesk(t *testing.T, service *pushtest.Service, store bot.Store, key string, older ...string) *office {
	t.Helper()
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.New(key, 8, older...)
	if err != nil {
		t.Fatal(err)
	}
	guard := engine.NewGuard(store, ring, "PATIKRA_KEY")
	if err := guard.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zapcore.DebugLevel)
	d := &office{t: t, bot: desk.New(lib, guard, ring), store: guard, service: service, logs: logs}
	d.bot.Always = true
	d.push = push.New(push.Settings{Subject: "https://patikra.example", Services: []string{service.Host()}, Roots: service.Roots(), Inside: true,
		Wait: func(int) time.Duration { return time.Millisecond }, Open: func(a string) bool { defer d.looks.Add(1); _, ok := d.open.Load(a); return ok },
		Count: func(o string) { n, _ := d.counts.LoadOrStore(o, new(atomic.Int64)); n.(*atomic.Int64).Add(1) }}, d.bot, zap.New(core))
	d.bot.Calls = d.push.Call
	box := outbox.New(d.bot.Bot, guard, bot.Pace{}, zap.NewNop(), silent{})
	d.bot.Sender = box
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { box.Run(ctx) })
	wg.Go(func() { d.push.Run(ctx) })
	d.end = func() { cancel(); wg.Wait() }
	t.Cleanup(func() { d.end(); store.Close() })
	return d
}

// enters lets somebody in.
func (d *office) enters(name string, role desk.Role) (desk.Account, string) {
	d.t.Helper()
	token, _, err := d.bot.Invite(d.t.Context(), name, role, time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	a, cookie, err := d.bot.Enter(d.t.Context(), token, time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	return a, cookie
}

// called lets an account be called in a browser.
func (d *office) called(a desk.Account, cookie string, away bool) desk.Browser {
	d.t.Helper()
	key, ok := d.push.Key()
	if !ok {
		d.t.Fatal("there is no key")
	}
	x := d.service.Subscribe(key)
	x.Away = away
	if err := d.push.Check(x); err != nil {
		d.t.Fatal(err)
	}
	if err := d.bot.CallIn(d.t.Context(), a, cookie, x, time.Now()); err != nil {
		d.t.Fatal(err)
	}
	return x
}

func (d *office) duty(a desk.Account) {
	d.t.Helper()
	if err := d.bot.OnDuty(d.t.Context(), a.Actor(), true); err != nil {
		d.t.Fatal(err)
	}
}

func (d *office) handle(u bot.Update) {
	d.t.Helper()
	if u.At.IsZero() {
		u.At = time.Now()
	}
	if u.From.ID == "" {
		u.From = anna
	}
	u.Locale = "en"
	r, err := d.bot.Handle(d.t.Context(), u)
	if err != nil || r.Refused {
		d.t.Fatalf("%v %v", r, err)
	}
}

var anna = bot.Address{Channel: "test", ID: "anna-1970"}

// asks takes a person from nothing to a case.
func (d *office) asks() {
	d.t.Helper()
	for _, text := range []string{"/start", "/human"} {
		d.handle(bot.Update{Kind: bot.Typed, Text: text})
	}
	d.handle(bot.Update{Kind: bot.Pressed, Text: "human:agree"})
}

// due lets the case's time come.
func (d *office) due() {
	d.t.Helper()
	d.handle(bot.Update{Kind: bot.Due, At: time.Unix(d.case_().Due, 0)})
}

func (d *office) case_() *bot.Case {
	d.t.Helper()
	s, err := d.bot.Session(d.t.Context(), anna)
	if err != nil {
		d.t.Fatal(err)
	}
	return s.Case
}

func (d *office) log() string {
	d.t.Helper()
	lines, err := d.bot.Log(d.t.Context(), d.bot.Key(anna), 0)
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		out = append(out, l.Text)
	}
	return strings.Join(out, "\n")
}

func (d *office) soon(what string, f func() bool) {
	d.t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			d.t.Fatalf("%s: never came; the service refused %q, the log says %v\n%s", what, d.service.Refused(), d.logs.All(), d.log())
		}
	}
}

func (d *office) count(outcome string) int64 {
	n, ok := d.counts.Load(outcome)
	if !ok {
		return 0
	}
	return n.(*atomic.Int64).Load()
}

// got waits until a browser has read that many calls.
func (d *office) got(x desk.Browser, n int) {
	d.t.Helper()
	d.soon(fmt.Sprint(n, " calls"), func() bool { return len(d.service.Got(x)) == n })
}

func TestAWaitingCaseCallsWhoIsOnDutyThenTheLeadUntilItIsTakenWithTheirPagesClosed(t *testing.T) {
	stores(t, func(t *testing.T, open func() bot.Store) {
		d := newDesk(t, pushtest.New(t), open(), seal.NewKey())
		ruta, cookie := d.enters("Rūta", "")
		phone, office := d.called(ruta, cookie, false), d.called(ruta, cookie, false)
		jonas, cookie := d.enters("Jonas", desk.Lead)
		lead := d.called(jonas, cookie, false)
		ona, cookie := d.enters("Ona", "")
		off := d.called(ona, cookie, false)
		d.duty(ruta)
		d.asks()
		d.got(phone, 1)
		d.got(office, 1)
		d.soon("a note of it", func() bool {
			return strings.Contains(d.log(), "Pakviesta per naršyklę, nors langas uždarytas: Rūta. Naršyklių: 2.")
		})
		if n := len(d.service.Got(lead)); n != 0 {
			t.Errorf("the lead was called %d times at once, though somebody is on duty", n)
		}
		d.due() // once more
		d.got(phone, 2)
		d.due() // with the lead
		d.got(lead, 1)
		d.got(phone, 3)
		d.soon("a note of the lead", func() bool { return strings.Contains(d.log(), "Jonas, Rūta. Naršyklių: 3.") })
		d.due() // nobody has come; the person is told
		d.got(lead, 2)
		d.soon("four notes", func() bool { return strings.Count(d.log(), "Pakviesta per naršyklę") == 4 })
		d.handle(bot.Update{Kind: bot.Acted, Text: "take", Actor: ruta.Actor()})
		d.handle(bot.Update{Kind: bot.Said, Text: "I am here", Actor: ruta.Actor()})
		if n := len(d.service.Got(off)); n != 0 {
			t.Errorf("somebody off duty was called %d times", n)
		}
		counts, err := d.store.Counts(t.Context(), time.Now().UTC().Format(time.DateOnly))
		if err != nil || counts["handoff.pushed"] < 4 {
			t.Errorf("counted are %v %v", counts, err)
		}
		for _, m := range d.service.Got(phone) {
			if m.TTL != "600" || m.Urgency != "high" || m.Subject != "https://patikra.example" {
				t.Errorf("%+v", m)
			}
		}
		if r := d.service.Refused(); len(r) > 0 {
			t.Errorf("refused: %q", r)
		}
	})
}

func TestATalkThatIsNotAnsweredCallsItsCounsellorWithThePageClosedThenTheLead(t *testing.T) {
	stores(t, func(t *testing.T, open func() bot.Store) {
		d := newDesk(t, pushtest.New(t), open(), seal.NewKey())
		ruta, cookie := d.enters("Rūta", "")
		own := d.called(ruta, cookie, false)
		jonas, cookie := d.enters("Jonas", desk.Lead)
		lead := d.called(jonas, cookie, false)
		d.duty(ruta)
		d.open.Store(ruta.ID, true)
		d.asks()
		d.handle(bot.Update{Kind: bot.Acted, Text: "take", Actor: ruta.Actor()})
		d.handle(bot.Update{Kind: bot.Said, Text: "I am here", Actor: ruta.Actor()})
		d.handle(bot.Update{Kind: bot.Typed, Text: "He is at the door"})                // it rings at the open page
		d.soon("it is looked for the page", func() bool { return d.looks.Load() == 4 }) // of both accounts, at both first steps
		d.handle(bot.Update{Kind: bot.Said, Text: "Go on", Actor: ruta.Actor()})
		d.open.Delete(ruta.ID)
		d.handle(bot.Update{Kind: bot.Typed, Text: "He knocks"})
		d.got(own, 1)
		d.handle(bot.Update{Kind: bot.Typed, Text: "Please"}) // the same wait
		d.open.Store(ruta.ID, true)
		d.due()
		d.got(own, 2) // the open page did not help
		d.due()
		d.got(lead, 1)
		d.got(own, 3)
		d.due() // back in the queue: everybody again, except where the page is open
		d.soon("it waits again", func() bool { return d.case_().State == bot.Waiting })
		d.soon("all steps are noted", func() bool { return strings.Count(d.log(), "Pakviesta per naršyklę") == 3 })
		if n := len(d.service.Got(own)); n != 3 {
			t.Errorf("%d calls with the page open", n)
		}
	})
}

func TestWhereNobodyIsOnDutyTheLeadsAndWhoHasAskedForItAreCalled(t *testing.T) {
	d := newDesk(t, pushtest.New(t), sqlite(t), seal.NewKey())
	jonas, cookie := d.enters("Jonas", desk.Lead)
	lead := d.called(jonas, cookie, false)
	ruta, cookie := d.enters("Rūta", "")
	willing := d.called(ruta, cookie, true)
	ona, cookie := d.enters("Ona", "")
	other := d.called(ona, cookie, false)
	vita, cookie := d.enters("Vita", "editor")
	texts := d.called(vita, cookie, true)
	d.asks()
	d.got(lead, 1)
	d.got(willing, 1)
	d.soon("a note of it", func() bool { return strings.Contains(d.log(), "Jonas, Rūta. Naršyklių: 2.") })
	if n := len(d.service.Got(other)) + len(d.service.Got(texts)); n != 0 {
		t.Errorf("%d calls of those who did not ask for it or see no cases", n)
	}
}

func TestOutsideTheHoursAClosedPageIsCalledInDangerAlone(t *testing.T) {
	d := newDesk(t, pushtest.New(t), sqlite(t), seal.NewKey())
	d.bot.Always = false
	jonas, cookie := d.enters("Jonas", desk.Lead)
	d.called(jonas, cookie, true)
	night := time.Now()
	for d.bot.Library().Catalog.Desk.Opens(night).Equal(night) {
		night = night.Add(time.Hour)
	}
	for danger, want := range map[bool]int{true: 1, false: 0} {
		got, err := d.bot.Called(t.Context(), bot.Calling{Danger: danger, At: night}, func(string) bool { return false })
		if err != nil || len(got) != want {
			t.Errorf("danger %v: %d are called %v", danger, len(got), err)
		}
	}
}

func sqlite(t *testing.T) bot.Store {
	s, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Whatever the case, whoever waits and whatever they have written: all that leaves is the same words, sealed to the same length.
func TestNoPushNamesAPerson(t *testing.T) {
	d := newDesk(t, pushtest.New(t), sqlite(t), seal.NewKey())
	ruta, cookie := d.enters("Rūta", desk.Lead)
	x := d.called(ruta, cookie, false)
	d.handle(bot.Update{Kind: bot.Typed, Text: "/start"})
	d.handle(bot.Update{Kind: bot.Typed, Text: "they hold my passport and beat me"})
	d.asks()
	d.handle(bot.Update{Kind: bot.Typed, Text: "My name is Anna Example, +370 612 34567"})
	d.due()
	d.due()
	d.got(x, 3)
	word := d.case_().Word
	for _, m := range d.service.Got(x) {
		if m.Words != "Konsultantų lange kažkas laukia." || m.Size != d.service.Got(x)[0].Size || m.Topic != "desk" {
			t.Errorf("%+v", m)
		}
		for _, bad := range append(strings.Fields(word), word, "Anna", "612", "passport", "English", "Skubu", anna.ID) {
			if strings.Contains(m.Words+m.Topic, bad) {
				t.Errorf("%q is in %+v", bad, m)
			}
		}
	}
	for _, l := range d.logs.All() {
		if text := fmt.Sprint(l.Message, l.ContextMap()); strings.Contains(text, x.Endpoint) || strings.Contains(text, x.Auth) {
			t.Errorf("the log gives the browser away: %s", text)
		}
	}
}

func TestABrowserThatHasEndedIsDroppedAndOneThatAsksForAMomentIsCalledAgain(t *testing.T) {
	stores(t, func(t *testing.T, open func() bot.Store) {
		d := newDesk(t, pushtest.New(t), open(), seal.NewKey())
		ruta, cookie := d.enters("Rūta", "")
		gone := d.called(ruta, cookie, false)
		d.duty(ruta)
		d.service.End(gone)
		d.asks()
		d.soon("it is dropped", func() bool { all, err := d.bot.Browsers(t.Context()); return err == nil && len(all) == 0 })
		d.soon("a note of it", func() bool { return strings.Contains(d.log(), "Pakviesti per naršyklę nepavyko: Rūta.") })
		x := d.called(ruta, cookie, false)
		begin := time.Now()
		d.service.Say(func(n int) (int, http.Header) {
			return []int{429, 503, 0}[min(n, 2)], http.Header{"Retry-After": {[]string{"1", ""}[min(n, 1)]}}
		})
		d.due()
		d.got(x, 1)
		if took := time.Since(begin); took < time.Second || d.service.Asked() != 3 {
			t.Errorf("%d requests in %s, though the first was to be repeated after a second", d.service.Asked(), took)
		}
		d.soon("the outcomes are counted", func() bool { return d.count(push.Ended) == 1 && d.count(push.Taken) == 1 })
	})
}

func TestAServiceThatRefusesIsNotAskedAgainAndARedirectLeadsNowhere(t *testing.T) {
	d := newDesk(t, pushtest.New(t), sqlite(t), seal.NewKey())
	ruta, cookie := d.enters("Rūta", "")
	d.called(ruta, cookie, false)
	d.duty(ruta)
	d.service.Say(func(int) (int, http.Header) {
		return http.StatusTemporaryRedirect, http.Header{"Location": {"https://" + d.service.Host() + "/other"}}
	})
	d.asks()
	d.soon("it is refused", func() bool { return d.count(push.Refused) == 1 })
	if n := d.service.Asked(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestBrowsersGoOnBeingCalledAfterARestartAndAChangeOfTheKey(t *testing.T) {
	stores(t, func(t *testing.T, open func() bot.Store) {
		service, old, next := pushtest.New(t), seal.NewKey(), seal.NewKey()
		var x desk.Browser
		t.Run("before", func(t *testing.T) {
			d := newDesk(t, service, open(), old)
			ruta, cookie := d.enters("Rūta", "")
			x = d.called(ruta, cookie, false)
			d.duty(ruta)
		})
		t.Run("after", func(t *testing.T) {
			d := newDesk(t, service, open(), next, old)
			if _, err := d.bot.Accounts(t.Context()); err != nil { // as a program does when it starts
				t.Fatal(err)
			}
			d.asks()
			d.got(x, 1)
		})
	})
}

func TestSigningOutAndRemovingAnAccountEndTheCallsAndFiveBrowsersAreTheMost(t *testing.T) {
	stores(t, func(t *testing.T, open func() bot.Store) {
		d := newDesk(t, pushtest.New(t), open(), seal.NewKey())
		left := func() (n int) {
			all, err := d.bot.Browsers(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		d.enters("Jonas", desk.Lead)
		ruta, first := d.enters("Rūta", "")
		_, second := d.enters("Rūta", "")
		d.called(ruta, first, false)
		d.called(ruta, second, false)
		if err := d.bot.SignOut(t.Context(), first, time.Now()); err != nil || left() != 1 {
			t.Errorf("%d browsers after one signed out %v", left(), err)
		}
		for range 7 {
			d.called(ruta, second, false)
		}
		if left() != 5 {
			t.Errorf("%d browsers of one account", left())
		}
		ona, other := d.enters("Ona", "")
		mine := d.called(ona, other, false)
		if err := d.bot.RemoveAccount(t.Context(), ruta.ID, time.Now()); err != nil || left() != 1 {
			t.Errorf("%d browsers after an account was removed %v", left(), err)
		}
		// A colleague signs in there: whoever was called is no longer.
		vita, cookie := d.enters("Vita", "")
		if _, on, err := d.bot.CalledIn(t.Context(), vita, cookie, mine.Endpoint, time.Now()); on || err != nil || left() != 0 {
			t.Errorf("%v %v, %d browsers", on, err, left())
		}
	})
}

func TestAnAddressOfABrowserLeadsNowhereButToPushServices(t *testing.T) {
	d := newDesk(t, pushtest.New(t), sqlite(t), seal.NewKey())
	real := push.New(push.Settings{Open: func(string) bool { return false }}, d.bot, zap.NewNop())
	key, _ := d.push.Key()
	x := d.service.Subscribe(key)
	check := func(endpoint string) error {
		y := x
		y.Endpoint = endpoint
		return real.Check(y)
	}
	for _, good := range []string{"https://fcm.googleapis.com/fcm/send/abc:APA91b-_x", "https://web.push.apple.com/QAbc", "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
		"https://wns2-par02p.notify.windows.com/w/?token=BQYAA%3d%3d"} {
		if err := check(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "http://fcm.googleapis.com/x", "https://fcm.googleapis.com", "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com:443/x", "https://u:p@fcm.googleapis.com/x",
		"https://u@fcm.googleapis.com/x", "https://fcm.googleapis.com.example/x", "https://examplefcm.googleapis.com/x", "https://.push.apple.com/x", "https://push.apple.com/x", "https://xpush.apple.com/x",
		"https://127.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/latest", "https://localhost/x", "https://10.0.0.1/x", "https://2130706433/x", "https://0x7f000001/x",
		"https://fcm.googleapis.com@127.0.0.1/x", "https://127.0.0.1#@fcm.googleapis.com/x", "https://127.0.0.1\\@fcm.googleapis.com/x", "https:fcm.googleapis.com/x", "//fcm.googleapis.com/x",
		"https://fcm.googleapis.com/x#y", "https://fcm.googleapis.com/x y", "https://fcm.googleapis.com/\r\nHost: x", "https://fcm.googleapis.com%2eexample/x", "ftp://fcm.googleapis.com/x", "file:///etc/passwd",
		"https://ｆcm.googleapis.com/x", "https://fcm.googleapis.com/" + strings.Repeat("a", push.MostEndpoint)} {
		if check(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for _, y := range []desk.Browser{{Key: "", Auth: x.Auth}, {Key: x.Key, Auth: ""}, {Key: x.Key[:40], Auth: x.Auth}, {Key: x.Key, Auth: x.Auth + "AA"}, {Key: "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Auth: x.Auth}} {
		y.Endpoint = "https://fcm.googleapis.com/x"
		if real.Check(y) == nil {
			t.Errorf("%+v is taken", y)
		}
	}
	for at, public := range map[string]bool{"142.250.1.1": true, "2a00:1450:4001::1": true, "17.57.1.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "0.1.2.3": false,
		"224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false, "192.0.2.1": false, "::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false,
		"fe80::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "2002:7f00:1::": false, "2001::1": false, "2001:db8::1": false, "fec0::1": false} {
		ip := netip.MustParseAddr(at)
		if err := push.Outside(netip.AddrPortFrom(ip, 443).String()); (err == nil) != public {
			t.Errorf("%s: %v", at, err)
		}
		if push.Outside(netip.AddrPortFrom(ip, 80).String()) == nil {
			t.Errorf("%s at another port", at)
		}
	}
}

// The name of a push service may lead into the own network at the moment it is called: what counts is what is dialled.
func TestAPushServiceWhoseNameLeadsInsideIsNotCalled(t *testing.T) {
	d := newDesk(t, pushtest.New(t), sqlite(t), seal.NewKey())
	outcomes := make(chan string, 10)
	real := push.New(push.Settings{Subject: "https://patikra.example", Services: []string{d.service.Host()}, Roots: d.service.Roots(),
		Open: func(string) bool { return false }, Count: func(o string) { outcomes <- o }}, d.bot, zap.NewNop())
	d.bot.Calls = real.Call
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { real.Run(ctx); close(ended) }()
	defer func() { cancel(); <-ended }()
	ruta, cookie := d.enters("Rūta", "")
	x := d.called(ruta, cookie, false)
	d.duty(ruta)
	d.asks()
	select {
	case o := <-outcomes:
		if o != push.Refused {
			t.Errorf("it was %s", o)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came of it")
	}
	if d.service.Asked() != 0 || len(d.service.Got(x)) != 0 {
		t.Error("it was called")
	}
}

func TestACallThatHangsHoldsUpNoTurn(t *testing.T) {
	d := newDesk(t, pushtest.New(t), sqlite(t), seal.NewKey())
	ruta, cookie := d.enters("Rūta", "")
	d.called(ruta, cookie, false)
	d.duty(ruta)
	release := make(chan struct{})
	reached := make(chan struct{}, 100)
	d.service.Say(func(int) (int, http.Header) { reached <- struct{}{}; <-release; return 503, nil })
	defer close(release)
	d.asks()
	<-reached
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 600 { // more than there is room for
			d.push.Call(bot.Calling{Person: anna, At: time.Now()})
		}
		d.handle(bot.Update{Kind: bot.Typed, Text: "Are you there?"})
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("the person waits for a push service")
	}
	if d.count(push.Dropped) == 0 {
		t.Error("nothing was dropped")
	}
	if !slices.ContainsFunc(d.logs.All(), func(e observer.LoggedEntry) bool { return e.Level == zapcore.WarnLevel }) {
		t.Error("nobody is told")
	}
}

func TestWhatIsErasedWhileACallIsUnderWayStaysErased(t *testing.T) {
	stores(t, func(t *testing.T, open func() bot.Store) {
		d := newDesk(t, pushtest.New(t), open(), seal.NewKey())
		ruta, cookie := d.enters("Rūta", "")
		x := d.called(ruta, cookie, false)
		d.duty(ruta)
		reached, release := make(chan struct{}), make(chan struct{})
		d.service.Say(func(int) (int, http.Header) { close(reached); <-release; return 0, nil })
		d.asks()
		<-reached
		d.handle(bot.Update{Kind: bot.Pressed, Text: "erase:yes"})
		close(release)
		d.soon("the call arrives", func() bool { return d.count(push.Taken) == 1 })
		d.end() // what the call is noted by has been done, too
		if len(d.service.Got(x)) != 1 {
			t.Error("the call did not arrive")
		}
		rec, err := d.store.Load(t.Context(), d.bot.Key(anna))
		if err != nil || rec.Version != 0 || d.log() != "" {
			t.Errorf("of what was erased is kept: version %d, %v, %q", rec.Version, err, d.log())
		}
		if open, err := d.store.Cases(t.Context()); err != nil || len(open) != 0 {
			t.Errorf("%d cases are listed, %v", len(open), err)
		}
	})
}
