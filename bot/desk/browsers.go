package desk

import (
	"context"
	"crypto/ecdh"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
)

// Counsellors can be called in browsers whose page of the desk is closed (package push). Called are:
//
//   - for a case that waits, those on duty; and where none of them has the page open anywhere, the leads too, and whoever has asked to be
//     called off duty as well;
//   - from the step at which the lead is called on, the leads, on duty or not;
//   - for a held talk whose person waits for an answer, whoever holds it, and then those on duty and the leads.
//
// At the first step nobody is called elsewhere who has the page open: it rings there. At each later one they are, for they did not come.
// Outside the desk's hours a closed page is called in danger alone, and by a talk that its owner holds. What a person is told of who is
// there does not count on any of this: a browser that is called may lie in another room.

// Browser is one in which an account is called also while the page is closed.
type Browser struct {
	Account  string `json:"account"`
	Made     int64  `json:"made"`           // the account's
	Endpoint string `json:"endpoint"`       // at the browser's push service; whoever knows it and the keys can write there
	Key      string `json:"key"`            // the browser's public key, in base64
	Auth     string `json:"auth"`           // its secret, in base64
	Visit    string `json:"visit"`          // of which session: signing out there ends it
	Seen     int64  `json:"seen"`           // when the page was last open in it, Unix seconds, to a day
	Away     bool   `json:"away,omitempty"` // its owner is called off duty too, while nobody on duty has the page open

	Name string `json:"-"` // of the account, where it is called
	Lang string `json:"-"` // the account's
}

// Limits of browsers that are called.
const (
	mostBrowsers = 5 // of one account; the one whose page was not open for longest makes room
	browserLife  = 60 * 24 * time.Hour
	browserTime  = 24 * time.Hour // how exactly it is known when a page was open in it
)

var browsersAddress = bot.Address{Channel: bot.DeskName, ID: "browsers"}

type browsers struct {
	List []Browser `json:"list,omitempty"`
}

// visitName stands for a session where its cookie must not be known.
func (b *Desk) visitName(token string) string {
	_, h := b.ring.Name(bot.DeskName+"-browser", token)
	return hex.EncodeToString(h[:8])
}

// PushKey is what the program shows itself to push services with. It stays the same for every process and whatever becomes of the
// sealing key, so that browsers which are called go on being called. Ok is false while the store has not said which key it is sealed with.
func (b *Desk) PushKey() (key *ecdh.PrivateKey, ok bool) {
	for i := range 8 { // about one secret in 2³² is no key
		secret, ok := b.ring.Lasting("web push " + strconv.Itoa(i))
		if !ok {
			return nil, false
		}
		if key, err := ecdh.P256().NewPrivateKey(secret[:]); err == nil {
			return key, true
		}
	}
	return nil, false
}

// changeBrowsers changes which browsers are called.
func (b *Desk) changeBrowsers(ctx context.Context, now time.Time, change func([]Browser) []Browser) error {
	err := b.change(ctx, browsersAddress, engine.SealedBrowsers, engine.RosterLife, now, func(plain []byte) ([]byte, [][]byte, error) {
		var all browsers
		if plain != nil {
			if err := json.Unmarshal(plain, &all); err != nil {
				return nil, nil, err
			}
		}
		all.List = change(all.List)
		if len(all.List) == 0 {
			return nil, nil, nil
		}
		next, err := json.Marshal(all)
		return next, nil, err
	})
	if err != nil {
		return fmt.Errorf("save which browsers are called: %w", err)
	}
	return nil
}

// DropBrowsers forgets browsers.
func (b *Desk) DropBrowsers(ctx context.Context, now time.Time, which func(Browser) bool) error {
	return b.changeBrowsers(ctx, now, func(all []Browser) []Browser { return slices.DeleteFunc(all, which) })
}

// Browsers returns every browser that is called.
func (b *Desk) Browsers(ctx context.Context) ([]Browser, error) {
	var all browsers
	if _, err := b.read(ctx, browsersAddress, engine.SealedBrowsers, &all); err != nil {
		return nil, fmt.Errorf("read which browsers are called: %w", err)
	}
	return all.List, nil
}

// CallIn notes that an account is called in the browser of the session token. One that was somebody else's is theirs no more.
func (b *Desk) CallIn(ctx context.Context, a Account, token string, x Browser, now time.Time) error {
	x.Account, x.Made, x.Visit, x.Seen = a.ID, a.Made, b.visitName(token), now.Unix()
	return b.changeBrowsers(ctx, now, func(all []Browser) []Browser {
		all = slices.DeleteFunc(all, func(o Browser) bool { return o.Endpoint == x.Endpoint || o.stale(now) })
		mine, oldest := 0, -1
		for i, o := range all {
			if o.Account != a.ID {
				continue
			}
			if mine++; oldest < 0 || o.Seen < all[oldest].Seen {
				oldest = i
			}
		}
		if mine >= mostBrowsers {
			all = slices.Delete(all, oldest, oldest+1)
		}
		return append(all, x)
	})
}

// CalledIn returns how an account is called in a browser; ok is false where it is not. The browser belongs from now to the session token,
// whose page is open there: if somebody else was called in it, they are no longer.
func (b *Desk) CalledIn(ctx context.Context, a Account, token, endpoint string, now time.Time) (x Browser, ok bool, err error) {
	all, err := b.Browsers(ctx)
	if err != nil {
		return x, false, err
	}
	i := slices.IndexFunc(all, func(o Browser) bool { return o.Endpoint == endpoint })
	if i < 0 {
		return x, false, nil
	}
	switch x = all[i]; {
	case x.Account != a.ID || x.Made != a.Made:
		return Browser{}, false, b.DropBrowsers(ctx, now, func(o Browser) bool { return o.Endpoint == endpoint })
	case x.Visit != b.visitName(token) || now.Sub(time.Unix(x.Seen, 0)) >= browserTime:
		err = b.CallIn(ctx, a, token, x, now)
	}
	return x, true, err
}

func (x Browser) stale(now time.Time) bool { return now.Sub(time.Unix(x.Seen, 0)) >= browserLife }

// is reports whether an account is meant by an actor's id: its own, or that of its owner in the counsellors' group.
func (a Account) is(actor string) bool {
	return actor != "" && (actor == a.Actor().ID || actor == a.Of)
}

// Called returns the browsers that a step calls. Open reports whether an account has the page open.
func (b *Desk) Called(ctx context.Context, c bot.Calling, open func(account string) bool) (out []Browser, err error) {
	all, err := b.Browsers(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	accounts, err := b.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	r, err := b.Roster(ctx)
	if err != nil {
		return nil, err
	}
	nobody := len(r.OnDuty(c.At)) == 0
	quiet := !c.Danger && !b.Always && !b.Library().Catalog.Desk.Opens(c.At).Equal(c.At)
	for _, x := range all {
		a := accounts.Find(x.Account)
		if a == nil || a.Made != x.Made || !a.Role.Counsels() || x.stale(c.At) || !c.Again && open(a.ID) {
			continue
		}
		onDuty := slices.ContainsFunc(r.Duty, func(d bot.Actor) bool {
			return a.is(d.ID) && (!d.HasAccount() || c.At.Sub(time.Unix(r.Seen[d.ID], 0)) < SessionTime)
		})
		called := a.is(c.Holder)
		if !called && !quiet && (c.Holder == "" || c.Lead) {
			called = onDuty || a.Role == Lead && (c.Lead || nobody) || x.Away && nobody
		}
		if called {
			x.Name, x.Lang = a.Name, a.Lang
			out = append(out, x)
		}
	}
	return out, nil
}

// StillCalls reports whether what a step called for still waits, so that it is worth calling once more.
func (b *Desk) StillCalls(ctx context.Context, c bot.Calling) (bool, error) {
	s, err := b.Case(ctx, b.Key(c.Person))
	if err != nil {
		return false, err
	}
	now := s.Case
	return now.Active() && (now.State == bot.Taken) == (c.Holder != "") && (now.State != bot.Taken || now.Asked != 0 || now.Wants()), nil
}
