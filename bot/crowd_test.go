package bot_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/redisstore"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/storetest"
	"patikra/bot/talk"
)

// crowded is two processes with a desk over one store.
func crowded(t *testing.T) [2]*desk.Desk {
	t.Helper()
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return desks(t, store, store)
}

// desks is two processes with a desk, each with its own sight of a store.
func desks(t *testing.T, stores ...bot.Store) (bots [2]*desk.Desk) {
	t.Helper()
	ring, err := seal.New(seal.NewKey(), 8)
	if err != nil {
		t.Fatal(err)
	}
	for i := range bots {
		b := desk.New(builtIn(t), stores[i], ring)
		b.Desk, b.Always = engine.Reach{On: true, Topics: true}, true
		b.Draws = map[string]bool{"web": true}
		b.Sender = nobody{}
		bots[i] = b
	}
	return bots
}

type nobody struct{}

func (nobody) Send(bot.Held, bot.Message) bool { return false }
func (nobody) Room(uint8) bool                 { return false }

// asks opens a case.
func asks(t *testing.T, b *desk.Desk, channel, id, network string, at time.Time) bot.Session {
	t.Helper()
	from := bot.Address{Channel: channel, ID: id}
	for _, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Typed, Text: "/next"}, {Kind: bot.Pressed, Text: "human"}, {Kind: bot.Pressed, Text: "human:agree"}} {
		u.From, u.Lang, u.Network, u.At = from, "lt", network, at
		if _, err := b.Handle(context.Background(), u); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.Session(context.Background(), from)
	if err != nil || !s.Case.Active() {
		t.Fatalf("%s has no case: %v", id, err)
	}
	return s
}

func TestTheDeskCannotBeBuried(t *testing.T) {
	bots, at := crowded(t), time.Now()
	made, folded := 300, 0
	for i := range made {
		if asks(t, bots[i%2], "web", fmt.Sprint("made-up ", i), fmt.Sprintf("2001:db8:%x::/64", i), at).Case.Folded {
			folded++
		}
	}
	if made-folded != 6 {
		t.Errorf("%d of %d made-up cases are before the counsellors", made-folded, made)
	}
	real := asks(t, bots[0], "telegram", "7", "", at.Add(time.Second))
	if real.Case.Folded {
		t.Error("a person on Telegram is put aside because of the web")
	}
	cases, err := bots[1].Cases(context.Background())
	if err != nil || len(cases) != 7 {
		t.Fatalf("%d cases in the queue, %v", len(cases), err)
	}
	if cases[1].Key != bots[0].Key(real.Case.Person) && cases[0].Key != bots[0].Key(real.Case.Person) {
		t.Error("more than one case from the web stands before a person on Telegram")
	}
	all, err := bots[0].Folded(context.Background())
	if err != nil || len(all) != folded {
		t.Errorf("%d put aside, %v", len(all), err)
	}
	w, err := bots[1].Waits(context.Background(), at.Add(time.Hour), 1000)
	if err != nil || w.Folded != folded || w.FoldedOld[bot.Calm].Unix() != at.Unix() || w.Cases[bot.Waiting][bot.Calm]+w.Cases[bot.Waiting][bot.Grave]+w.Cases[bot.Waiting][bot.Danger] != 7 {
		t.Errorf("whoever watches the desk is told %+v, %v", w, err)
	}
	t.Run("who is put aside has the numbers at once and an honest word", func(t *testing.T) {
		s, _ := bots[0].Session(context.Background(), bot.Address{Channel: "web", ID: "made-up 299"})
		lines, err := bots[0].Log(context.Background(), bots[0].Key(s.Case.Person), 0)
		if err != nil || len(lines) == 0 || !strings.Contains(lines[0].Text, "+370") || !strings.Contains(lines[0].Text, "112") || !strings.Contains(lines[0].Text, "gali ilgai neatsakyti") {
			t.Errorf("%v %v", lines, err)
		}
	})
	t.Run("a counsellor can take it from there", func(t *testing.T) {
		ctx, person := context.Background(), bot.Address{Channel: "web", ID: "made-up 299"}
		if _, err := bots[0].Handle(ctx, bot.Update{From: person, Kind: bot.Acted, Text: "take", Actor: bot.Actor{ID: "console:ruta", Name: "Rūta"}, At: at}); err != nil {
			t.Fatal(err)
		}
		if s, _ := bots[1].Session(ctx, person); s.Case.State != bot.Taken || s.Case.Folded {
			t.Errorf("%+v", s.Case)
		}
		if cases, _ := bots[1].Cases(ctx); len(cases) != 8 {
			t.Errorf("%d cases in the queue", len(cases))
		}
	})
	t.Run("a minute later there is room again, and not for the same address", func(t *testing.T) {
		later := at.Add(2 * time.Minute)
		folded := 0
		for i := range 5 { // so many wait that an address's hour counts
			asks(t, bots[0], "web", fmt.Sprint("waiting ", i), fmt.Sprintf("198.51.100.%d", i), later.Add(-time.Minute+time.Duration(i)*20*time.Second))
		}
		later = later.Add(2 * time.Minute)
		for i := range 6 {
			if asks(t, bots[0], "web", fmt.Sprint("later ", i), "203.0.113.7", later.Add(time.Duration(i)*20*time.Second)).Case.Folded {
				folded++
			}
		}
		if folded != 0 {
			t.Errorf("%d of six in two minutes are put aside", folded)
		}
		if !asks(t, bots[1], "web", "seventh", "203.0.113.7", later.Add(5*time.Minute)).Case.Folded {
			t.Error("a seventh of one address in an hour is not")
		}
		if asks(t, bots[1], "web", "another", "203.0.113.8", later.Add(5*time.Minute)).Case.Folded {
			t.Error("another address is put aside for it")
		}
	})
	t.Run("no more wait at once than anybody can look at", func(t *testing.T) {
		last := 0
		for i := range 120 {
			if !asks(t, bots[0], "web", fmt.Sprint("slow ", i), fmt.Sprintf("10.1.%d.1", i), at.Add(time.Hour+time.Duration(i)*time.Minute)).Case.Folded {
				last++
			}
		}
		if last > 60 {
			t.Errorf("%d are before the counsellors", last)
		}
	})
}

// Both count in one record, and each is refused when the other was faster: then it asks again, of what it finds then.
func TestTheBoundsOnTheWebHoldForTwoProcessesOnRedisAtOnce(t *testing.T) {
	url := storetest.RedisServer(t).URL()
	var both sync.WaitGroup
	both.Add(2)
	stores := [2]*refused{}
	for i := range stores {
		store, err := redisstore.Open(t.Context(), redisstore.Options{URL: url, Partitions: 8})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		stores[i] = &refused{Store: store, both: &both}
	}
	bots, at := desks(t, stores[0], stores[1]), time.Now()
	var wg sync.WaitGroup
	var folded atomic.Int64
	const each = 20
	for i, b := range bots {
		wg.Go(func() {
			for n := range each {
				if asks(t, b, "web", fmt.Sprint("made-up ", i, " ", n), fmt.Sprintf("2001:db8:%x:%x::/64", i, n), at).Case.Folded {
					folded.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if before := 2*each - folded.Load(); before != 6 {
		t.Errorf("%d of %d made-up cases in a minute are before the counsellors", before, 2*each)
	}
	if n := stores[0].swaps.Load() + stores[1].swaps.Load(); n == 0 {
		t.Error("neither was ever slower than the other")
	}
}

// refused counts how often another process had kept a value first. It keeps its first when the other, too, has read what was there.
type refused struct {
	bot.Store
	first sync.Once
	both  *sync.WaitGroup
	swaps atomic.Int64
}

func (r *refused) Swap(ctx context.Context, name string, old, value []byte, life time.Duration) (bool, error) {
	r.first.Do(func() { r.both.Done(); r.both.Wait() })
	done, err := r.Store.Swap(ctx, name, old, value, life)
	if err == nil && !done {
		r.swaps.Add(1)
	}
	return done, err
}

func TestWhileTheDeskHasRoomNobodyPaysForANeighbourAtTheSameAddress(t *testing.T) {
	bots, at := crowded(t), time.Now()
	for i := range 9 { // a mobile carrier has one address for everybody
		if asks(t, bots[i%2], "web", fmt.Sprint("person ", i), "203.0.113.7", at.Add(time.Duration(i)*time.Minute)).Case.Folded {
			t.Errorf("person %d of one address is put aside while the desk has room", i+1)
		}
	}
}

func TestWhatWasPutAsideComesUpByItselfWhenThereIsRoom(t *testing.T) {
	bots, at := crowded(t), time.Now()
	ctx := context.Background()
	for i := range 20 {
		asks(t, bots[0], "web", fmt.Sprint("person ", i), fmt.Sprintf("203.0.113.%d", i), at.Add(time.Duration(i)*time.Second))
	}
	aside := func() (out []bot.Marked) {
		out, err := bots[1].Folded(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	before := aside()
	if len(before) != 14 {
		t.Fatalf("%d were put aside", len(before))
	}
	person := bot.Address{Channel: "web", ID: "person 6"} // the first of them
	if _, err := bots[0].Handle(ctx, bot.Update{From: person, Kind: bot.Typed, Text: "they hold my passport", Network: bot.AnyNetwork, At: at.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	now := at.Add(2 * time.Minute)
	for _, b := range bots { // both look at once
		if err := b.Raise(ctx, now); err != nil {
			t.Fatal(err)
		}
	}
	after := aside()
	if len(after) != 8 {
		t.Errorf("%d are still put aside a minute later", len(after))
	}
	s, err := bots[1].Session(ctx, person)
	if text := talk.Draw(bots[1].Library(), s, "lt").Text; strings.Contains(text, "Jie atsakys") {
		t.Errorf("the desk is open, and the page says\n%s", text)
	}
	if err != nil || s.Case.Folded || s.Case.State != bot.Waiting || s.Case.Base != now.Unix() || s.Case.Since != at.Add(6*time.Second).Unix() || s.Case.Due <= now.Unix() {
		t.Errorf("who has waited longest is at %+v, %v", s.Case, err)
	}
	lines, err := bots[1].Log(ctx, bots[1].Key(person), 0)
	if last := lines[len(lines)-1]; err != nil || last.By != talk.ByNotice || !strings.Contains(last.Text, "konsultantų eilėje") || strings.Contains(last.Text, "{") {
		t.Errorf("the person is told %v, %v", lines, err)
	}
	cases, err := bots[0].Cases(ctx)
	if err != nil || len(cases) != 12 {
		t.Errorf("%d in the queue, %v", len(cases), err)
	}
	for i := range 2 {
		if err := bots[0].Raise(ctx, now.Add(time.Duration(i+1)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(aside()); n != 0 {
		t.Errorf("%d are put aside for ever", n)
	}
	t.Run("but never more than counsellors can look at", func(t *testing.T) {
		for i := range 60 {
			asks(t, bots[0], "web", fmt.Sprint("more ", i), fmt.Sprintf("198.51.100.%d", i), now.Add(3*time.Minute))
		}
		left := len(aside())
		for i := range 30 {
			if err := bots[1].Raise(ctx, now.Add(time.Duration(4+i)*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		if up := left - len(aside()); up != 30-26 {
			t.Errorf("%d of %d came up over 26 that wait", up, left)
		}
	})
}

func TestTheTopicHoldsWhatWasSaidWhileACaseWasPutAside(t *testing.T) {
	l, at := builtIn(t), time.Now()
	folded := func() bot.Session {
		s := bot.Session{Lang: "lt"}
		for i, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Typed, Text: "/next"}, {Kind: bot.Pressed, Text: "human"}, {Kind: bot.Pressed, Text: "human:agree"}} {
			u.From, u.Lang, u.At, u.Desk = bot.Address{Channel: "web", ID: "1"}, "lt", at, bot.Desk{On: true, Always: true, Full: i == 3}
			p := talk.Decide(l, s, u)
			if i == 3 && (len(p.Desk) > 0 || !p.Session.Case.Folded) {
				t.Fatalf("a case that is put aside tells the desk %v", p.Desk)
			}
			s = p.Session
		}
		return s
	}
	said := []bot.Line{{At: at.Unix() - 1000, By: talk.ByPerson, Text: "of an earlier talk"}, {At: at.Unix(), By: talk.ByNotice, Text: "ours"},
		{At: at.Unix() + 1, By: talk.ByPerson, Text: "first"}, {At: at.Unix() + 2, By: talk.ByPerson, Text: "second"}}
	for _, u := range []bot.Update{{Kind: bot.Risen}, {Kind: bot.Acted, Text: "take", Actor: bot.Actor{ID: "console:ruta", Name: "Rūta"}}} {
		u.From, u.At, u.Desk = bot.Address{Channel: "web", ID: "1"}, at.Add(time.Minute), bot.Desk{On: true, Always: true, Aside: said}
		p := talk.Decide(l, folded(), u)
		var got []string
		for _, m := range p.Desk {
			if m.Act == bot.Card {
				got = append(got, "card")
			} else if m.Human {
				got = append(got, m.Text)
			}
		}
		if all := strings.Join(got, ", "); !strings.HasPrefix(all, "card, first, second") || strings.Contains(all, "earlier") {
			t.Errorf("the topic is told %s", all)
		}
		if p.Session.Case.Folded {
			t.Error("it is still put aside")
		}
		long := bot.Line{At: at.Unix() + 3, By: talk.ByPerson, Text: strings.Repeat("x", 2000)}
		u.Desk.Aside = append(append([]bot.Line{}, said...), long, long)
		if p = talk.Decide(l, folded(), u); len(p.Desk) < 3 || !strings.Contains(p.Desk[1].Text, "naršyklėje") || p.Desk[2].Text != long.Text {
			t.Errorf("of much, the last is shown and the rest named: %v", p.Desk)
		}
	}
}

func TestWhoIsPutAsideAfterAnEarlierTalkLeavesNoTopicBehind(t *testing.T) {
	l, at := builtIn(t), time.Now()
	s := bot.Session{Lang: "lt"}
	does := func(u bot.Update) bot.Plan {
		u.From, u.Lang = bot.Address{Channel: "web", ID: "1"}, "lt"
		u.Desk.On, u.Desk.Always = true, true
		p := talk.Decide(l, s, u)
		s = p.Session
		return p
	}
	for _, text := range []string{"/start", "/next"} {
		does(bot.Update{Kind: bot.Typed, Text: text, At: at})
	}
	does(bot.Update{Kind: bot.Pressed, Text: "human", At: at})
	does(bot.Update{Kind: bot.Pressed, Text: "human:agree", At: at})
	does(bot.Update{Kind: bot.Placed, Topic: 77, Ref: 78, At: at})
	does(bot.Update{Kind: bot.Pressed, Text: "human:end", At: at})
	later := at.Add(25 * time.Hour)
	does(bot.Update{Kind: bot.Pressed, Text: "human", At: later})
	p := does(bot.Update{Kind: bot.Pressed, Text: "human:agree", At: later, Desk: bot.Desk{Full: true}})
	if !s.Case.Folded || s.Case.Topic != 0 {
		t.Fatalf("%+v", s.Case)
	}
	if len(p.Desk) != 1 || p.Desk[0].Act != bot.DropTopic || p.Desk[0].Topic != 77 {
		t.Errorf("the topic of the earlier talk stays in the group: %v", p.Desk)
	}
}
