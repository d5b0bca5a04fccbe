package bot_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/seal"
	"patikra/bot/talk"
)

// faulty is a store whose call number fails fails, and every later one.
type faulty struct {
	*strict
	calls, fails int
}

var errOutage = errors.New("the store does not answer")

func (f *faulty) call() error {
	f.calls++
	if f.fails > 0 && f.calls >= f.fails {
		return errOutage
	}
	return nil
}

func (f *faulty) Load(ctx context.Context, k bot.Key) (bot.Record, error) {
	if err := f.call(); err != nil {
		return bot.Record{}, err
	}
	return f.strict.Load(ctx, k)
}

func (f *faulty) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if err := f.call(); err != nil {
		return bot.Committed{}, err
	}
	return f.strict.Commit(ctx, c)
}

func (f *faulty) Cases(ctx context.Context) ([]bot.Marked, error) {
	if err := f.call(); err != nil {
		return nil, err
	}
	return f.strict.Cases(ctx)
}

func (f *faulty) Log(ctx context.Context, k bot.Key, skip int) ([][]byte, error) {
	if err := f.call(); err != nil {
		return nil, err
	}
	return f.strict.Log(ctx, k, skip)
}

// Whichever call of an act the store does not answer, whoever acts learns of it: nothing reads as done, or as never having been.
func TestNoActOfTheDeskHidesThatTheStoreDoesNotAnswer(t *testing.T) {
	member := bot.Actor{ID: "telegram:7", Name: "Ona"}
	person := bot.Address{Channel: "telegram", ID: "5"}
	lines := []bot.Line{{At: 5, By: talk.ByPerson, Text: "a"}}
	type office struct {
		*desk.Desk
		token, cookie string
		account       desk.Account
	}
	for name, act := range map[string]func(ctx context.Context, d office) error{
		"invite": func(ctx context.Context, d office) error {
			_, _, err := d.Invite(ctx, "Jonas", "", time.Now())
			return err
		},
		"invite member": func(ctx context.Context, d office) error {
			_, _, err := d.InviteMember(ctx, "Ona", member, time.Now())
			return err
		},
		"invited": func(ctx context.Context, d office) error { _, err := d.Invited(ctx, d.token, time.Now()); return err },
		"enter":   func(ctx context.Context, d office) error { _, _, err := d.Enter(ctx, d.token, time.Now()); return err },
		"visit": func(ctx context.Context, d office) error {
			_, _, err := d.Visitor(ctx, d.cookie, true, time.Now().Add(2*time.Minute))
			return err
		},
		"sign out": func(ctx context.Context, d office) error { return d.SignOut(ctx, d.cookie, time.Now()) },
		"accounts": func(ctx context.Context, d office) error { _, err := d.Accounts(ctx); return err },
		"members":  func(ctx context.Context, d office) error { _, err := d.Members(ctx); return err },
		"unled":    func(ctx context.Context, d office) error { _, _, err := d.Unled(ctx); return err },
		"new links": func(ctx context.Context, d office) error {
			_, err := d.NewLinks(ctx, d.account, time.Now())
			return err
		},
		"remove":      func(ctx context.Context, d office) error { return d.RemoveAccount(ctx, "ruta", time.Now()) },
		"member left": func(ctx context.Context, d office) error { return d.MemberLeft(ctx, member, time.Now()) },
		"have read": func(ctx context.Context, d office) error {
			return d.HaveRead(ctx, "ruta", d.Key(person), lines, time.Now())
		},
		"reading":      func(ctx context.Context, d office) error { _, err := d.Reading(ctx, "ruta"); return err },
		"case version": func(ctx context.Context, d office) error { _, err := d.CaseVersion(ctx, d.Key(person)); return err },
		"roster":       func(ctx context.Context, d office) error { _, err := d.Roster(ctx); return err },
		"on duty":      func(ctx context.Context, d office) error { return d.OnDuty(ctx, member, true) },
		"left":         func(ctx context.Context, d office) error { return d.Left(ctx, member) },
		"cases":        func(ctx context.Context, d office) error { _, err := d.Cases(ctx); return err },
		"open cases":   func(ctx context.Context, d office) error { _, err := d.OpenCases(ctx); return err },
		"case":         func(ctx context.Context, d office) error { _, err := d.Case(ctx, d.Key(person)); return err },
		"log":          func(ctx context.Context, d office) error { _, err := d.Log(ctx, d.Key(person), 0); return err },
		"remember":     func(ctx context.Context, d office) error { return d.Remember(ctx, "place", person) },
		"recall":       func(ctx context.Context, d office) error { _, _, err := d.Recall(ctx, "kept"); return err },
		"unremember":   func(ctx context.Context, d office) error { return d.Unremember(ctx, "kept") },
	} {
		for fails := 1; ; fails++ {
			store, key := &faulty{strict: newStrict()}, seal.NewKey()
			b := overStore(t, store, key)
			enter(t, b, "Vera", desk.Lead)
			d := office{cookie: enter(t, b, "Rūta", desk.Counsellor)}
			if err := errors.Join(b.OnDuty(t.Context(), member, true), b.Remember(t.Context(), "kept", person)); err != nil {
				t.Fatal(err)
			}
			if ona, _, err := b.InviteMember(t.Context(), "Ona", member, time.Now()); err != nil {
				t.Fatal(err)
			} else if _, _, err = b.Enter(t.Context(), ona, time.Now()); err != nil {
				t.Fatal(err)
			}
			var err error
			if d.token, _, err = b.Invite(t.Context(), "Lina", "", time.Now()); err != nil {
				t.Fatal(err)
			}
			d.account = desk.Account{ID: "ruta", Links: []int64{1}}
			d.Desk = overStore(t, store, key) // with nothing in memory
			store.calls, store.fails = 0, fails
			err = act(t.Context(), d)
			if store.calls < fails {
				if fails == 1 {
					t.Errorf("%s asks nothing of the store", name)
				}
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				break
			}
			if !errors.Is(err, errOutage) {
				t.Errorf("%s, call %d is not answered: %v", name, fails, err)
			}
		}
	}
}

// elsewhere makes a second process do something just before the first one's next commit.
func elsewhere(m *strict, do func()) {
	m.before = func(bot.Commit) {
		m.before = nil
		do()
	}
}

func TestWhatTwoProcessesChangeAtOnceIsAllKept(t *testing.T) {
	m, key := newStrict(), seal.NewKey()
	one, two := overStore(t, m, key), overStore(t, m, key)
	enter(t, one, "Vera", desk.Lead)
	elsewhere(m, func() { enter(t, two, "Jonas", desk.Counsellor) })
	enter(t, one, "Rūta", desk.Editor)
	elsewhere(m, func() {
		if err := two.OnDuty(t.Context(), bot.Actor{ID: "a"}, true); err != nil {
			t.Error(err)
		}
	})
	if err := one.OnDuty(t.Context(), bot.Actor{ID: "b"}, true); err != nil {
		t.Fatal(err)
	}
	place := func(b *desk.Desk, id string) {
		if err := b.Remember(t.Context(), "place", bot.Address{Channel: "web", ID: id}); err != nil {
			t.Error(err)
		}
	}
	elsewhere(m, func() { place(two, "1") })
	place(one, "2")
	if at, ok, err := two.Recall(t.Context(), "place"); at.ID != "2" || !ok || err != nil {
		t.Errorf("the place is remembered as %+v %v %v", at, ok, err)
	}
	later := overStore(t, m, key)
	all, err := later.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range all.List {
		names = append(names, a.Name)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"Jonas", "Rūta", "Vera"}) {
		t.Errorf("the accounts are %v", names)
	}
	if r, err := later.Roster(t.Context()); err != nil || len(r.Duty) != 2 {
		t.Errorf("on duty are %+v, %v", r.Duty, err)
	}
	busy := false
	m.before = func(bot.Commit) { // somebody else is always faster
		if !busy {
			busy = true
			two.ChangeRoster(t.Context(), func(r *desk.Roster) { r.Waits = append(r.Waits, len(r.Waits)) })
			two.ChangeAccounts(t.Context(), time.Now(), func(a *desk.Accounts) error { a.Unled++; return nil })
			place(two, "3")
			busy = false
		}
	}
	for what, err := range map[string]error{
		"duty":     one.OnDuty(t.Context(), bot.Actor{ID: "c"}, true),
		"remember": one.Remember(t.Context(), "place", bot.Address{Channel: "web", ID: "2"}),
		"accounts": one.ChangeAccounts(t.Context(), time.Now(), func(a *desk.Accounts) error { a.List = a.List[1:]; return nil }),
	} {
		if !errors.Is(err, bot.ErrConflict) {
			t.Errorf("%s, when somebody else is always faster: %v", what, err)
		}
	}
	if err := one.Unremember(t.Context(), "place"); err != nil {
		t.Errorf("a place that is made anew meanwhile: %v", err)
	}
}

func TestAProcessThatChangedNothingLearnsOfAccountsAndDutyWithinSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, key := newStrict(), seal.NewKey()
		one, two := overStore(t, m, key), overStore(t, m, key)
		heard := 0
		one.Hear = func(bot.Key) { heard++ }
		ctx, cancel := context.WithCancel(t.Context())
		go two.KeepDesk(ctx)
		synctest.Wait()
		if two.CanCounsel() {
			t.Error("there is somebody who can answer before anybody came in")
		}
		enter(t, one, "Edita", desk.Editor)
		if one.CanCounsel() {
			t.Error("an editor answers people")
		}
		enter(t, one, "Rūta", desk.Counsellor)
		if heard != 4 || !one.CanCounsel() {
			t.Errorf("two links and two entries were told of %d times; somebody counsels: %v", heard, one.CanCounsel())
		}
		if all, err := two.Accounts(t.Context()); err != nil || len(all.List) != 0 {
			t.Errorf("what is in memory for two seconds is %+v, %v", all, err)
		}
		if r, err := two.Roster(t.Context()); err != nil || len(r.Duty) != 0 {
			t.Errorf("the roster is %+v, %v", r, err)
		}
		if err := one.OnDuty(t.Context(), bot.Actor{ID: "a"}, true); err != nil || heard != 5 {
			t.Errorf("duty is told of: %d, %v", heard, err)
		}
		if err := one.OnDuty(t.Context(), bot.Actor{ID: "nobody"}, false); err != nil || heard != 5 {
			t.Errorf("what changes nothing is told of: %d, %v", heard, err)
		}
		time.Sleep(2*time.Second - 1)
		if r, _ := two.Roster(t.Context()); len(r.Duty) != 0 {
			t.Error("the roster is read anew too soon")
		}
		time.Sleep(time.Second + 1)
		synctest.Wait()
		if r, _ := two.Roster(t.Context()); len(r.Duty) != 1 || !two.CanCounsel() {
			t.Errorf("three seconds later on duty are %+v, somebody counsels: %v", r.Duty, two.CanCounsel())
		}
		if err := one.RemoveAccount(t.Context(), "ruta", time.Now()); err != nil || one.CanCounsel() {
			t.Errorf("who is removed still counsels: %v", err)
		}
		cancel()
	})
}

func TestALinkThatSomebodyElseMadeIsToldItsOwnerOnce(t *testing.T) {
	b, now := overStore(t, newStrict(), seal.NewKey()), time.UnixMilli(1_700_000_000_000)
	account := func() desk.Account {
		all, err := b.Accounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return *all.Find("ona")
	}
	told := func(at time.Time) []time.Time {
		links, err := b.NewLinks(t.Context(), account(), at)
		if err != nil {
			t.Fatal(err)
		}
		return links
	}
	made := func(at time.Time) {
		if _, _, err := b.Invite(t.Context(), "Ona", "", at); err != nil {
			t.Fatal(err)
		}
	}
	member := bot.Actor{ID: "telegram:7"}
	own, _, err := b.InviteMember(t.Context(), "Ona", member, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Enter(t.Context(), own, now); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.InviteMember(t.Context(), "Ona", member, now); err != nil || told(now) != nil {
		t.Errorf("she is told of a link that she asked for herself: %v", err)
	}
	before := account()
	made(now)
	stale := account()
	if links := told(now); !slices.Equal(links, []time.Time{now}) {
		t.Errorf("she is told of %v", links)
	}
	if links, err := b.NewLinks(t.Context(), stale, now); err != nil || len(links) != 0 || told(now) != nil {
		t.Errorf("she is told twice: %v %v", links, err)
	}
	if links, err := b.NewLinks(t.Context(), before, now); err != nil || links != nil {
		t.Errorf("an account without links is told of %v, %v", links, err)
	}
	month := now.Add(30 * 24 * time.Hour)
	if made(month); !slices.Equal(told(month), []time.Time{now, month}) {
		t.Error("for thirty days earlier links are told of with the newest")
	}
	if made(month.Add(time.Millisecond)); !slices.Equal(told(month), []time.Time{month, month.Add(time.Millisecond)}) {
		t.Error("after thirty days a link is told of no more")
	}
	for i := range 6 {
		made(month.Add(time.Duration(i+2) * time.Millisecond))
	}
	if links := told(month); len(links) != 5 || !links[4].Equal(month.Add(7*time.Millisecond)) {
		t.Errorf("of many links she is told of %v", links)
	}
	if links, err := b.NewLinks(t.Context(), desk.Account{ID: "nobody", Links: []int64{1}}, now); err != nil || len(links) != 0 {
		t.Errorf("nobody is told of %v, %v", links, err)
	}
}

func TestALinkLastsADayAndAMembersTenMinutes(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for life, invite := range map[time.Duration]func(b *desk.Desk) (string, desk.Invitation, error){
		24 * time.Hour: func(b *desk.Desk) (string, desk.Invitation, error) { return b.Invite(t.Context(), "Ona", "", now) },
		10 * time.Minute: func(b *desk.Desk) (string, desk.Invitation, error) {
			return b.InviteMember(t.Context(), "Ona", bot.Actor{ID: "telegram:7"}, now)
		},
	} {
		for at, works := range map[time.Duration]bool{0: true, life - time.Second: true, life: false, life + time.Hour: false} {
			b := overStore(t, newStrict(), seal.NewKey())
			token, made, err := invite(b)
			if err != nil || made.Name != "Ona" || made.Role != desk.Counsellor {
				t.Fatalf("%+v %v", made, err)
			}
			for range 2 { // looking uses nothing up
				who, err := b.Invited(t.Context(), token, now.Add(at))
				if works && (err != nil || who != made) || !works && !errors.Is(err, desk.ErrInvite) {
					t.Errorf("after %v of %v it is for %+v, %v", at, life, who, err)
				}
			}
			a, cookie, err := b.Enter(t.Context(), token, now.Add(at))
			if works && (err != nil || a.Name != "Ona" || !b.Ours(cookie)) || !works && !errors.Is(err, desk.ErrInvite) {
				t.Errorf("after %v of %v %+v comes in: %v", at, life, a, err)
			}
			if _, _, err := b.Enter(t.Context(), token, now.Add(at)); !errors.Is(err, desk.ErrInvite) {
				t.Errorf("it works twice: %v", err)
			}
		}
	}
}

func TestASessionLastsTwelveHoursAndAnHourOfSilence(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	begin := func() (*desk.Desk, string) {
		b := overStore(t, newStrict(), seal.NewKey())
		token, _, err := b.Invite(t.Context(), "Ona", "", now)
		if err != nil {
			t.Fatal(err)
		}
		_, cookie, err := b.Enter(t.Context(), token, now)
		if err != nil {
			t.Fatal(err)
		}
		return b, cookie
	}
	in := func(b *desk.Desk, cookie string, touch bool, after time.Duration) bool {
		t.Helper()
		a, _, err := b.Visitor(t.Context(), cookie, touch, now.Add(after))
		if err != nil && !errors.Is(err, desk.ErrSession) || (err == nil) != (a.Name == "Ona") {
			t.Fatal(a, err)
		}
		return err == nil
	}
	b, cookie := begin()
	if !in(b, cookie, false, 0) || !in(b, cookie, false, time.Hour-time.Second) || in(b, cookie, false, time.Hour) {
		t.Error("an hour of looking without doing anything")
	}
	if !in(b, cookie, true, time.Minute-time.Second) || in(b, cookie, false, time.Hour) {
		t.Error("an act within the first minute is not worth writing down")
	}
	if !in(b, cookie, true, time.Minute) || !in(b, cookie, false, time.Hour+time.Minute-time.Second) || in(b, cookie, false, time.Hour+time.Minute) {
		t.Error("an hour after the last act")
	}
	b, cookie = begin()
	for at := time.Duration(0); at < 12*time.Hour; at += 30 * time.Minute {
		if !in(b, cookie, true, at) {
			t.Errorf("who works all the time is out after %v", at)
		}
	}
	if !in(b, cookie, true, 12*time.Hour-time.Second) || in(b, cookie, true, 12*time.Hour) {
		t.Error("twelve hours of work")
	}
	b, cookie = begin()
	if err := b.SignOut(t.Context(), cookie, now); err != nil || in(b, cookie, false, 0) {
		t.Errorf("who signed out is in: %v", err)
	}
	b, cookie = begin()
	if err := b.RemoveAccount(t.Context(), "ona", now); err != nil || in(b, cookie, false, 0) {
		t.Errorf("whose account is removed is in: %v", err)
	}
	token, _, err := b.Invite(t.Context(), "Ona", "", now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Enter(t.Context(), token, now.Add(time.Second)); err != nil || in(b, cookie, false, time.Second) {
		t.Errorf("who comes back has the old session: %v", err)
	}
}

func TestASecretThatWasNotMadeHereIsNone(t *testing.T) {
	m := newStrict()
	b, stranger := overStore(t, m, seal.NewKey()), overStore(t, newStrict(), seal.NewKey())
	token, _, err := b.Invite(t.Context(), "Ona", "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 32 || !b.Ours(token) || stranger.Ours(token) {
		t.Errorf("%d bytes, %v; ours %v, a stranger's %v", len(raw), err, b.Ours(token), stranger.Ours(token))
	}
	word := base64.RawURLEncoding.EncodeToString
	raw[31] ^= 1
	for _, bad := range []string{"", "x", token[1:], token + "AA", word(raw), word(raw[:31]), word(append(raw, 0)), strings.Repeat("!", 43)} {
		if b.Ours(bad) {
			t.Errorf("%q is taken for ours", bad)
		}
		if _, err := b.Invited(t.Context(), bad, time.Now()); !errors.Is(err, desk.ErrInvite) {
			t.Errorf("%q: %v", bad, err)
		}
		if _, _, err := b.Enter(t.Context(), bad, time.Now()); !errors.Is(err, desk.ErrInvite) {
			t.Errorf("%q: %v", bad, err)
		}
		if _, _, err := b.Visitor(t.Context(), bad, false, time.Now()); !errors.Is(err, desk.ErrSession) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	other, _, _ := b.Invite(t.Context(), "Jonas", "", time.Now())
	if other == token {
		t.Error("two links are the same")
	}
}

func TestANameIsTidiedOrItIsSaidWhatIsWrong(t *testing.T) {
	for name, want := range map[string]string{
		"Rūta": "Rūta", "  Rūta \t K. ": "Rūta K.", strings.Repeat("ą", 40): strings.Repeat("ą", 40), strings.Repeat("ą", 41): "",
		"": "", " ": "", "...": "", "a@b": "", "a/b": "", "a<b": "", "a>b": "", "a*b": "", "a\u200bb": "", "a\x00b": "",
	} {
		var bad *desk.ErrName
		if got, err := desk.GoodName(name); got != want || (err == nil) != (want != "") || err != nil && (!errors.As(err, &bad) || err.Error() == "") {
			t.Errorf("%q becomes %q, %v", name, got, err)
		}
	}
	for role, is := range map[desk.Role][2]bool{desk.Counsellor: {true, true}, desk.Lead: {true, true}, desk.Editor: {true, false}, "": {}, "boss": {}} {
		if role.Known() != is[0] || role.Counsels() != is[1] {
			t.Errorf("the role %q is known %v, counsels %v", role, role.Known(), role.Counsels())
		}
		if a := (desk.Account{ID: "ona", Name: "Ona", Role: role}).Actor(); a != (bot.Actor{ID: "console:ona", Name: "Ona", Lead: role == desk.Lead}) {
			t.Errorf("the actor of a %q is %+v", role, a)
		}
	}
}

// An account goes with its name: who is invited to it, and with which role.
func TestWhoMayBeInvitedToWhat(t *testing.T) {
	ona, jonas := bot.Actor{ID: "telegram:1"}, bot.Actor{ID: "telegram:2"}
	type link struct {
		name string
		role desk.Role
		of   bot.Actor
	}
	for what, c := range map[string]struct {
		in, open []link // who came in, and who has a link
		link     link
		role     desk.Role // "" where it is refused
		of       string
	}{
		"somebody new":                            {link: link{name: "Ona"}, role: desk.Counsellor},
		"somebody new, as a lead":                 {link: link{name: "Ona", role: desk.Lead}, role: desk.Lead},
		"a role that is none":                     {link: link{name: "Ona", role: "boss"}},
		"who is an editor":                        {in: []link{{name: "Ona", role: desk.Editor}}, link: link{name: "Ona"}, role: desk.Editor},
		"who is an editor, as a lead":             {in: []link{{name: "Ona", role: desk.Editor}}, link: link{name: "Ona", role: desk.Lead}, role: desk.Lead},
		"who was invited as an editor":            {open: []link{{name: "Ona", role: desk.Editor}}, link: link{name: "Ona"}, role: desk.Editor},
		"a name that is alike":                    {in: []link{{name: "Ona"}}, link: link{name: "Oną"}},
		"a name like another link's":              {open: []link{{name: "Ona"}}, link: link{name: "Oną"}},
		"a member":                                {link: link{name: "Ona", of: ona}, role: desk.Counsellor, of: ona.ID},
		"a member again":                          {in: []link{{name: "Ona", of: ona}}, link: link{name: "Ona", of: ona}, role: desk.Counsellor, of: ona.ID},
		"a member under another's name":           {in: []link{{name: "Ona", of: ona}}, link: link{name: "Ona", of: jonas}},
		"a member under the name of another link": {open: []link{{name: "Ona", of: ona}}, link: link{name: "Ona", of: jonas}},
		"by a lead, whose account is a member's":  {in: []link{{name: "Ona", of: ona}}, link: link{name: "Ona"}, role: desk.Counsellor, of: ona.ID},
		"by a lead, whose link is a member's":     {open: []link{{name: "Ona", of: ona}}, link: link{name: "Ona"}, role: desk.Counsellor, of: ona.ID},
		"a member under a counsellor's name":      {in: []link{{name: "Ona"}}, link: link{name: "Ona", of: ona}, role: desk.Counsellor, of: ona.ID},
		"a member under a lead's name":            {in: []link{{name: "Vera", role: desk.Lead}, {name: "Ona", role: desk.Lead}}, link: link{name: "Ona", of: ona}},
		"one of two leads, as a counsellor":       {in: []link{{name: "Vera", role: desk.Lead}, {name: "Ona", role: desk.Lead}}, link: link{name: "Ona", role: desk.Counsellor}, role: desk.Counsellor},
		"the only lead, as a counsellor":          {in: []link{{name: "Ona", role: desk.Lead}, {name: "Vera"}}, link: link{name: "Ona", role: desk.Counsellor}},
		"the only lead again":                     {in: []link{{name: "Ona", role: desk.Lead}}, link: link{name: "Ona"}, role: desk.Lead},
	} {
		b, now := overStore(t, newStrict(), seal.NewKey()), time.Now()
		invite := func(l link) (string, desk.Invitation, error) {
			if l.of.ID != "" {
				return b.InviteMember(t.Context(), l.name, l.of, now)
			}
			return b.Invite(t.Context(), l.name, l.role, now)
		}
		for _, l := range append(slices.Clone(c.in), c.open...) {
			token, _, err := invite(l)
			if err == nil && slices.Contains(c.in, l) {
				_, _, err = b.Enter(t.Context(), token, now)
			}
			if err != nil {
				t.Fatal(what, err)
			}
		}
		token, made, err := invite(c.link)
		var bad *desk.ErrName
		if c.role == "" {
			if !errors.As(err, &bad) || token != "" || made != (desk.Invitation{}) {
				t.Errorf("%s: %+v %v", what, made, err)
			}
			continue
		}
		if err != nil || made.Role != c.role || made.Of != c.of {
			t.Errorf("%s: %+v %v", what, made, err)
			continue
		}
		if a, _, err := b.Enter(t.Context(), token, now); err != nil || a.Role != c.role || a.Of != c.of {
			t.Errorf("%s comes in as %+v, %v", what, a, err)
		}
	}
}

func TestAccountsAndLinksHaveABound(t *testing.T) {
	b, now := overStore(t, newStrict(), seal.NewKey()), time.Now()
	fill := func(accounts, links int) {
		t.Helper()
		err := b.ChangeAccounts(t.Context(), now, func(a *desk.Accounts) error {
			*a = desk.Accounts{}
			for i := range accounts {
				a.List = append(a.List, desk.Account{ID: fmt.Sprintf("a-%d", i), Name: fmt.Sprintf("A %d", i), Role: desk.Counsellor})
			}
			for i := range links {
				a.Invited = append(a.Invited, desk.Invitation{Hash: fmt.Sprint(i), Name: fmt.Sprintf("B %d", i), Role: desk.Counsellor, Until: now.Unix() + 1})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var bad *desk.ErrName
	fill(199, 0)
	if _, _, err := b.Invite(t.Context(), "Ona", "", now); err != nil {
		t.Errorf("the 200th: %v", err)
	}
	fill(200, 0)
	if _, _, err := b.Invite(t.Context(), "Ona", "", now); !errors.As(err, &bad) {
		t.Errorf("the 201st: %v", err)
	}
	for links, first := range map[int]string{399: "B 0", 400: "B 1"} {
		fill(0, links)
		if _, _, err := b.Invite(t.Context(), "Ona", "", now); err != nil {
			t.Fatal(err)
		}
		if all, _ := b.Accounts(t.Context()); len(all.Invited) != 400 || all.Invited[0].Name != first || all.Invited[399].Name != "Ona" {
			t.Errorf("of %d links and one more there are %d, from %s", links, len(all.Invited), all.Invited[0].Name)
		}
	}
	now = now.Add(time.Second)
	if token, _, err := b.Invite(t.Context(), "Jonas", "", now); err != nil || token == "" {
		t.Fatal(err)
	}
	if all, _ := b.Accounts(t.Context()); len(all.Invited) != 2 {
		t.Errorf("links that have ended are kept: %d", len(all.Invited))
	}
}

func TestWhoLeavesTheGroupTakesNobodyElsesLinkOrAccountAlong(t *testing.T) {
	b, now := overStore(t, newStrict(), seal.NewKey()), time.Now()
	ona, jonas := bot.Actor{ID: "telegram:1"}, bot.Actor{ID: "telegram:2"}
	enter(t, b, "Vera", desk.Lead)
	for name, who := range map[string]bot.Actor{"Ona": ona, "Jonas": jonas} {
		for range 2 { // one to come in by, and one that stays open
			token, _, err := b.InviteMember(t.Context(), name, who, now)
			if err != nil {
				t.Fatal(err)
			}
			if all, _ := b.Accounts(t.Context()); len(all.List) < 3 {
				b.Enter(t.Context(), token, now)
			}
		}
	}
	if _, _, err := b.Invite(t.Context(), "Lina", "", now); err != nil {
		t.Fatal(err)
	}
	rasa := bot.Actor{ID: "telegram:3"} // who asked for a link and left before she came in
	if _, _, err := b.InviteMember(t.Context(), "Rasa", rasa, now); err != nil {
		t.Fatal(err)
	}
	if err := b.MemberLeft(t.Context(), rasa, now); err != nil {
		t.Fatal(err)
	}
	if members, err := b.Members(t.Context()); err != nil || !slices.Equal(members, []string{ona.ID, jonas.ID}) {
		t.Errorf("the members are %v, %v", members, err)
	}
	if err := b.MemberLeft(t.Context(), ona, now); err != nil {
		t.Fatal(err)
	}
	all, err := b.Accounts(t.Context())
	if err != nil || all.Find("ona") != nil || all.Find("jonas") == nil || all.Find("vera") == nil {
		t.Errorf("the accounts are %+v, %v", all.List, err)
	}
	if slices.ContainsFunc(all.Invited, func(i desk.Invitation) bool { return i.Of == ona.ID }) || !slices.ContainsFunc(all.Invited, func(i desk.Invitation) bool { return i.Name == "Lina" }) {
		t.Errorf("the links are %+v", all.Invited)
	}
	if err := b.RemoveAccount(t.Context(), "nobody", now); err != nil {
		t.Errorf("an account that is not there: %v", err)
	}
	if err := b.OnDuty(t.Context(), all.Find("jonas").Actor(), true); err != nil {
		t.Fatal(err)
	}
	if err := b.RemoveAccount(t.Context(), "jonas", now); err != nil {
		t.Fatal(err)
	}
	if r, err := b.Roster(t.Context()); err != nil || len(r.Duty) != 0 {
		t.Errorf("whose account is removed is on duty: %+v, %v", r.Duty, err)
	}
	if !slices.ContainsFunc(allDeeds(t, b), func(d desk.Deed) bool { return d.What == "remove" && d.Name == "Ona" && d.Role == desk.Counsellor }) {
		t.Error("it is not written down which role she had")
	}
	all, _ = b.Accounts(t.Context())
	if len(all.List) != 1 || slices.ContainsFunc(all.Invited, func(i desk.Invitation) bool { return i.Name == "Jonas" }) {
		t.Errorf("an account that is removed has left %+v", all)
	}
}

func TestALineIsUnreadUntilItsAccountHasSeenIt(t *testing.T) {
	b, now := overStore(t, newStrict(), seal.NewKey()), time.Now()
	key, other := b.Key(bot.Address{Channel: "web", ID: "1"}), b.Key(bot.Address{Channel: "web", ID: "2"})
	line := func(at int64, by bot.Voice) bot.Line { return bot.Line{At: at, By: by, Text: "words"} }
	lines := []bot.Line{line(5, talk.ByPerson), line(6, talk.ByPerson), line(6, talk.ByCounsellor), line(6, talk.ByPerson), line(7, talk.ByPerson)}
	unread := func(account string, key bot.Key) int {
		t.Helper()
		r, err := b.Reading(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		return b.Unread(r, key, lines, "")
	}
	read := func(n int) {
		t.Helper()
		if err := b.HaveRead(t.Context(), "ruta", key, lines[:n], now); err != nil {
			t.Fatal(err)
		}
	}
	for seen, left := range []int{4, 3, 2, 2, 1, 0} {
		if read(seen); unread("ruta", key) != left {
			t.Errorf("after %d of 5 lines %d are unread, not %d", seen, unread("ruta", key), left)
		}
	}
	read(1) // an older page, shown again
	if unread("ruta", key) != 0 || unread("ona", key) != 4 || unread("ruta", other) != 4 {
		t.Errorf("hers %d, a colleague's %d, of another case %d", unread("ruta", key), unread("ona", key), unread("ruta", other))
	}
	for i := range 300 {
		lines := []bot.Line{line(int64(100+i), talk.ByPerson)}
		if err := b.HaveRead(t.Context(), "ruta", b.Key(bot.Address{Channel: "web", ID: fmt.Sprint("more ", i)}), lines, now); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := b.Reading(t.Context(), "ruta"); err != nil || len(r.Cases) != 300 || unread("ruta", key) != 4 {
		t.Errorf("of 301 cases %d are remembered, of the oldest %d lines are unread, %v", len(r.Cases), unread("ruta", key), err)
	}
}

// The store loses the accounts, or somebody puts earlier ones back; versions go round after 2^32 changes.
func TestTheNewestAccountsAreKnownAlsoWhenVersionsGoRound(t *testing.T) {
	m, key := newStrict(), seal.NewKey()
	ring, err := seal.New(key, 8)
	if err != nil {
		t.Fatal(err)
	}
	b := overStore(t, m, key)
	at := b.Key(bot.Address{Channel: bot.DeskName, ID: "accounts"})
	put := func(version uint32, names ...string) {
		var all desk.Accounts
		for _, n := range names {
			all.List = append(all.List, desk.Account{ID: strings.ToLower(n), Name: n, Role: desk.Lead})
		}
		plain, _ := json.Marshal(all)
		*m.of(at) = kept{partition: at.Partition, version: version, value: ring.SealVersion(at.Partition, at.Hash, 'a', version, plain), ends: time.Now().Add(time.Hour)}
	}
	names := func() (out []string) {
		t.Helper()
		err := b.ChangeAccounts(t.Context(), time.Now(), func(a *desk.Accounts) error {
			for _, x := range a.List {
				out = append(out, x.Name)
			}
			return errOutage
		})
		if !errors.Is(err, errOutage) {
			t.Fatal(err)
		}
		return out
	}
	put(1<<32-1, "Vera")
	if got := names(); !slices.Equal(got, []string{"Vera"}) {
		t.Errorf("at the last version there is %v", got)
	}
	enter(t, b, "Ona", desk.Counsellor)
	if v := m.of(at).version; v == 0 {
		t.Errorf("the version after the last is %d", v)
	}
	if got := names(); !slices.Equal(got, []string{"Vera", "Ona"}) {
		t.Errorf("after the last version there is %v", got)
	}
	now := m.of(at).version
	put(now-1, "Vera") // yesterday's
	if got := names(); !slices.Equal(got, []string{"Vera", "Ona"}) || m.of(at).version != now+1 {
		t.Errorf("one put back is taken: %v", got)
	}
	put(now+9, "Lina") // another process has worked on
	if got := names(); !slices.Equal(got, []string{"Lina"}) {
		t.Errorf("a later one is not: %v", got)
	}
	delete(m.talks, at.Hash)
	if got := names(); !slices.Equal(got, []string{"Lina"}) {
		t.Errorf("lost by the store there is %v", got)
	}
}

// What an earlier program kept of the desk is found by every later one: names of addresses and kinds of records never change.
func TestWhatAnEarlierProgramKeptOfTheDeskIsFound(t *testing.T) {
	m, key := newStrict(), seal.NewKey()
	ring, err := seal.New(key, 8)
	if err != nil {
		t.Fatal(err)
	}
	b, now := overStore(t, m, key), time.Now()
	put := func(channel, id string, kind byte, plain string) {
		p, name := ring.Name(channel, id)
		*m.of(bot.Key{Partition: p, Hash: name}) = kept{partition: p, version: 7, value: ring.SealVersion(p, name, kind, 7, []byte(plain)), ends: now.Add(time.Hour)}
	}
	token := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	_, invited := ring.Name("desk-invite", token)
	put("desk", "accounts", 'a', fmt.Sprintf(`{"list":[{"id":"ona","name":"Ona","role":"lead","made":5}],"invited":[{"hash":"%x","name":"Jonas","role":"editor","until":%d}]}`, invited, now.Unix()+9))
	put("desk-session", token, 'v', fmt.Sprintf(`{"account":"ona","made":5,"began":%d,"last":%d}`, now.Unix(), now.Unix()))
	case7 := b.Key(bot.Address{Channel: "web", ID: "7"})
	_, read := ring.Name("desk-read", string(case7.Hash[:]))
	put("desk-seen", "ona", 'e', fmt.Sprintf(`{"%x":{"at":9,"n":1}}`, read[:8]))
	put("desk", "roster", 'r', `{"duty":[{"id":"console:ona"}],"waits":[10,90,20,80]}`)
	put("desk-place", "topic", 'r', "web\x007")
	if a, _, err := b.Visitor(t.Context(), token, false, now); err != nil || a.Name != "Ona" || a.Role != desk.Lead {
		t.Errorf("the session is of %+v, %v", a, err)
	}
	if i, err := b.Invited(t.Context(), token, now); err != nil || i.Name != "Jonas" || i.Role != desk.Editor {
		t.Errorf("the link is for %+v, %v", i, err)
	}
	if r, err := b.Reading(t.Context(), "ona"); err != nil || b.Unread(r, case7, []bot.Line{{At: 9, By: talk.ByPerson}, {At: 10, By: talk.ByPerson}}, "Ona") != 1 {
		t.Errorf("what was read is %+v, %v", r, err)
	}
	if r, err := b.Roster(t.Context()); err != nil || len(r.Duty) != 1 || len(r.Waits) != 4 {
		t.Errorf("the roster is %+v, %v", r, err)
	}
	if at, ok, err := b.Recall(t.Context(), "topic"); err != nil || !ok || at != (bot.Address{Channel: "web", ID: "7"}) {
		t.Errorf("the place is of %+v, %v %v", at, ok, err)
	}
	if at, ok, err := b.Recall(t.Context(), "elsewhere"); err != nil || ok || at != (bot.Address{}) {
		t.Errorf("a place that nobody remembered is of %+v, %v %v", at, ok, err)
	}
	if err := b.Unremember(t.Context(), "topic"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := b.Recall(t.Context(), "topic"); ok || err != nil {
		t.Errorf("a place is remembered after it was forgotten: %v", err)
	}
	// what somebody damaged: the roster is as good as none, all else is said
	for _, at := range [][2]string{{"desk", "accounts"}, {"desk-session", token}, {"desk-seen", "ona"}, {"desk", "roster"}, {"desk-place", "topic"}} {
		put(at[0], at[1], 'x', "{}")
	}
	late := overStore(t, m, key)
	if _, err := late.Accounts(t.Context()); !errors.Is(err, seal.ErrSealed) {
		t.Errorf("damaged accounts: %v", err)
	}
	if _, err := late.Reading(t.Context(), "ona"); !errors.Is(err, seal.ErrSealed) {
		t.Errorf("a damaged reading: %v", err)
	}
	if err := late.HaveRead(t.Context(), "ona", case7, []bot.Line{{At: 1}}, now); !errors.Is(err, seal.ErrSealed) {
		t.Errorf("writing over a damaged reading: %v", err)
	}
	if r, err := late.Roster(t.Context()); err != nil || len(r.Duty) != 0 {
		t.Errorf("a damaged roster is %+v, %v", r, err)
	}
	if _, ok, err := late.Recall(t.Context(), "topic"); ok || err != nil {
		t.Errorf("a damaged place: %v %v", ok, err)
	}
}

func TestTheDeskWritesOnlyWhatChangesAndForAsLongAsItSays(t *testing.T) {
	m := newStrict()
	b, now := overStore(t, m, seal.NewKey()), time.Now()
	var lives []time.Duration
	m.after = func(c bot.Commit, _ bot.Committed) {
		if lives = append(lives, c.TTL); c.Base != 0 && c.Next != c.Base+1 || c.Next == 0 || c.Now.Before(now) || c.Now.After(now.Add(time.Minute)) {
			t.Errorf("version %d follows %d at %v", c.Next, c.Base, c.Now)
		}
	}
	lines := []bot.Line{{At: 9, By: talk.ByPerson}}
	key := b.Key(bot.Address{Channel: "web", ID: "7"})
	const day = 24 * time.Hour
	for _, c := range []struct {
		what string
		act  func() error
		want []time.Duration
	}{
		{"reading", func() error { return b.HaveRead(t.Context(), "ona", key, lines, now) }, []time.Duration{60 * day}},
		{"reading the same", func() error { return b.HaveRead(t.Context(), "ona", key, lines, now) }, nil},
		{"reading more", func() error {
			return b.HaveRead(t.Context(), "ona", key, append(lines, bot.Line{At: 10}), now)
		}, []time.Duration{60 * day}},
		{"reading nothing", func() error { return b.HaveRead(t.Context(), "ona", key, nil, now) }, nil},
		{"duty", func() error { return b.OnDuty(t.Context(), bot.Actor{ID: "a"}, true) }, []time.Duration{3650 * day}},
		{"the same duty", func() error { return b.OnDuty(t.Context(), bot.Actor{ID: "a"}, true) }, nil},
		{"a link", func() error { _, _, err := b.Invite(t.Context(), "Ona", "", now); return err }, []time.Duration{3650 * day}},
		{"nothing of the accounts", func() error {
			return b.ChangeAccounts(t.Context(), now, func(*desk.Accounts) error { return nil })
		}, nil},
		{"a place", func() error { return b.Remember(t.Context(), "p", bot.Address{Channel: "web"}) }, []time.Duration{60 * day}},
		{"leaving without a session", func() error { return b.SignOut(t.Context(), "nobody", now) }, nil},
		{"forgetting no place", func() error { return b.Unremember(t.Context(), "nowhere") }, nil},
	} {
		lives = nil
		if err := c.act(); err != nil || !slices.Equal(lives, c.want) {
			t.Errorf("%s is written for %v, %v", c.what, lives, err)
		}
	}
	m.after = nil
	for i := range 60 {
		if err := b.ChangeRoster(t.Context(), func(r *desk.Roster) {
			r.Duty, r.Waits = append(r.Duty, bot.Actor{ID: fmt.Sprint(i)}), append(r.Waits, i)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := b.Roster(t.Context()); err != nil || len(r.Duty) != 50 || r.Duty[49].ID != "59" || len(r.Waits) != 20 || r.Waits[0] != 40 {
		t.Errorf("the roster holds %d on duty and the waits %v, %v", len(r.Duty), r.Waits, err)
	}
}
