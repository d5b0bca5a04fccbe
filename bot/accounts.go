package bot

import (
	"bytes"
	"context"
	"crypto/rand"
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
}

// Actor is how an account is known at the desk.
func (a Account) Actor() Actor {
	return Actor{ID: ConsoleName + ":" + a.ID, Name: a.Name, Lead: a.Role == Lead}
}

// ConsoleName stands before the id of an actor who has an account.
const ConsoleName = "console"

// Invitation is a link that nobody has used yet.
type Invitation struct {
	Hash  string `json:"hash"`
	Name  string `json:"name"`
	Role  Role   `json:"role"`
	Until int64  `json:"until"`
}

// Accounts is everybody who may open the page, and who was invited.
type Accounts struct {
	List    []Account    `json:"list,omitempty"`
	Invited []Invitation `json:"invited,omitempty"`
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

// Counsel reports whether anybody can answer people.
func (a *Accounts) Counsel() bool {
	return slices.ContainsFunc(a.List, func(x Account) bool { return x.Role.Counsels() })
}

// Times and limits of accounts.
const (
	InviteTime   = 24 * time.Hour
	SessionTime  = 12 * time.Hour   // then whoever works must come in anew
	SilenceTime  = 60 * time.Minute // without anything done
	touchTime    = time.Minute      // how exactly the last act of a session is known
	mostAccounts = 200
	mostInvited  = 400
	mostName     = 40 // letters
	auditLife    = 180 * 24 * time.Hour
	seenLife     = 60 * 24 * time.Hour
	mostKept     = 300 // cases whose reading an account remembers
)

// Errors of signing in, for the page to tell apart.
var (
	ErrInvite  = errors.New("the link was used, has ended or never was")
	ErrSession = errors.New("the session has ended")
)

// ErrName says what is wrong with the name in an invitation.
type ErrName struct{ Why string }

func (e *ErrName) Error() string { return e.Why }

var accountsAddress = Address{Channel: DeskName, ID: "accounts"}
var auditAddress = Address{Channel: DeskName, ID: "audit"}

func sessionAddress(token string) Address { return Address{Channel: DeskName + "-session", ID: token} }
func seenAddress(account string) Address  { return Address{Channel: DeskName + "-seen", ID: account} }

const (
	sealedAccounts byte = 'a'
	sealedVisit    byte = 'v'
	sealedAct      byte = 'c'
	sealedSeen     byte = 'e'
)

// change changes a record of the desk's own, whoever else does at the same time. What f returns is saved; nil removes the
// record. f may run several times.
func (b *Bot) change(ctx context.Context, at Address, kind byte, ttl time.Duration, now time.Time, f func(plain []byte) (next []byte, lines [][]byte, err error)) error {
	key := b.Key(at)
	rec, err := b.store.Load(ctx, key)
	if err != nil {
		return err
	}
	for range tries {
		var plain []byte
		if rec.Version != 0 {
			if plain, err = b.openRecord(ctx, key, kind, rec); err != nil {
				return err
			}
		}
		next, lines, err := f(plain)
		if err != nil {
			return err
		}
		if len(lines) == 0 && (rec.Version == 0 && next == nil || next != nil && bytes.Equal(plain, next)) {
			return nil
		}
		c := Commit{Key: key, Base: rec.Version, Next: rec.Version + 1, TTL: ttl, Now: now}
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
		if errors.Is(err, ErrConflict) {
			rec = done.Newest
			continue
		}
		return err
	}
	return ErrConflict
}

// read unseals a record of the desk's own into to, which stays as it is when there is none.
func (b *Bot) read(ctx context.Context, at Address, kind byte, to any) (found bool, err error) {
	key := b.Key(at)
	rec, err := b.store.Load(ctx, key)
	if err != nil || rec.Version == 0 {
		return false, err
	}
	plain, err := b.openRecord(ctx, key, kind, rec)
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(plain, to)
}

type accountsCache struct {
	mu  sync.Mutex
	at  time.Time
	now Accounts
}

// Accounts returns the accounts, at most two seconds old. The caller changes nothing in them.
func (b *Bot) Accounts(ctx context.Context) (Accounts, error) {
	c := &b.accountsKept
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.at) < rosterTime {
		return c.now, nil
	}
	var a Accounts
	if _, err := b.read(ctx, accountsAddress, sealedAccounts, &a); err != nil {
		return Accounts{}, fmt.Errorf("read the accounts: %w", err)
	}
	c.now, c.at = a, time.Now()
	b.counsels.Store(a.Counsel())
	return a, nil
}

// accountsNow returns the accounts as they are in the store.
func (b *Bot) accountsNow(ctx context.Context) (Accounts, error) {
	b.accountsKept.mu.Lock()
	b.accountsKept.at = time.Time{}
	b.accountsKept.mu.Unlock()
	return b.Accounts(ctx)
}

// ChangeAccounts changes the accounts. Invitations that have ended go.
func (b *Bot) ChangeAccounts(ctx context.Context, now time.Time, change func(*Accounts) error) error {
	var last Accounts
	err := b.change(ctx, accountsAddress, sealedAccounts, rosterLife, now, func(plain []byte) ([]byte, [][]byte, error) {
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
	b.hear(b.Key(accountsAddress))
	return nil
}

// CanCounsel reports whether there is an account that can answer people, as far as this process knows.
func (b *Bot) CanCounsel() bool { return b.counsels.Load() }

// KeepDesk looks now and then whether there are accounts that can answer people, until the context ends: another
// process may have made one.
func (b *Bot) KeepDesk(ctx context.Context) {
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

// newToken makes the secret of a link or of a cookie.
func newToken() string {
	var raw [32]byte
	rand.Read(raw[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// goodToken reports whether a word could be a secret of ours.
func goodToken(token string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	return err == nil && len(raw) == 32
}

func (b *Bot) inviteHash(token string) string {
	_, h := b.ring.Name(DeskName+"-invite", token)
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
// they have, counsellor for a new one.
func (b *Bot) Invite(ctx context.Context, name string, role Role, now time.Time) (token string, until time.Time, err error) {
	if name, err = GoodName(name); err != nil {
		return "", until, err
	}
	if role != "" && !role.Known() {
		return "", until, &ErrName{fmt.Sprintf("there is no role %q; write counsellor, lead or editor", role)}
	}
	token, until = newToken(), now.Add(InviteTime)
	err = b.ChangeAccounts(ctx, now, func(a *Accounts) error {
		i := Invitation{Hash: b.inviteHash(token), Name: name, Role: role, Until: until.Unix()}
		for _, x := range a.List {
			if x.ID != accountID(name) {
				continue
			}
			if x.Name != name {
				return &ErrName{fmt.Sprintf("there is already an account %q, which is too much alike; write that name, or another", x.Name)}
			}
			if i.Role == "" {
				i.Role = x.Role
			}
		}
		if i.Role == "" {
			i.Role = Counsellor
		}
		if len(a.List) >= mostAccounts {
			return &ErrName{fmt.Sprintf("there are %d accounts already; remove one that is no longer used", mostAccounts)}
		}
		a.Invited = append(a.Invited, i)
		return nil
	})
	if err != nil {
		return "", until, err
	}
	return token, until, nil
}

// Invited returns whom a link is for, without using it. ErrInvite when it no longer works.
func (b *Bot) Invited(ctx context.Context, token string, now time.Time) (Invitation, error) {
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
func (b *Bot) Enter(ctx context.Context, token string, now time.Time) (Account, string, error) {
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
		if x == nil {
			a.List = append(a.List, Account{ID: id, Name: i.Name, Made: now.UnixMilli()})
			x = &a.List[len(a.List)-1]
		}
		x.Role = i.Role
		who = *x
		return nil
	})
	if err != nil {
		return who, "", err
	}
	cookie := newToken()
	v := Visit{Account: who.ID, Made: who.Made, Began: now.Unix(), Last: now.Unix()}
	if err := b.saveVisit(ctx, cookie, &v, now); err != nil {
		return who, "", err
	}
	return who, cookie, b.Did(ctx, who.Actor(), "enter", Key{}, now)
}

// Visit is one browser that has come in.
type Visit struct {
	Account string `json:"account"`
	Made    int64  `json:"made"` // the account's
	Began   int64  `json:"began"`
	Last    int64  `json:"last"`
}

func (b *Bot) saveVisit(ctx context.Context, token string, v *Visit, now time.Time) error {
	ttl := time.Unix(v.Began, 0).Add(SessionTime).Sub(now)
	err := b.change(ctx, sessionAddress(token), sealedVisit, max(ttl, time.Second), now, func([]byte) ([]byte, [][]byte, error) {
		next, err := json.Marshal(v)
		return next, nil, err
	})
	if err != nil {
		return fmt.Errorf("save the visit: %w", err)
	}
	return nil
}

// Visitor returns whose session a cookie is. touch says that the person did something, so that the session's silence
// begins anew. ErrSession when it has ended.
func (b *Bot) Visitor(ctx context.Context, token string, touch bool, now time.Time) (Account, error) {
	if !goodToken(token) {
		return Account{}, ErrSession
	}
	var v Visit
	found, err := b.read(ctx, sessionAddress(token), sealedVisit, &v)
	if err != nil {
		return Account{}, fmt.Errorf("read the visit: %w", err)
	}
	if !found || now.Sub(time.Unix(v.Began, 0)) >= SessionTime || now.Sub(time.Unix(v.Last, 0)) >= SilenceTime {
		return Account{}, ErrSession
	}
	all, err := b.Accounts(ctx)
	if err != nil {
		return Account{}, err
	}
	if all.Find(v.Account) == nil { // it may have been made by another process a moment ago
		if all, err = b.accountsNow(ctx); err != nil {
			return Account{}, err
		}
	}
	a := all.Find(v.Account)
	if a == nil || a.Made != v.Made {
		return Account{}, ErrSession
	}
	if touch && now.Sub(time.Unix(v.Last, 0)) >= touchTime {
		v.Last = now.Unix()
		if err := b.saveVisit(ctx, token, &v, now); err != nil {
			return Account{}, err
		}
	}
	return *a, nil
}

// SignOut ends a session.
func (b *Bot) SignOut(ctx context.Context, token string, now time.Time) error {
	err := b.change(ctx, sessionAddress(token), sealedVisit, 0, now, func([]byte) ([]byte, [][]byte, error) { return nil, nil, nil })
	if err != nil {
		return fmt.Errorf("end the visit: %w", err)
	}
	return nil
}

// RemoveAccount ends an account, its sessions and its invitations, and puts what it held back into the queue.
func (b *Bot) RemoveAccount(ctx context.Context, id string, now time.Time) error {
	var gone *Account
	err := b.ChangeAccounts(ctx, now, func(a *Accounts) error {
		if x := a.Find(id); x != nil {
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
	return b.Left(ctx, gone.Actor())
}

// Deed is one line of the list of who did what. It says nothing of what was said, or of whose case it was.
type Deed struct {
	At   int64  `json:"at"`
	Who  string `json:"who"`            // the actor's id
	What string `json:"what"`           // enter, take, answer, ...
	Case string `json:"case,omitempty"` // a keyed hash, to tell cases apart
}

// Did writes into the list of who did what. The zero Key means no case.
func (b *Bot) Did(ctx context.Context, a Actor, what string, about Key, now time.Time) error {
	act := Deed{At: now.Unix(), Who: a.ID, What: what}
	if about != (Key{}) {
		_, h := b.ring.Name(DeskName+"-act", string(about.Hash[:]))
		act.Case = hex.EncodeToString(h[:4])
	}
	line, err := json.Marshal(act)
	if err != nil {
		return err
	}
	err = b.change(ctx, auditAddress, sealedAct, auditLife, now, func([]byte) ([]byte, [][]byte, error) {
		return []byte("acts"), [][]byte{line}, nil
	})
	if err != nil {
		return fmt.Errorf("note an act: %w", err)
	}
	return nil
}

// Deeds returns who did what, the newest first. The list keeps the last [MostLines].
func (b *Bot) Deeds(ctx context.Context) ([]Deed, error) {
	key := b.Key(auditAddress)
	raw, err := b.store.Log(ctx, key, 0)
	if err != nil {
		return nil, fmt.Errorf("read the acts: %w", err)
	}
	var out []Deed
	for _, r := range slices.Backward(raw) {
		var a Deed
		if plain, err := b.ring.Open(key.Partition, key.Hash, sealedAct, r); err == nil && json.Unmarshal(plain, &a) == nil {
			out = append(out, a)
		}
	}
	return out, nil
}

// read is how far an account has read a case.
type read struct {
	At int64 `json:"at"` // of the last line that was seen, Unix seconds
	N  int   `json:"n"`  // how many lines of that second were seen
}

// Reading is how far an account has read its cases.
type Reading struct{ Cases map[string]read }

func (b *Bot) readName(key Key) string {
	_, h := b.ring.Name(DeskName+"-read", string(key.Hash[:]))
	return hex.EncodeToString(h[:8])
}

// Reading returns how far an account has read.
func (b *Bot) Reading(ctx context.Context, account string) (Reading, error) {
	r := Reading{Cases: map[string]read{}}
	if _, err := b.read(ctx, seenAddress(account), sealedSeen, &r.Cases); err != nil {
		return r, fmt.Errorf("read what was read: %w", err)
	}
	return r, nil
}

// Unread counts the person's lines of a case that the account has not seen.
func (b *Bot) Unread(r Reading, key Key, lines []Line) int {
	at, n, same := r.Cases[b.readName(key)], 0, 0
	for _, l := range lines {
		if l.At == at.At {
			same++
		}
		if l.By == ByPerson && (l.At > at.At || l.At == at.At && same > at.N) {
			n++
		}
	}
	return n
}

// HaveRead notes that an account has seen a case's lines.
func (b *Bot) HaveRead(ctx context.Context, account string, key Key, lines []Line, now time.Time) error {
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
	err := b.change(ctx, seenAddress(account), sealedSeen, seenLife, now, func(plain []byte) ([]byte, [][]byte, error) {
		all := map[string]read{}
		if plain != nil {
			if err := json.Unmarshal(plain, &all); err != nil {
				return nil, nil, err
			}
		}
		if was := all[name]; was.At > to.At || was.At == to.At && was.N >= to.N {
			return plain, nil, nil
		}
		all[name] = to
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
	if err != nil {
		return fmt.Errorf("note what was read: %w", err)
	}
	return nil
}

// CaseVersion tells one state of a case from another, for a page that wants to know whether something has changed. 0: there
// is none.
func (b *Bot) CaseVersion(ctx context.Context, key Key) (uint32, error) {
	rec, err := b.store.Load(ctx, key)
	if err != nil {
		return 0, fmt.Errorf("read the case: %w", err)
	}
	return rec.Version, nil
}

// hear tells whoever listens that a case, or something of the desk's own, has changed.
func (b *Bot) hear(key Key) {
	if b.Hear != nil {
		b.Hear(key)
	}
}

// HeldBy reports whether the case is this counsellor's.
func (c *Case) HeldBy(a Actor) bool { return c.heldBy(a) }

// Open reports whether the case can still be taken up again.
func (c *Case) Open(now time.Time) bool {
	return c.Active() || c.State == Closed && now.Unix()-c.Since < int64(reopenTime/time.Second)
}
