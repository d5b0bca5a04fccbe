package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/seal"
)

// overStore is a bot over a store in memory, for what the desk keeps of its own.
func overStore(t *testing.T, store bot.Store, key string) *desk.Desk {
	t.Helper()
	ring, err := seal.New(key, 8)
	if err != nil {
		t.Fatal(err)
	}
	return desk.New(builtIn(t), store, ring)
}

func allDeeds(t *testing.T, b *desk.Desk) (all []desk.Deed) {
	t.Helper()
	for from := -1; ; {
		deeds, earlier, err := b.Deeds(t.Context(), from)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, deeds...); earlier < 0 {
			return all
		}
		from = earlier
	}
}

func did(t *testing.T, b *desk.Desk, who, what string, about desk.About, at time.Time) {
	t.Helper()
	if err := b.Did(t.Context(), bot.Actor{ID: who}, what, about, at); err != nil {
		t.Fatal(err)
	}
}

func TestTheListOfDeedsCannotBeWashedOut(t *testing.T) {
	b := overStore(t, newStrict(), seal.NewKey())
	now := time.Now().Add(-2 * time.Minute)
	k := b.Key(bot.Address{Channel: "telegram", ID: "1"})
	did(t, b, "console:ruta", "open", desk.About{Case: k}, now)
	for i := range 520 { // the same over and over
		did(t, b, "console:ruta", map[bool]string{true: "duty-on", false: "duty-off"}[i%2 == 0], desk.About{}, now)
	}
	for i := range 1200 { // something else each time
		did(t, b, "console:ruta", "open", desk.About{Case: b.Key(bot.Address{Channel: "web", ID: fmt.Sprint(i)})}, now)
	}
	did(t, b, "console:vera", "remove", desk.About{Name: "Jonas", Role: desk.Counsellor}, now)
	did(t, b, "console:ruta", "remove", desk.About{Name: "Ona", Role: desk.Lead}, now) // what she has filled before hides nothing grave
	all := allDeeds(t, b)
	opened, times, more := 0, map[string]int{}, 0
	for _, d := range all {
		switch {
		case d.What == "gap":
			t.Error("a gap is said where there is none")
		case d.What == "more":
			more = max(more, d.Times)
		case d.What == "open":
			opened++
		}
		times[d.What] = max(times[d.What], d.Times)
	}
	if opened < 900 || opened+more < 1201 {
		t.Errorf("%d openings are left, and %d counted", opened, more)
	}
	if times["duty-on"] != 260 || times["duty-off"] != 260 {
		t.Errorf("on and off duty: %v", times)
	}
	if len(all) > 1200 {
		t.Errorf("the list has grown to %d lines", len(all))
	}
	if !slices.ContainsFunc(all, func(d desk.Deed) bool { return d.What == "remove" && d.Name == "Jonas" && d.Role == desk.Counsellor }) {
		t.Error("whom she removed is not said")
	}
	if !slices.ContainsFunc(all, func(d desk.Deed) bool { return d.What == "remove" && d.Name == "Ona" && d.Who == "console:ruta" }) {
		t.Error("who fills the list first can remove somebody unseen")
	}
	if !slices.ContainsFunc(all, func(d desk.Deed) bool {
		return d.What == "open" && d.Who == "console:ruta" && d.Case != "" && d.At == now.Unix()
	}) {
		t.Error("the first opening is gone")
	}
}

func TestGraveDeedsHaveABoundToo(t *testing.T) {
	b := overStore(t, newStrict(), seal.NewKey())
	now := time.Now()
	for i := range 1100 {
		did(t, b, "console:ruta", "remove", desk.About{Name: fmt.Sprint("Jonas ", i)}, now)
	}
	did(t, b, "console:ruta", "note", desk.About{}, now)
	removed, more, noted := 0, 0, false
	for _, d := range allDeeds(t, b) {
		switch d.What {
		case "remove":
			removed++
		case "more":
			more = max(more, d.Times)
		case "note":
			noted = true
		}
	}
	if removed != 1000 || more != 100 || !noted {
		t.Errorf("%d removals are listed, %d counted, a note beside them %v", removed, more, noted)
	}
}

func TestADeedIsKept180Days(t *testing.T) {
	const day = 24 * time.Hour
	lib := shipped(t)
	for name, between := range map[string][]int{ // days on which something else is done
		"nothing after it":   nil,
		"now and then":       {1, 30, 100, 178},
		"long after it":      {179},
		"the list has ended": {178, 400, 401},
		"more than a piece":  slices.Repeat([]int{0, 60}, 420),
	} {
		slices.Sort(between)
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ring, err := seal.New(seal.NewKey(), 8)
				if err != nil {
					t.Fatal(err)
				}
				b := desk.New(lib, newStrict(), ring)
				begin := time.Now().Add(11 * time.Hour)
				to := func(at time.Time) { time.Sleep(time.Until(at)) }
				to(begin)
				did(t, b, "console:ruta", "remove", desk.About{Name: "Ona", Role: desk.Lead}, time.Now())
				look := func(days int, want bool) {
					all := allDeeds(t, b)
					if there := slices.ContainsFunc(all, func(d desk.Deed) bool { return d.Name == "Ona" }); there != want {
						t.Errorf("after %d days: in the list %v", days, there)
					}
					if slices.ContainsFunc(all, func(d desk.Deed) bool { return d.What == "gap" }) {
						t.Errorf("after %d days: what has ended by itself is said to be missing", days)
					}
				}
				looked := 0
				pass := func(days int) {
					for _, when := range []struct {
						days int
						want bool
					}{{179, true}, {181, false}}[looked:] {
						if days >= when.days {
							to(begin.Add(time.Duration(when.days) * day))
							look(when.days, when.want)
							looked++
						}
					}
					to(begin.Add(time.Duration(days) * day))
				}
				for n, d := range between {
					pass(d)
					did(t, b, "console:vera", "open", desk.About{Case: b.Key(bot.Address{Channel: "web", ID: fmt.Sprint(n)})}, time.Now())
				}
				pass(max(182, 1+slices.Max(append(between, 0))))
				look(182, false)
			})
		})
	}
}

func TestAMissingPieceOrLineOfTheListIsSaid(t *testing.T) {
	for name, harm := range map[string]func(m *strict, b *desk.Desk){
		"a piece is gone": func(m *strict, b *desk.Desk) {
			delete(m.talks, b.Key(bot.Address{Channel: bot.DeskName, ID: "audit-1"}).Hash)
		},
		"a line is gone": func(m *strict, b *desk.Desk) {
			talk := m.talks[b.Key(bot.Address{Channel: bot.DeskName, ID: "audit-1"}).Hash]
			talk.log = slices.Delete(talk.log, 3, 4)
		},
		"two lines changed places": func(m *strict, b *desk.Desk) {
			talk := m.talks[b.Key(bot.Address{Channel: bot.DeskName, ID: "audit-0"}).Hash]
			talk.log[1], talk.log[2] = talk.log[2], talk.log[1]
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newStrict()
			b := overStore(t, m, seal.NewKey())
			now := time.Now().Add(-time.Minute)
			for i := range 900 {
				did(t, b, "console:ruta", "open", desk.About{Case: b.Key(bot.Address{Channel: "web", ID: fmt.Sprint(i)})}, now)
			}
			gaps := func() (n int) {
				for _, d := range allDeeds(t, b) {
					if d.What == "gap" {
						n++
					}
				}
				return n
			}
			if n := gaps(); n != 0 {
				t.Fatalf("%d gaps before anything was done", n)
			}
			harm(m, b)
			if n := gaps(); n == 0 {
				t.Error("nobody is told")
			}
		})
	}
}

func TestTheListKeepsDaysApartAndInOrder(t *testing.T) {
	b := overStore(t, newStrict(), seal.NewKey())
	start := time.Now().Add(-5 * 24 * time.Hour)
	for day := range 5 {
		did(t, b, "console:ruta", "enter", desk.About{}, start.Add(time.Duration(day)*24*time.Hour))
		did(t, b, "console:vera", "enter", desk.About{}, start.Add(time.Duration(day)*24*time.Hour+time.Second))
	}
	all := allDeeds(t, b)
	if len(all) != 10 {
		t.Fatalf("%d deeds: %v", len(all), all)
	}
	for i := range len(all) - 1 {
		if all[i].At < all[i+1].At {
			t.Errorf("the order is wrong at %d: %v", i, all)
		}
	}
}

func enter(t *testing.T, b *desk.Desk, name string, role desk.Role) string {
	t.Helper()
	token, _, err := b.Invite(t.Context(), name, role, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, cookie, err := b.Enter(t.Context(), token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return cookie
}

func signedIn(t *testing.T, b *desk.Desk, cookie string) bool {
	t.Helper()
	_, _, err := b.Visitor(t.Context(), cookie, false, time.Now())
	if err != nil && !errors.Is(err, desk.ErrSession) {
		t.Fatal(err)
	}
	return err == nil
}

func TestNamesThatFoldToOneAccountAreRefusedAmongInvitationsToo(t *testing.T) {
	b := overStore(t, newStrict(), seal.NewKey())
	first, _, err := b.Invite(t.Context(), "Rūta", desk.Lead, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var name *desk.ErrName
	if _, _, err := b.Invite(t.Context(), "Ruta", desk.Counsellor, time.Now()); !errors.As(err, &name) {
		t.Errorf("a second name that is alike: %v", err)
	}
	if a, _, err := b.Enter(t.Context(), first, time.Now()); err != nil || a.Role != desk.Lead || a.Name != "Rūta" {
		t.Errorf("%+v %v", a, err)
	}
}

func TestTheLastLeadIsNeverLost(t *testing.T) {
	b := overStore(t, newStrict(), seal.NewKey())
	lead := enter(t, b, "Vera", desk.Lead)
	if err := b.RemoveAccount(t.Context(), "vera", time.Now()); !errors.Is(err, desk.ErrLastLead) {
		t.Errorf("removed: %v", err)
	}
	var name *desk.ErrName
	if _, _, err := b.Invite(t.Context(), "Vera", desk.Counsellor, time.Now()); !errors.As(err, &name) {
		t.Errorf("lowered: %v", err)
	}
	// two leads are each lowered by a link while both are there; the second use of a link would leave none
	enter(t, b, "Jonas", desk.Lead)
	lower := map[string]string{}
	for _, who := range []string{"Vera", "Jonas"} {
		token, _, err := b.Invite(t.Context(), who, desk.Counsellor, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		lower[who] = token
	}
	if _, _, err := b.Enter(t.Context(), lower["Vera"], time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Enter(t.Context(), lower["Jonas"], time.Now()); !errors.Is(err, desk.ErrInvite) {
		t.Errorf("nobody leads any more: %v", err)
	}
	_ = lead
}

func TestALinkForAnAccountEndsItsSessions(t *testing.T) {
	b := overStore(t, newStrict(), seal.NewKey())
	cookie := enter(t, b, "Rūta", desk.Counsellor)
	if !signedIn(t, b, cookie) {
		t.Fatal("she is not in")
	}
	time.Sleep(2 * time.Millisecond)
	one, _, err := b.Invite(t.Context(), "Rūta", "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if signedIn(t, b, cookie) {
		t.Error("somebody holds a link in her name, and she works on unaware")
	}
	two, _, err := b.Invite(t.Context(), "Rūta", "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Enter(t.Context(), one, time.Now()); !errors.Is(err, desk.ErrInvite) {
		t.Errorf("two links of one person are open: %v", err)
	}
	if _, _, err := b.Enter(t.Context(), two, time.Now()); err != nil {
		t.Error(err)
	}
}

func TestWhoLeavesTheGroupLosesAccountSessionsLinksAndCases(t *testing.T) {
	b := overStore(t, newStrict(), seal.NewKey())
	who := bot.Actor{ID: "telegram:7000000012345", Name: "Ruta"}
	enter(t, b, "Vera", desk.Lead)
	token, made, err := b.InviteMember(t.Context(), "Ruta 12345", who, time.Now())
	if err != nil || time.Until(time.Unix(made.Until, 0)) > 10*time.Minute {
		t.Fatalf("%v: %+v", err, made)
	}
	a, cookie, err := b.Enter(t.Context(), token, time.Now())
	if err != nil || a.Of != who.ID {
		t.Fatalf("%+v %v", a, err)
	}
	if members, err := b.Members(t.Context()); err != nil || !slices.Equal(members, []string{who.ID}) {
		t.Errorf("%v %v", members, err)
	}
	if _, _, err := b.InviteMember(t.Context(), "Ruta 12345", bot.Actor{ID: "telegram:8000000012345"}, time.Now()); err == nil {
		t.Error("somebody of the same name and last digits takes the account over")
	}
	open, _, err := b.InviteMember(t.Context(), "Ruta 12345", who, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.MemberLeft(t.Context(), who, time.Now()); err != nil {
		t.Fatal(err)
	}
	if signedIn(t, b, cookie) {
		t.Error("the session goes on")
	}
	if _, _, err := b.Enter(t.Context(), open, time.Now()); !errors.Is(err, desk.ErrInvite) {
		t.Errorf("the open link still works: %v", err)
	}
	all, _ := b.Accounts(context.Background())
	if len(all.List) != 1 || len(all.Invited) != 0 {
		t.Errorf("there is still %+v", all)
	}
	if !slices.ContainsFunc(allDeeds(t, b), func(d desk.Deed) bool { return d.Who == desk.GroupName && d.What == "remove" && d.Name == "Ruta 12345" }) {
		t.Error("it is not in the list of who did what")
	}
}

func TestTheLastLeadWhoLeavesTheGroupIsOutAndItIsSaidUntilAnotherIsIn(t *testing.T) {
	m, key := newStrict(), seal.NewKey()
	b := overStore(t, m, key)
	unled := func(b *desk.Desk) bool {
		t.Helper()
		_, is, err := b.Unled(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	member := func(name, id string, role desk.Role) (bot.Actor, string) {
		t.Helper()
		who := bot.Actor{ID: "telegram:" + id, Name: name}
		token, _, err := b.InviteMember(t.Context(), name, who, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if role == desk.Lead {
			if token, _, err = b.Invite(t.Context(), name, role, time.Now()); err != nil { // it belongs to the same person
				t.Fatal(err)
			}
		}
		a, cookie, err := b.Enter(t.Context(), token, time.Now())
		if err != nil || a.Of != who.ID || a.Role != role {
			t.Fatalf("%+v %v", a, err)
		}
		return who, cookie
	}
	left := func(who bot.Actor, cookie, open string) {
		t.Helper()
		if err := b.MemberLeft(t.Context(), who, time.Now()); err != nil {
			t.Fatal(err)
		}
		if signedIn(t, b, cookie) {
			t.Errorf("the session of %s goes on", who.Name)
		}
		if open != "" {
			if _, _, err := b.Enter(t.Context(), open, time.Now()); !errors.Is(err, desk.ErrInvite) {
				t.Errorf("the open link of %s lets in: %v", who.Name, err)
			}
		}
	}
	jonas, session := member("Jonas 1", "1", desk.Counsellor)
	if left(jonas, session, ""); unled(b) {
		t.Error("it is said though nobody ever led")
	}
	ruta, hers := member("Ruta 2", "2", desk.Lead)
	vera, other := member("Vera 3", "3", desk.Lead)
	if left(ruta, hers, ""); unled(b) {
		t.Error("it is said while another leads")
	}
	open, _, err := b.Invite(t.Context(), "Vera 3", desk.Lead, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	left(vera, other, open)
	if !unled(b) || !unled(overStore(t, m, key)) {
		t.Error("that nobody leads is not said, or forgotten with the program's end")
	}
	enter(t, b, "Ona", desk.Counsellor)
	if !unled(b) {
		t.Error("it is no longer said because a counsellor came in")
	}
	if enter(t, b, "Lina", desk.Lead); unled(b) {
		t.Error("it is still said while somebody leads")
	}
}

func TestAccountsOfYesterdayCannotBePutBack(t *testing.T) {
	const whole, under = "the whole record", "its value under the version of today"
	for _, order := range [][]string{{whole}, {under}, {whole, under}, {under, whole}} {
		synctest.Test(t, func(t *testing.T) {
			m := newStrict()
			b := overStore(t, m, seal.NewKey())
			enter(t, b, "Vera", desk.Lead)
			cookie := enter(t, b, "Rūta", desk.Counsellor)
			at := b.Key(bot.Address{Channel: bot.DeskName, ID: "accounts"}).Hash
			yesterday := *m.talks[at]
			if err := b.RemoveAccount(t.Context(), "ruta", time.Now()); err != nil {
				t.Fatal(err)
			}
			for _, name := range order {
				put := yesterday
				if name == under {
					put.version = m.talks[at].version
				}
				m.talks[at] = &put
				time.Sleep(2100 * time.Millisecond) // what is in memory is looked up again
				if _, _, err := b.Visitor(t.Context(), cookie, false, time.Now()); !errors.Is(err, desk.ErrSession) {
					t.Errorf("%v: %s: %v", order, name, err)
				}
				if all, err := b.Accounts(t.Context()); err != nil || len(all.List) != 1 {
					t.Errorf("%v: %s: the accounts are %+v, %v", order, name, all.List, err)
				}
			}
			times := 0
			for _, d := range allDeeds(t, b) {
				if d.What == "put-back" {
					times = max(times, d.Times, 1)
				}
			}
			if times != len(order) {
				t.Errorf("%v: it is told of %d times", order, times)
			}
		})
	}
}
