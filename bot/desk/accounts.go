package desk

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/talk"
	"patikra/content"
)

// Who may open the desk's page. An account begins when somebody uses an invitation: a link that works once. Of the link and of
// the cookie that follows it only a keyed hash is kept.

// Role is what an account may do.
type Role string

// The roles.
const (
	Counsellor Role = "counsellor" // acts on cases
	Lead       Role = "lead"       // also sees who did what, releases anybody's case, and invites and removes colleagues
	Editor     Role = "editor"     // sees no case
)

// Known reports whether there is such a role.
func (r Role) Known() bool { return r == Counsellor || r == Lead || r == Editor }

// Counsels reports whether the role acts on cases.
func (r Role) Counsels() bool { return r == Counsellor || r == Lead }

// Account is somebody who may open the desk's page.
type Account struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role Role   `json:"role"`
	Lang string `json:"lang,omitempty"` // of the page; empty: what the browser asks for
	Made int64  `json:"made"`           // so that one who was removed and comes back has no old session
	Of   string `json:"of,omitempty"`   // the actor of the counsellors' group to whom it belongs: it ends when they leave the group
	Last int64  `json:"last,omitempty"` // sessions that began before this time have ended, Unix milliseconds

	Tune  string `json:"tune,omitempty"`  // the sound that calls at an open page; empty: the first there is
	Level string `json:"level,omitempty"` // how loud it is; empty: usual

	Speaks []string `json:"speaks,omitempty"` // languages in which it answers people; none: those of desk.yaml
	Most   int      `json:"most,omitempty"`   // talks at once that are given to it; 0: as many as come

	Keys []Passkey `json:"keys,omitempty"` // by which it comes in without a link

	Links []int64 `json:"links,omitempty"` // when others made links for it, Unix milliseconds, the latest last
	Told  int64   `json:"told,omitempty"`  // of which link its owner was told last
}

// linksKept is how long, and mostLinks how many, links that others made are told of, so that whoever comes in first under a colleague's
// name does not take the notice away from them.
const (
	linksKept = 30 * 24 * time.Hour
	mostLinks = 5
)

// linkMade notes that somebody else has made a link for the account.
func (a *Account) linkMade(now time.Time) {
	links := slices.DeleteFunc(slices.Clone(a.Links), func(at int64) bool { return now.UnixMilli()-at > linksKept.Milliseconds() })
	links = append(links, now.UnixMilli())
	a.Links = links[max(0, len(links)-mostLinks):]
}

// untold reports whether its owner has not been told of a link.
func (a *Account) untold() bool { return len(a.Links) > 0 && a.Links[len(a.Links)-1] > a.Told }

// NewLinks returns when others made links for an account, if its owner was not told of the latest yet, and notes that now they are.
func (b *Desk) NewLinks(ctx context.Context, a Account, now time.Time) ([]time.Time, error) {
	if !a.untold() {
		return nil, nil
	}
	var links []int64
	err := b.ChangeAccounts(ctx, now, func(all *Accounts) error {
		links = nil
		if x := all.Find(a.ID); x != nil && x.untold() {
			links, x.Told = slices.Clone(x.Links), x.Links[len(x.Links)-1]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]time.Time, len(links))
	for i, at := range links {
		out[i] = time.UnixMilli(at)
	}
	return out, nil
}

// Actor is how an account is known at the desk.
func (a Account) Actor() bot.Actor {
	return bot.Actor{ID: bot.ConsoleName + ":" + a.ID, Name: a.Name, Lead: a.Role == Lead}
}

// Invitation is a link that nobody has used yet.
type Invitation struct {
	Hash  string `json:"hash"`
	Name  string `json:"name"`
	Role  Role   `json:"role"`
	Until int64  `json:"until"`
	Of    string `json:"of,omitempty"` // the actor of the counsellors' group whom it was given to
}

// Accounts is everybody who may open the page, and who was invited.
type Accounts struct {
	List    []Account    `json:"list,omitempty"`
	Invited []Invitation `json:"invited,omitempty"`
	Unled   int64        `json:"unled,omitempty"` // since when nobody leads because the last lead left the counsellors' group, Unix seconds
}

// Find returns an account by its id, nil when there is none.
func (a *Accounts) Find(id string) *Account {
	for i := range a.List {
		if a.List[i].ID == id {
			return &a.List[i]
		}
	}
	return nil
}

// leads counts the accounts that lead.
func (a *Accounts) leads() int {
	n := 0
	for _, x := range a.List {
		if x.Role == Lead {
			n++
		}
	}
	return n
}

// Counsel reports whether anybody can answer people.
func (a *Accounts) Counsel() bool {
	return slices.ContainsFunc(a.List, func(x Account) bool { return x.Role.Counsels() })
}

// Times and limits of accounts.
const (
	InviteTime   = 24 * time.Hour
	GroupTime    = 10 * time.Minute // of a link that a member of the counsellors' group asked for
	SessionTime  = 12 * time.Hour   // then whoever works must come in anew
	SilenceTime  = 60 * time.Minute // without anything done; an open page of somebody on duty counts as something
	WarnTime     = 10 * time.Minute // before a session ends its pages say so
	touchTime    = time.Minute      // how exactly the last act of a session is known
	mostAccounts = 200
	mostInvited  = 400
	mostName     = 40 // letters
	seenLife     = 60 * 24 * time.Hour
	mostKept     = 300 // cases whose reading an account remembers
)

// Errors of signing in, for the page to tell apart.
var (
	ErrInvite  = errors.New("the link was used, has ended or never was")
	ErrSession = errors.New("the session has ended")
	// ErrLastLead says that nobody would be left who can invite, remove and look after the others.
	ErrLastLead = errors.New("this is the last lead; make another one first")
)

// ErrName says what is wrong with the name in an invitation.
type ErrName struct{ Why string }

func (e *ErrName) Error() string { return e.Why }

var accountsAddress = bot.Address{Channel: bot.DeskName, ID: "accounts"}

func sessionAddress(token string) bot.Address {
	return bot.Address{Channel: bot.DeskName + "-session", ID: token}
}
func seenAddress(account string) bot.Address {
	return bot.Address{Channel: bot.DeskName + "-seen", ID: account}
}

// change changes a record of the desk's own, whoever else does at the same time. What f returns is saved; nil removes the
// record. f may run several times.
func (b *Desk) change(ctx context.Context, at bot.Address, kind byte, ttl time.Duration, now time.Time, f func(plain []byte) (next []byte, lines [][]byte, err error)) error {
	return b.changeFor(ctx, at, kind, now, func(plain []byte) ([]byte, [][]byte, time.Duration, error) {
		next, lines, err := f(plain)
		return next, lines, ttl, err
	})
}

// changeFor is change where what is kept says how long it is kept.
func (b *Desk) changeFor(ctx context.Context, at bot.Address, kind byte, now time.Time, f func(plain []byte) (next []byte, lines [][]byte, ttl time.Duration, err error)) error {
	key := b.Key(at)
	rec, err := b.store.Load(ctx, key)
	if err != nil {
		return err
	}
	for range engine.Tries {
		var plain []byte
		if rec.Version != 0 {
			if plain, err = b.OpenRecord(ctx, key, kind, rec); err != nil {
				return err
			}
		}
		next, lines, ttl, err := f(plain)
		if err != nil {
			return err
		}
		if len(lines) == 0 && (rec.Version == 0 && next == nil || next != nil && bytes.Equal(plain, next)) {
			return nil
		}
		c := bot.Commit{Key: key, Base: rec.Version, Next: rec.Version + 1, TTL: ttl, Now: now}
		if rec.Version == 0 || c.Next == 0 {
			c.Next = mathrand.Uint32() | 1
		}
		if next != nil {
			c.Value = b.ring.SealVersion(key.Partition, key.Hash, kind, c.Next, next)
		}
		for _, l := range lines {
			c.Log = append(c.Log, b.ring.Seal(key.Partition, key.Hash, kind, l))
		}
		done, err := b.store.Commit(ctx, c)
		if errors.Is(err, bot.ErrConflict) {
			rec = done.Newest
			continue
		}
		if err == nil && at == accountsAddress {
			b.accountsKept.seen.Lock()
			b.accountsKept.newest = bot.Record{Version: c.Next, Value: c.Value}
			b.accountsKept.seen.Unlock()
		}
		return err
	}
	return bot.ErrConflict
}

// read unseals a record of the desk's own into to, which stays as it is when there is none.
func (b *Desk) read(ctx context.Context, at bot.Address, kind byte, to any) (found bool, err error) {
	key := b.Key(at)
	rec, err := b.store.Load(ctx, key)
	if err != nil || rec.Version == 0 {
		return false, err
	}
	plain, err := b.OpenRecord(ctx, key, kind, rec)
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(plain, to)
}

type accountsCache struct {
	mu  sync.Mutex
	at  time.Time
	now Accounts

	seen   sync.Mutex
	newest bot.Record // the newest record of the accounts that this process has read or written
}

// later keeps the newest record of the accounts in memory, and puts it back where the store gives an earlier one: somebody who can write
// to the store, but has no key, has put one back in which an account is that was removed, or a failover has lost a change. What cannot be
// unsealed never takes the place of what could.
func (b *Desk) later(ctx context.Context, key bot.Key, rec bot.Record, now time.Time) (bot.Record, error) {
	c := &b.accountsKept
	c.seen.Lock()
	defer c.seen.Unlock()
	if c.newest.Version == 0 || rec.Version != 0 && int32(rec.Version-c.newest.Version) >= 0 { // versions go round
		_, err := b.OpenRecord(ctx, key, engine.SealedAccounts, rec)
		if err == nil || rec.Version == 0 {
			c.newest = rec
			return rec, nil
		}
		if rec.Version != c.newest.Version { // perhaps sealed with a key that this process does not have yet
			return rec, err
		}
	}
	plain, err := b.OpenRecord(ctx, key, engine.SealedAccounts, c.newest)
	if err != nil {
		return rec, err
	}
	next := bot.Record{Version: max(c.newest.Version+1, 1)}
	next.Value = b.ring.SealVersion(key.Partition, key.Hash, engine.SealedAccounts, next.Version, plain)
	done, err := b.store.Commit(ctx, bot.Commit{Key: key, Base: rec.Version, Next: next.Version, Value: next.Value, TTL: engine.RosterLife, Now: now})
	switch {
	case errors.Is(err, bot.ErrConflict): // another process was faster
		return done.Newest, nil
	case err != nil:
		return rec, err
	}
	c.newest = next
	return next, nil
}

// Accounts returns the accounts, at most two seconds old. The caller changes nothing in them.
func (b *Desk) Accounts(ctx context.Context) (Accounts, error) {
	c := &b.accountsKept
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.at) < rosterTime {
		return c.now, nil
	}
	a, err := b.readAccounts(ctx)
	if err != nil {
		return Accounts{}, fmt.Errorf("read the accounts: %w", err)
	}
	c.now, c.at = a, time.Now()
	b.counsels.Store(a.Counsel())
	return a, nil
}

func (b *Desk) readAccounts(ctx context.Context) (a Accounts, err error) {
	key := b.Key(accountsAddress)
	rec, err := b.store.Load(ctx, key)
	if err != nil {
		return a, err
	}
	was := rec.Version
	if rec, err = b.later(ctx, key, rec, time.Now()); err != nil || rec.Version == 0 {
		return a, err
	}
	plain, err := b.OpenRecord(ctx, key, engine.SealedAccounts, rec)
	if err != nil {
		return a, err
	}
	if rec.Version != was {
		// Best effort: that it happened is worth a line, that it was put right is worth more.
		_ = b.Did(ctx, bot.Actor{ID: StoreName}, "put-back", About{}, time.Now())
	}
	return a, json.Unmarshal(plain, &a)
}

// accountsNow returns the accounts as they are in the store.
func (b *Desk) accountsNow(ctx context.Context) (Accounts, error) {
	b.accountsKept.mu.Lock()
	b.accountsKept.at = time.Time{}
	b.accountsKept.mu.Unlock()
	return b.Accounts(ctx)
}

// ChangeAccounts changes the accounts. Invitations that have ended go.
func (b *Desk) ChangeAccounts(ctx context.Context, now time.Time, change func(*Accounts) error) error {
	if _, err := b.readAccounts(ctx); err != nil { // one that was put back is put right first
		return fmt.Errorf("read the accounts: %w", err)
	}
	var last Accounts
	err := b.change(ctx, accountsAddress, engine.SealedAccounts, engine.RosterLife, now, func(plain []byte) ([]byte, [][]byte, error) {
		var a Accounts
		if plain != nil {
			if err := json.Unmarshal(plain, &a); err != nil {
				return nil, nil, err
			}
		}
		a.Invited = slices.DeleteFunc(a.Invited, func(i Invitation) bool { return i.Until <= now.Unix() })
		if err := change(&a); err != nil {
			return nil, nil, err
		}
		if len(a.Invited) > mostInvited {
			a.Invited = a.Invited[len(a.Invited)-mostInvited:]
		}
		last = a
		next, err := json.Marshal(a)
		return next, nil, err
	})
	if err != nil {
		return fmt.Errorf("save the accounts: %w", err)
	}
	b.accountsKept.mu.Lock()
	b.accountsKept.now, b.accountsKept.at = last, time.Now()
	b.counsels.Store(last.Counsel())
	b.accountsKept.mu.Unlock()
	b.Changed(b.Key(accountsAddress))
	return nil
}

// CanCounsel reports whether there is an account that can answer people, as far as this process knows.
func (b *Desk) CanCounsel() bool { return b.counsels.Load() }

// KeepDesk looks now and then whether there are accounts that can answer people, until the context ends: another
// process may have made one.
func (b *Desk) KeepDesk(ctx context.Context) {
	for {
		look, cancel := context.WithTimeout(ctx, 2*time.Second)
		b.Accounts(look) // an outage changes nothing
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-time.After(rosterTime + time.Second):
		}
	}
}

// A secret of a link or of a cookie: so many random bytes, and their seal.
const (
	tokenRandom = 24
	tokenBytes  = 32
)

// tokenPurpose names the secret that seals them.
const tokenPurpose = "desk secrets"

func sealToken(secret string, random []byte) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(random)
	return m.Sum(nil)[:tokenBytes-tokenRandom]
}

// newToken makes the secret of a link or of a cookie.
func (b *Desk) newToken() string {
	raw := make([]byte, tokenRandom, tokenBytes)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(append(raw, sealToken(b.ring.Secret(tokenPurpose), raw)...))
}

// goodToken reports whether a word could be a secret of ours. An earlier program's had no seal.
func goodToken(token string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	return err == nil && len(raw) == tokenBytes
}

// Ours reports, without a look at the store, whether a word is a secret of a link or a cookie that was made here, though it may have
// ended: nobody can make one up. Those of an earlier program have no seal, and are not known by it.
func (b *Desk) Ours(token string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	return err == nil && len(raw) == tokenBytes && slices.ContainsFunc(b.ring.Secrets(tokenPurpose), func(secret string) bool {
		return hmac.Equal(raw[tokenRandom:], sealToken(secret, raw[:tokenRandom]))
	})
}

func (b *Desk) inviteHash(token string) string {
	_, h := b.ring.Name(bot.DeskName+"-invite", token)
	return hex.EncodeToString(h[:])
}

// accountID makes an id of a name: "Rūta K." becomes ruta-k.
func accountID(name string) string { return strings.ReplaceAll(content.Fold(name), " ", "-") }

// GoodName tidies a colleague's name, or says what is wrong with it.
func GoodName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case accountID(name) == "":
		return "", &ErrName{"the name is empty; write what colleagues call the person, as Rūta"}
	case utf8.RuneCountInString(name) > mostName:
		return "", &ErrName{fmt.Sprintf("the name is too long; write at most %d letters", mostName)}
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune("@/<>*", r) }):
		return "", &ErrName{"the name holds a sign that names do not have; write letters"}
	}
	return name, nil
}

// Invite makes a link's secret for a colleague: a new one, or one who has an account and comes back. An empty role is the one
// they have, counsellor for a new one; what was made says which. A link takes the place of an earlier one that the same person has not used. For who has an account it
// ends their sessions, here and now: whoever made it cannot work beside them under their name unseen.
func (b *Desk) Invite(ctx context.Context, name string, role Role, now time.Time) (token string, made Invitation, err error) {
	return b.invite(ctx, name, role, "", now.Add(InviteTime), now)
}

// InviteMember makes a link's secret for a member of the counsellors' group. The account belongs to them, and ends when they leave.
func (b *Desk) InviteMember(ctx context.Context, name string, who bot.Actor, now time.Time) (token string, made Invitation, err error) {
	return b.invite(ctx, name, "", who.ID, now.Add(GroupTime), now)
}

func (b *Desk) invite(ctx context.Context, name string, role Role, of string, ends, now time.Time) (token string, made Invitation, err error) {
	if name, err = GoodName(name); err != nil {
		return "", made, err
	}
	if role != "" && !role.Known() {
		return "", made, &ErrName{fmt.Sprintf("there is no role %q; write counsellor, lead or editor", role)}
	}
	token = b.newToken()
	err = b.ChangeAccounts(ctx, now, func(a *Accounts) error {
		i := Invitation{Hash: b.inviteHash(token), Name: name, Role: role, Until: ends.Unix(), Of: of}
		if err := a.fits(&i); err != nil {
			return err
		}
		if x := a.Find(accountID(name)); x != nil {
			x.Last = now.UnixMilli()
			if of == "" { // not asked for by its owner in the group
				x.linkMade(now)
			}
		}
		a.Invited = slices.DeleteFunc(a.Invited, func(o Invitation) bool { return accountID(o.Name) == accountID(name) || of != "" && o.Of == of })
		if len(a.List) >= mostAccounts {
			return &ErrName{fmt.Sprintf("there are %d accounts already; remove one that is no longer used", mostAccounts)}
		}
		a.Invited = append(a.Invited, i)
		made = i
		return nil
	})
	if err != nil {
		return "", Invitation{}, err
	}
	return token, made, nil
}

// fits holds an invitation against accounts and other invitations, and gives it the role of the account when it names none.
func (a *Accounts) fits(i *Invitation) error {
	id := accountID(i.Name)
	alike := func(name, of string) error {
		if name != i.Name {
			return &ErrName{fmt.Sprintf("there is already an account or an invitation for %q, which is too much alike; write that name, or another", name)}
		}
		switch {
		case i.Of == "": // made by a lead or a command, for whoever has that name
			i.Of = of
		case of != "" && of != i.Of:
			return &ErrName{fmt.Sprintf("the name %q belongs to somebody else's account; write another", name)}
		}
		return nil
	}
	for _, o := range a.Invited {
		if accountID(o.Name) != id {
			continue
		}
		if err := alike(o.Name, o.Of); err != nil {
			return err
		}
		if i.Role == "" {
			i.Role = o.Role
		}
	}
	if x := a.Find(id); x != nil {
		if err := alike(x.Name, x.Of); err != nil {
			return err
		}
		if x.Of == "" && x.Role == Lead && i.Of != "" {
			return &ErrName{fmt.Sprintf("the name %q belongs to somebody else's account; write another", x.Name)}
		}
		if i.Role == "" {
			i.Role = x.Role
		}
		if x.Role == Lead && i.Role != Lead && a.leads() == 1 {
			return &ErrName{ErrLastLead.Error()}
		}
	}
	if i.Role == "" {
		i.Role = Counsellor
	}
	return nil
}

// Invited returns whom a link is for, without using it. ErrInvite when it no longer works.
func (b *Desk) Invited(ctx context.Context, token string, now time.Time) (Invitation, error) {
	if !goodToken(token) {
		return Invitation{}, ErrInvite
	}
	a, err := b.accountsNow(ctx)
	if err != nil {
		return Invitation{}, err
	}
	hash := b.inviteHash(token)
	for _, i := range a.Invited {
		if i.Hash == hash && i.Until > now.Unix() {
			return i, nil
		}
	}
	return Invitation{}, ErrInvite
}

// Enter uses a link up and begins a session.
func (b *Desk) Enter(ctx context.Context, token string, now time.Time) (Account, string, error) {
	if !goodToken(token) {
		return Account{}, "", ErrInvite
	}
	var who Account
	hash := b.inviteHash(token)
	err := b.ChangeAccounts(ctx, now, func(a *Accounts) error {
		at := slices.IndexFunc(a.Invited, func(i Invitation) bool { return i.Hash == hash })
		if at < 0 {
			return ErrInvite
		}
		i := a.Invited[at]
		a.Invited = slices.Delete(a.Invited, at, at+1)
		id := accountID(i.Name)
		x := a.Find(id)
		switch {
		case x == nil:
			a.List = append(a.List, Account{ID: id, Name: i.Name, Made: now.UnixMilli(), Of: i.Of})
			x = &a.List[len(a.List)-1]
		case x.Name != i.Name || x.Of != "" && x.Of != i.Of: // somebody else has come in under a name that is alike
			return ErrInvite
		case x.Role == Lead && i.Role != Lead && a.leads() == 1:
			return ErrInvite
		}
		x.Role, x.Last, x.Of = i.Role, now.UnixMilli(), i.Of
		if x.Role == Lead {
			a.Unled = 0
		}
		who = *x
		return nil
	})
	if err != nil {
		return who, "", err
	}
	cookie := b.newToken()
	v := Visit{Account: who.ID, Made: who.Made, Began: now.Unix(), Last: now.Unix(), Since: now.UnixMilli()}
	if err := b.saveVisit(ctx, cookie, &v, now); err != nil {
		return who, "", err
	}
	return who, cookie, b.Did(ctx, who.Actor(), "enter", About{Role: who.Role}, now)
}

// Visit is one browser that has come in.
type Visit struct {
	Account string `json:"account"`
	Made    int64  `json:"made"` // the account's
	Began   int64  `json:"began"`
	Last    int64  `json:"last"`
	Since   int64  `json:"since,omitempty"` // Began, in milliseconds
}

// Ends is when a session ends.
type Ends struct {
	At    time.Time // unless something is done before
	Final bool      // whatever is done
}

func (v Visit) ends() Ends {
	last, silent := time.Unix(v.Began, 0).Add(SessionTime), time.Unix(v.Last, 0).Add(SilenceTime)
	if silent.Before(last) {
		return Ends{At: silent}
	}
	return Ends{At: last, Final: true}
}

func (b *Desk) saveVisit(ctx context.Context, token string, v *Visit, now time.Time) error {
	ttl := time.Unix(v.Began, 0).Add(SessionTime).Sub(now)
	err := b.change(ctx, sessionAddress(token), engine.SealedVisit, max(ttl, time.Second), now, func([]byte) ([]byte, [][]byte, error) {
		next, err := json.Marshal(v)
		return next, nil, err
	})
	if err != nil {
		return fmt.Errorf("save the visit: %w", err)
	}
	return nil
}

// Visitor returns whose session a cookie is, and when it ends. touch says that the person did something, so that the session's silence
// begins anew. ErrSession when it has ended.
func (b *Desk) Visitor(ctx context.Context, token string, touch bool, now time.Time) (Account, Ends, error) {
	if !goodToken(token) {
		return Account{}, Ends{}, ErrSession
	}
	var v Visit
	found, err := b.read(ctx, sessionAddress(token), engine.SealedVisit, &v)
	if err != nil {
		return Account{}, Ends{}, fmt.Errorf("read the visit: %w", err)
	}
	if !found || !now.Before(v.ends().At) {
		return Account{}, Ends{}, ErrSession
	}
	all, err := b.Accounts(ctx)
	if err != nil {
		return Account{}, Ends{}, err
	}
	if x := all.Find(v.Account); x == nil || x.Made != v.Made || max(v.Since, v.Began*1000) > x.Last { // it may have been made by another process a moment ago
		if all, err = b.accountsNow(ctx); err != nil {
			return Account{}, Ends{}, err
		}
	}
	a := all.Find(v.Account)
	if a == nil || a.Made != v.Made || max(v.Since, v.Began*1000) < a.Last {
		return Account{}, Ends{}, ErrSession
	}
	if touch && now.Sub(time.Unix(v.Last, 0)) >= touchTime {
		v.Last = now.Unix()
		if err := b.saveVisit(ctx, token, &v, now); err != nil {
			return Account{}, Ends{}, err
		}
	}
	return *a, v.ends(), nil
}

// SignOut ends a session. Its browser is called no more.
func (b *Desk) SignOut(ctx context.Context, token string, now time.Time) error {
	err := b.change(ctx, sessionAddress(token), engine.SealedVisit, 0, now, func([]byte) ([]byte, [][]byte, error) { return nil, nil, nil })
	if err != nil {
		return fmt.Errorf("end the visit: %w", err)
	}
	visit := b.visitName(token)
	return b.DropBrowsers(ctx, now, func(x Browser) bool { return x.Visit == visit })
}

// MemberLeft ends what somebody had who is no longer in the counsellors' group: the accounts that belong to them with sessions and open
// links, and puts what they held back into the queue, in the group and at the desk's page.
func (b *Desk) MemberLeft(ctx context.Context, who bot.Actor, now time.Time) error {
	all, err := b.accountsNow(ctx)
	if err != nil {
		return err
	}
	errs := []error{b.Left(ctx, who)}
	if slices.ContainsFunc(all.Invited, func(i Invitation) bool { return i.Of == who.ID }) {
		errs = append(errs, b.ChangeAccounts(ctx, now, func(a *Accounts) error {
			a.Invited = slices.DeleteFunc(a.Invited, func(i Invitation) bool { return i.Of == who.ID })
			return nil
		}))
	}
	for _, a := range all.List {
		if a.Of != who.ID {
			continue
		}
		if err := b.endAccount(ctx, a.ID, true, now); err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, b.Did(ctx, bot.Actor{ID: GroupName}, "remove", About{Name: a.Name, Role: a.Role}, now))
	}
	return errors.Join(errs...)
}

// Who did what no account did.
const (
	CommandName = "command" // a command on the program's machine, or a program that has PATIKRA_ADMIN_TOKEN
	GroupName   = "group"   // what follows from the counsellors' group
	StoreName   = "store"   // what the program noticed of its store
)

// Members lists to which actors of the group accounts and open links belong, for whoever looks whether they are still there.
func (b *Desk) Members(ctx context.Context) ([]string, error) {
	all, err := b.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, a := range all.List {
		out = append(out, a.Of)
	}
	for _, i := range all.Invited {
		out = append(out, i.Of)
	}
	out = slices.DeleteFunc(out, func(of string) bool { return of == "" })
	slices.Sort(out)
	return slices.Compact(out), nil
}

// RemoveAccount ends an account, its sessions and its invitations, and puts what it held back into the queue. ErrLastLead says that it
// was not removed.
func (b *Desk) RemoveAccount(ctx context.Context, id string, now time.Time) error {
	return b.endAccount(ctx, id, false, now)
}

// Unled returns since when nobody leads because the last lead left the counsellors' group. It ends when a lead has come in, by a link of
// the command invite: nobody at the desk's page can make one any more. Ok is false while that is not so, also where nobody ever led.
func (b *Desk) Unled(ctx context.Context) (since time.Time, ok bool, err error) {
	all, err := b.Accounts(ctx)
	return time.Unix(all.Unled, 0), all.Unled != 0, err
}

// endAccount removes an account. left says that its owner is no longer in the group: it goes then though it be the last lead, for who
// left keeps no access, and it is noted that nobody leads.
func (b *Desk) endAccount(ctx context.Context, id string, left bool, now time.Time) error {
	var gone *Account
	err := b.ChangeAccounts(ctx, now, func(a *Accounts) error {
		gone = nil
		if x := a.Find(id); x != nil {
			if x.Role == Lead && a.leads() == 1 {
				if !left {
					return ErrLastLead
				}
				a.Unled = now.Unix()
			}
			copied := *x
			gone = &copied
		}
		a.List = slices.DeleteFunc(a.List, func(x Account) bool { return x.ID == id })
		a.Invited = slices.DeleteFunc(a.Invited, func(i Invitation) bool { return accountID(i.Name) == id })
		return nil
	})
	if err != nil || gone == nil {
		return err
	}
	return errors.Join(b.Left(ctx, gone.Actor()), b.DropBrowsers(ctx, now, func(x Browser) bool { return x.Account == gone.ID }))
}

// read is how far an account has read a case.
type read struct {
	At int64 `json:"at"` // of the last line that was seen, Unix seconds
	N  int   `json:"n"`  // how many lines of that second were seen
}

// Reading is how far an account has read its cases.
type Reading struct{ Cases map[string]read }

func (b *Desk) readName(key bot.Key) string {
	_, h := b.ring.Name(bot.DeskName+"-read", string(key.Hash[:]))
	return hex.EncodeToString(h[:8])
}

// Reading returns how far an account has read.
func (b *Desk) Reading(ctx context.Context, account string) (Reading, error) {
	r := Reading{Cases: map[string]read{}}
	if _, err := b.read(ctx, seenAddress(account), engine.SealedSeen, &r.Cases); err != nil {
		return r, fmt.Errorf("read what was read: %w", err)
	}
	return r, nil
}

// Unread counts the lines of a case that the account has not seen: the person's, and what colleagues other than the one of this name noted.
func (b *Desk) Unread(r Reading, key bot.Key, lines []bot.Line, name string) int {
	at, n, same := r.Cases[b.readName(key)], 0, 0
	for _, l := range lines {
		if l.At == at.At {
			same++
		}
		news := l.By == talk.ByPerson || l.By == talk.ByNote && l.Name != "" && l.Name != name
		if news && (l.At > at.At || l.At == at.At && same > at.N) {
			n++
		}
	}
	return n
}

// followName names a talk in what an account has read; a later talk of the same person has other words, and is another.
func (b *Desk) followName(key bot.Key, word string) string {
	_, h := b.ring.Name(bot.DeskName+"-follow", string(key.Hash[:])+"\x00"+word)
	return "follow-" + hex.EncodeToString(h[:8])
}

// FollowsTalk reports whether the account follows a talk that somebody else holds, known by its code word.
func (b *Desk) FollowsTalk(r Reading, key bot.Key, word string) bool {
	_, ok := r.Cases[b.followName(key, word)]
	return ok
}

// FollowTalk has an account follow a talk that somebody else holds, or do so no more: what comes in it is news for the account. Nothing of it is written
// in the talk, and it ends with the talk. Who may do so is the caller's to know.
func (b *Desk) FollowTalk(ctx context.Context, account string, key bot.Key, word string, on bool, now time.Time) error {
	name := b.followName(key, word)
	err := b.changeReading(ctx, account, now, func(all map[string]read) bool {
		_, follows := all[name]
		if on {
			all[name] = read{At: now.Unix()}
		} else {
			delete(all, name)
		}
		return on != follows
	})
	if err != nil {
		return fmt.Errorf("note what is followed: %w", err)
	}
	b.Changed(key)
	return nil
}

// HaveRead notes that an account has seen a case's lines.
func (b *Desk) HaveRead(ctx context.Context, account string, key bot.Key, lines []bot.Line, now time.Time) error {
	if len(lines) == 0 {
		return nil
	}
	to := read{At: lines[len(lines)-1].At}
	for _, l := range lines {
		if l.At == to.At {
			to.N++
		}
	}
	name := b.readName(key)
	err := b.changeReading(ctx, account, now, func(all map[string]read) bool {
		was := all[name]
		all[name] = to
		return was.At < to.At || was.At == to.At && was.N < to.N
	})
	if err != nil {
		return fmt.Errorf("note what was read: %w", err)
	}
	return nil
}

// changeReading changes what an account has read. f reports whether it has changed anything.
func (b *Desk) changeReading(ctx context.Context, account string, now time.Time, f func(all map[string]read) bool) error {
	return b.change(ctx, seenAddress(account), engine.SealedSeen, seenLife, now, func(plain []byte) ([]byte, [][]byte, error) {
		all := map[string]read{}
		if plain != nil {
			if err := json.Unmarshal(plain, &all); err != nil {
				return nil, nil, err
			}
		}
		if !f(all) {
			return plain, nil, nil
		}
		for len(all) > mostKept {
			oldest := ""
			for k, v := range all {
				if oldest == "" || v.At < all[oldest].At {
					oldest = k
				}
			}
			delete(all, oldest)
		}
		next, err := json.Marshal(all)
		return next, nil, err
	})
}

// CaseVersion tells one state of a case from another, for a page that wants to know whether something has changed. 0: there
// is none.
func (b *Desk) CaseVersion(ctx context.Context, key bot.Key) (uint32, error) {
	rec, err := b.store.Load(ctx, key)
	if err != nil {
		return 0, fmt.Errorf("read the case: %w", err)
	}
	return rec.Version, nil
}
