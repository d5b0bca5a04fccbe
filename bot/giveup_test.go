package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/outbox"
	"patikra/bot/seal"
	"patikra/bot/storetest"
)

// wire is a network that does as it is told, and notes when what was tried.
type wire struct {
	name   string
	refuse func(m bot.Message) error
	takes  func(m bot.Message) time.Duration // how long it is on its way; nil: no time

	mu    sync.Mutex
	tried map[string][]time.Time // by text
	got   []bot.Message
}

func (w *wire) Name() string { return w.name }

func (w *wire) Deliver(ctx context.Context, m bot.Message) (int64, error) {
	if w.takes != nil {
		select {
		case <-time.After(w.takes(m)):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tried == nil {
		w.tried = map[string][]time.Time{}
	}
	w.tried[m.Text] = append(w.tried[m.Text], time.Now())
	if w.refuse != nil {
		if err := w.refuse(m); err != nil {
			return 0, err
		}
	}
	w.got = append(w.got, m)
	return 0, nil
}

// when lists the tries of what has such a text.
func (w *wire) when(text string) []time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]time.Time(nil), w.tried[text]...)
}

// says counts what was delivered that holds a text.
func (w *wire) says(to, part string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.got {
		if (to == "" || m.To.ID == to) && strings.Contains(m.Text, part) {
			n++
		}
	}
	return n
}

// days is a program whose time passes as a value: run it within synctest.
type days struct {
	t            *testing.T
	bot          *desk.Desk
	box          *outbox.Outbox
	ring         *seal.Ring
	store        bot.Store
	people, desk *wire
	id           uint64
	end          func()
}

func begin(t *testing.T, lib *library.Library) *days {
	t.Helper()
	return paced(t, lib, newStrict(), bot.Pace{})
}

// paced is begin over a store, with an allowance of the channels.
func paced(t *testing.T, lib *library.Library, store bot.Store, overall bot.Pace) *days {
	t.Helper()
	ring, err := seal.New(seal.NewKey(), storetest.Partitions)
	if err != nil {
		t.Fatal(err)
	}
	d := &days{t: t, bot: desk.New(lib, store, ring), people: &wire{name: "test"}, desk: &wire{name: bot.DeskName}}
	d.bot.Desk, d.bot.Always = engine.Reach{On: true, Topics: true}, true
	box := outbox.New(d.bot.Bot, store, overall, zap.NewNop(), d.people, d.desk)
	d.bot.Sender, d.box, d.ring, d.store = box, box, ring, store
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { box.Run(ctx); close(done) }()
	d.end = func() { cancel(); <-done }
	return d
}

// put lets a message wait for somebody, past the turn.
func (d *days) put(who bot.Address, m bot.Message) {
	d.t.Helper()
	key := d.bot.Key(who)
	it := bot.Item{ID: 1, Due: time.Now(), Value: d.ring.Seal(key.Partition, key.Hash, 'm', m.Encode())}
	c := bot.Commit{Key: key, Next: 1, Value: []byte("x"), TTL: time.Hour, Now: time.Now(), Send: []bot.Item{it}}
	if _, err := d.store.Commit(context.Background(), c); err != nil {
		d.t.Fatal(err)
	}
}

func (d *days) does(who string, u bot.Update) {
	d.t.Helper()
	d.id++
	u.ID, u.From, u.Locale, u.At = d.id, bot.Address{Channel: "test", ID: who}, "en", time.Now()
	if _, err := d.bot.Handle(context.Background(), u); err != nil {
		d.t.Fatal(err)
	}
	time.Sleep(time.Second)
}

// talk lets somebody ask for a human, who comes.
func (d *days) talk(who string) {
	d.t.Helper()
	d.does(who, bot.Update{Kind: bot.Typed, Text: "/start"})
	d.does(who, bot.Update{Kind: bot.Typed, Text: "/human"})
	d.does(who, bot.Update{Kind: bot.Pressed, Text: "human:agree"})
	d.does(who, bot.Update{Kind: bot.Acted, Text: "take", Actor: bot.Actor{ID: "console:ruta", Name: "Ruta"}})
	if s, err := d.bot.Session(context.Background(), bot.Address{Channel: "test", ID: who}); err != nil || s.Case == nil || s.Case.State != bot.Taken {
		d.t.Fatalf("no talk: %+v %v", s.Case, err)
	}
}

// says lets the counsellor write to somebody.
func (d *days) says(who, text string) {
	d.t.Helper()
	d.does(who, bot.Update{Kind: bot.Said, Text: text, Actor: bot.Actor{ID: "console:ruta", Name: "Ruta"}})
}

var err500 = &bot.DeliveryError{Err: errors.New("500 Internal Server Error")}

func TestAChatThatAlwaysFailsIsTriedMoreAndMoreSeldomGivenUpAndToldToBothSides(t *testing.T) {
	lib := builtIn(t)
	synctest.Test(t, func(t *testing.T) {
		d := begin(t, lib)
		defer d.end()
		d.talk("anna")
		d.people.refuse = func(m bot.Message) error {
			if m.Text == "wait for me at the door" {
				return err500
			}
			return nil
		}
		d.says("anna", "wait for me at the door")
		d.says("anna", "I am coming")
		for range 120 { // others are served meanwhile
			d.does("others", bot.Update{Kind: bot.Typed, Text: "?"})
			time.Sleep(time.Minute)
		}
		tries := d.people.when("wait for me at the door")
		if len(tries) < 12 || len(tries) > 30 || tries[len(tries)-1].Sub(tries[0]) > time.Hour {
			t.Errorf("tried %d times", len(tries))
		}
		var longest time.Duration
		for i := 1; i < len(tries); i++ {
			gap := tries[i].Sub(tries[i-1])
			if i > 1 && gap < tries[i-1].Sub(tries[i-2])*8/10 && gap < 5*time.Minute {
				t.Errorf("pause %d is %v, after %v", i, gap, tries[i-1].Sub(tries[i-2]))
			}
			longest = max(longest, gap)
		}
		if longest < 4*time.Minute || longest > 7*time.Minute {
			t.Errorf("the longest pause is %v", longest)
		}
		t.Logf("%d tries in %v, the longest pause %v", len(tries), tries[len(tries)-1].Sub(tries[0]).Round(time.Second), longest.Round(time.Second))
		for _, told := range []string{"Žmogaus dar nepasiekė: „wait for me at the door“", "Žmogaus nepasiekė: „wait for me at the door“"} {
			if n := d.desk.says("", told); n != 1 {
				t.Errorf("the desk was told %d times: %s", n, told)
			}
		}
		if n := d.people.says("anna", "wrote something that could not be shown here"); n != 1 {
			t.Errorf("the person was told %d times", n)
		}
		if d.people.says("anna", "I am coming") != 1 {
			t.Error("what was said after it has not arrived")
		}
	})
}

func TestAnOutageOfHoursEndsNobodysWords(t *testing.T) {
	lib := builtIn(t)
	for name, err := range map[string]error{"answers 5xx": err500, "does not take what it is sent": &bot.DeliveryError{Place: true, Err: errors.New("not enough rights")}} {
		for _, which := range []string{"people", "desk"} {
			t.Run(which+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := begin(t, lib)
					defer d.end()
					d.talk("anna")
					net := map[string]*wire{"people": d.people, "desk": d.desk}[which]
					down := time.Now()
					net.mu.Lock()
					net.refuse = func(bot.Message) error {
						if time.Since(down) < 20*time.Hour {
							return err
						}
						return nil
					}
					net.mu.Unlock()
					words := []string{"one", "two", "three"}
					for _, w := range words {
						if which == "people" {
							d.says("anna", w)
						} else {
							d.does("anna", bot.Update{Kind: bot.Typed, Text: w})
						}
					}
					if which == "desk" {
						time.Sleep(3 * time.Minute)
						if d.people.says("anna", "have not got your message yet") != 1 {
							t.Error("the person was not told that it is late, or more than once")
						}
					}
					time.Sleep(21 * time.Hour)
					var got []string
					net.mu.Lock()
					for _, m := range net.got {
						if m.Human {
							got = append(got, m.Text)
						}
					}
					net.mu.Unlock()
					if strings.Join(got, " ") != "one two three" {
						t.Errorf("arrived: %q", got)
					}
					t.Logf("%d tries of the first in 20 hours", len(net.when("one")))
				})
			})
		}
	}
}

func TestWhileAChannelIsStoppedEverybodyWhoWaitsIsTold(t *testing.T) {
	lib := builtIn(t)
	synctest.Test(t, func(t *testing.T) {
		d := begin(t, lib)
		defer d.end()
		who := []string{"anna", "boris", "clara", "dora", "emil", "fania", "gita", "hana"}
		for _, w := range who {
			d.talk(w)
		}
		d.desk.mu.Lock()
		d.desk.refuse = func(bot.Message) error { return &bot.DeliveryError{Place: true, Err: errors.New("not enough rights")} }
		d.desk.mu.Unlock()
		for _, w := range who {
			d.does(w, bot.Update{Kind: bot.Typed, Text: "help " + w})
		}
		d.does("new", bot.Update{Kind: bot.Typed, Text: "/start"})
		d.does("new", bot.Update{Kind: bot.Typed, Text: "/human"})
		d.does("new", bot.Update{Kind: bot.Pressed, Text: "human:agree"})
		time.Sleep(3 * time.Minute)
		for _, w := range append(who, "new") {
			if n := d.people.says(w, "have not got your message yet"); n != 1 {
				t.Errorf("%s was told %d times", w, n)
			}
		}
	})
}

func TestAWaitThatAChannelAsksForIsToldAndEnds(t *testing.T) {
	lib := builtIn(t)
	for _, wait := range []time.Duration{time.Minute, 20_000 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			d := begin(t, lib)
			defer d.end()
			d.talk("anna")
			d.desk.mu.Lock()
			d.desk.refuse = func(bot.Message) error {
				return &bot.DeliveryError{RetryAfter: wait, Err: errors.New("the token has expired")}
			}
			d.desk.mu.Unlock()
			d.does("anna", bot.Update{Kind: bot.Typed, Text: "help"})
			time.Sleep(3 * time.Minute)
			if n := d.people.says("anna", "have not got your message yet"); n != 1 {
				t.Errorf("after waits of %v the person was told %d times that it is late", wait, n)
			}
			time.Sleep(46 * time.Hour)
			if n := d.people.says("anna", "could not be passed on to the counsellors"); n != 1 {
				t.Errorf("after waits of %v the person was told %d times that it was given up", wait, n)
			}
		})
	}
}

func TestAChatThatAsksForAMomentForEverIsToldAndGivenUpLikeOthers(t *testing.T) {
	lib := builtIn(t)
	for name, c := range map[string]struct {
		served bool          // others are, meanwhile
		ends   time.Duration // after which it has been given up
	}{"others are served": {true, 2 * time.Hour}, "nobody else is": {false, 25 * time.Hour}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := begin(t, lib)
				defer d.end()
				d.talk("anna")
				d.people.mu.Lock()
				d.people.refuse = func(m bot.Message) error {
					if m.To.ID == "anna" && m.Text == "wait for me at the door" {
						return &bot.DeliveryError{RetryAfter: time.Second, Err: errors.New("429")}
					}
					return nil
				}
				d.people.mu.Unlock()
				d.says("anna", "wait for me at the door")
				d.says("anna", "I am coming")
				for range int(c.ends / time.Minute) {
					if c.served {
						d.does("others", bot.Update{Kind: bot.Typed, Text: "?"})
					}
					time.Sleep(time.Minute)
				}
				for _, told := range []string{"Žmogaus dar nepasiekė: „wait for me at the door“", "Žmogaus nepasiekė: „wait for me at the door“"} {
					if n := d.desk.says("", told); n != 1 {
						t.Errorf("the desk was told %d times: %s", n, told)
					}
				}
				if n := d.people.says("anna", "wrote something that could not be shown here"); n != 1 {
					t.Errorf("the person was told %d times", n)
				}
				if d.people.says("anna", "I am coming") != 1 {
					t.Error("what was said after it has not arrived")
				}
				tries := d.people.when("wait for me at the door")
				lasted := tries[len(tries)-1].Sub(tries[0])
				if exact := tries[1].Sub(tries[0]); exact < time.Second || exact > 2*time.Second {
					t.Errorf("the first wait is %v", exact)
				}
				if c.served && lasted < 20*time.Minute || !c.served && (lasted < 23*time.Hour || len(tries) > 5000) {
					t.Errorf("given up after %v and %d tries", lasted, len(tries))
				}
				t.Logf("%d tries in %v", len(tries), lasted.Round(time.Second))
			})
		})
	}
}

func TestThousandsOfChatsThatAreTriedAgainLeaveRoomForWhoIsNew(t *testing.T) {
	lib := builtIn(t)
	synctest.Test(t, func(t *testing.T) {
		d := paced(t, lib, newStrict(), bot.Pace{Interval: time.Second / 28, Burst: 28})
		defer d.end()
		d.people.refuse = func(m bot.Message) error {
			if strings.HasPrefix(m.To.ID, "poison") {
				return &bot.DeliveryError{RetryAfter: time.Second, Err: errors.New("429")}
			}
			return nil
		}
		for i := range 2500 { // more than the outbox has room for
			who := bot.Address{Channel: "test", ID: fmt.Sprint("poison", i)}
			d.put(who, bot.Message{To: who, Text: "x", Urgency: 1})
		}
		time.Sleep(4 * time.Minute)
		for i := range 20 {
			if !d.box.Room(1) {
				t.Fatal("there is no room for what is new")
			}
			who := fmt.Sprint("healthy", i)
			d.does(who, bot.Update{Kind: bot.Typed, Text: "/start"})
			time.Sleep(2 * time.Second)
			if d.people.says(who, "") == 0 {
				t.Fatalf("%s is not answered in three seconds", who)
			}
		}
	})
}

func TestOnlyProofThatSomebodyIsGoneEndsTheirTalkAndTheCounsellorLearnsOfEveryRefusal(t *testing.T) {
	lib := builtIn(t)
	for name, c := range map[string]struct {
		refusal bot.DeliveryError
		ends    bool   // the talk
		told    string // at the desk
	}{
		"blocked":            {bot.DeliveryError{Gone: true, Err: errors.New("403 bot was blocked by the user")}, true, "Žmogus užblokavo programą"},
		"outside the window": {bot.DeliveryError{Drop: true, Err: errors.New("code 10")}, false, "Žmogaus nepasiekė: „wait for me“"},
		"chat not found":     {bot.DeliveryError{Err: errors.New("400 chat not found")}, false, "Žmogaus dar nepasiekė: „wait for me“"},
		"not available":      {bot.DeliveryError{Err: errors.New("551")}, false, "Žmogaus dar nepasiekė: „wait for me“"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := begin(t, lib)
				defer d.end()
				d.talk("anna")
				refuse := func(f func(bot.Message) error) {
					d.people.mu.Lock()
					defer d.people.mu.Unlock()
					d.people.refuse = f
				}
				refuse(func(m bot.Message) error { return &c.refusal })
				d.says("anna", "wait for me")
				time.Sleep(5 * time.Minute)
				refuse(nil)
				if n := d.desk.says("", c.told); n != 1 {
					t.Errorf("the desk was told %d times: %s", n, c.told)
				}
				if s, err := d.bot.Session(t.Context(), bot.Address{Channel: "test", ID: "anna"}); err != nil || s.Case.Active() == c.ends {
					t.Fatalf("the talk: %+v %v", s.Case, err)
				}
				d.does("anna", bot.Update{Kind: bot.Typed, Text: "at the farm, help"})
				time.Sleep(time.Minute)
				if d.desk.says("", "at the farm, help") != 1 {
					t.Error("what they write next does not reach the counsellors")
				}
			})
		})
	}
}

func TestWhoBlocksAndBeginsAnewInATalkIsHeardAgainAndTheCounsellorSeesIt(t *testing.T) {
	lib := builtIn(t)
	synctest.Test(t, func(t *testing.T) {
		d := begin(t, lib)
		defer d.end()
		d.talk("anna")
		d.does("anna", bot.Update{Kind: bot.Gone})
		d.does("anna", bot.Update{Kind: bot.Typed, Text: "/start"})
		time.Sleep(time.Minute)
		if n := d.desk.says("", "Žmogus grįžo"); n != 1 {
			t.Errorf("the counsellors were told %d times that they are back", n)
		}
		d.does("anna", bot.Update{Kind: bot.Typed, Text: "at the farm, help"})
		d.does("anna", bot.Update{Kind: bot.Acted, Text: "take", Actor: bot.Actor{ID: "console:ruta", Name: "Ruta"}})
		d.says("anna", "I am here")
		time.Sleep(time.Minute)
		if s, err := d.bot.Session(t.Context(), bot.Address{Channel: "test", ID: "anna"}); err != nil || !s.Case.Active() {
			t.Errorf("the case does not go on: %v", err)
		}
		if d.desk.says("", "at the farm, help") != 1 || d.people.says("anna", "I am here") != 1 {
			t.Error("the two do not hear each other")
		}
	})
}

func TestAFileThatTakesFortySecondsArrivesAndNoWordsWaitForIt(t *testing.T) {
	lib := builtIn(t)
	synctest.Test(t, func(t *testing.T) {
		d := begin(t, lib)
		defer d.end()
		d.desk.takes = func(m bot.Message) time.Duration {
			if m.Media.Kind != "" {
				return 40 * time.Second
			}
			return 100 * time.Millisecond
		}
		for _, who := range []string{"anna", "jonas"} {
			d.talk(who)
		}
		arrived := func(who, text string) bool {
			d.desk.mu.Lock()
			defer d.desk.mu.Unlock()
			return slices.ContainsFunc(d.desk.got, func(m bot.Message) bool {
				return m.Case.ID == who && (text == "" && m.Media.Kind != "" || text != "" && strings.Contains(m.Text, text))
			})
		}
		for _, who := range []string{"anna", "jonas"} { // two slow ones at once
			d.does(who, bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "test", Kind: "document", File: "f"}})
		}
		begun := time.Now()
		d.talk("beside") // and its words
		d.does("beside", bot.Update{Kind: bot.Typed, Text: "beside it"})
		if !arrived("beside", "beside it") {
			t.Error("words of another wait for the file")
		}
		d.does("anna", bot.Update{Kind: bot.Typed, Text: "behind it"})
		time.Sleep(time.Until(begun.Add(5 * time.Second)))
		if !arrived("anna", "behind it") {
			t.Error("words wait for the file before them")
		}
		time.Sleep(50 * time.Second)
		for _, who := range []string{"anna", "jonas"} {
			if !arrived(who, "") {
				t.Errorf("the file of %s has not arrived", who)
			}
		}
		if n := d.people.says("", "could not be passed on"); n != 0 || d.box.Dropped.Load() != 0 {
			t.Errorf("%d were told that it did not arrive", n)
		}
	})
}

func TestAFileThatFailsIsGivenUpAndTheWordsAfterItDoNotWait(t *testing.T) {
	lib := builtIn(t)
	synctest.Test(t, func(t *testing.T) {
		d := begin(t, lib)
		defer d.end()
		d.talk("anna")
		d.desk.mu.Lock()
		d.desk.refuse = func(m bot.Message) error {
			if m.Media.Kind != "" {
				return errors.New("the file: status 500")
			}
			return nil
		}
		d.desk.mu.Unlock()
		d.does("anna", bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "test", Kind: "photo", Chat: "1", ID: 5, File: "f"}})
		begin := time.Now()
		d.does("anna", bot.Update{Kind: bot.Typed, Text: "hurry"})
		for d.desk.says("", "hurry") == 0 {
			if time.Since(begin) > 10*time.Second {
				t.Fatal("the words wait behind the file")
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(2 * time.Hour)
		if n := d.people.says("anna", "could not be passed on to the counsellors"); n != 1 {
			t.Errorf("the person was told %d times that a file was not passed on", n)
		}
		t.Logf("%d tries of the file", len(d.desk.when("")))
	})
}

// stumbling is a store in which the first look at an order of deliveries meets a mistake of the program.
type stumbling struct {
	bot.Store
	mu    sync.Mutex
	times int
}

func (s *stumbling) Reserve(ctx context.Context, order string, n int, every time.Duration, burst int, now time.Time) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.times++; s.times == 1 {
		panic("words of somebody")
	}
	return s.Store.Reserve(ctx, order, n, every, burst, now)
}

func TestAMistakeInHandingOutDeliveriesCostsNoMessageAndNotTheProgram(t *testing.T) {
	lib := builtIn(t)
	synctest.Test(t, func(t *testing.T) {
		d := paced(t, lib, &stumbling{Store: newStrict()}, bot.Pace{Interval: time.Second / 28, Burst: 28})
		defer d.end()
		for _, who := range []string{"anna", "boris"} {
			d.does(who, bot.Update{Kind: bot.Typed, Text: "/start"})
		}
		time.Sleep(15 * time.Second)
		for _, who := range []string{"anna", "boris"} {
			if d.people.says(who, "") != 1 {
				t.Errorf("%s was not answered", who)
			}
		}
	})
}

// refusing is a store that answers and saves nothing, while it is told to: read-only, full, or without enough replicas.
type refusing struct {
	*strict
	now atomic.Bool
}

var errRefuses = errors.New("the store saves nothing now")

func (r *refusing) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if r.now.Load() {
		return bot.Committed{}, errRefuses
	}
	return r.strict.Commit(ctx, c)
}

func (r *refusing) Take(ctx context.Context, now, until time.Time, limit int) ([]bot.Held, error) {
	if r.now.Load() {
		return nil, errRefuses
	}
	return r.strict.Take(ctx, now, until, limit)
}

func (r *refusing) Extend(ctx context.Context, held []bot.Held, until time.Time) error {
	if r.now.Load() {
		return errRefuses
	}
	return r.strict.Extend(ctx, held, until)
}

func (r *refusing) Ack(ctx context.Context, k bot.Key, id uint64, now, until time.Time) (*bot.Item, error) {
	if r.now.Load() {
		return nil, errRefuses
	}
	return r.strict.Ack(ctx, k, id, now, until)
}

func (r *refusing) Postpone(ctx context.Context, k bot.Key, id uint64, due time.Time) error {
	if r.now.Load() {
		return errRefuses
	}
	return r.strict.Postpone(ctx, k, id, due)
}

func TestWhatWasSentIsNotSentAgainHoweverLongTheStoreRefuses(t *testing.T) {
	lib := builtIn(t)
	for _, outage := range []time.Duration{time.Second, time.Minute, 3 * time.Hour} {
		t.Run(outage.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &refusing{strict: newStrict()}
				d := paced(t, lib, store, bot.Pace{})
				defer d.end()
				d.talk("anna")
				d.talk("berta")
				var once sync.Once
				d.people.refuse = func(m bot.Message) error { // the network takes it, and then the store takes nothing
					if strings.Contains(m.Text, "the first word") {
						once.Do(func() { store.now.Store(true) })
					}
					return nil
				}
				d.says("berta", "I am here") // nothing is owed, so that the talk stays the counsellor's for hours
				d.says("anna", "the first word")
				time.Sleep(outage)
				store.now.Store(false)
				d.says("anna", "the second word")
				d.says("berta", "a word to another")
				time.Sleep(time.Minute)
				for _, text := range []string{"the first word", "the second word", "a word to another"} {
					if n := d.people.says("", text); n != 1 {
						t.Errorf("%q was sent %d times", text, n)
					}
				}
				if n := d.box.Dropped.Load(); n > 0 {
					t.Errorf("%d were given up", n)
				}
			})
		})
	}
	t.Run("and the program ends all the same", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := &refusing{strict: newStrict()}
			d := paced(t, lib, store, bot.Pace{})
			d.talk("anna")
			d.people.refuse = func(bot.Message) error { store.now.Store(true); return nil }
			d.says("anna", "the first word")
			time.Sleep(time.Minute)
			begin := time.Now()
			d.end()
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	})
}
