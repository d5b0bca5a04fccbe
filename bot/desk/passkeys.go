package desk

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
)

// A passkey (WebAuthn) is a way back in beside the link: a key in somebody's device, which asks for a finger, a face or a code. Only its
// public half is kept, with the account, and goes with it.

// Passkey is one of an account.
type Passkey struct {
	ID     []byte          `json:"id"`
	Record json.RawMessage `json:"record"` // what it is checked against
	At     int64           `json:"at"`     // when it was added, Unix seconds
}

const mostPasskeys = 5 // of one account

// ErrPasskey says that a passkey does not let anybody in, or cannot be added.
var ErrPasskey = errors.New("the passkey was not taken")

// PasskeyHandle is what an account is called in a device that has a passkey of it: nothing can be read from it, and an account that is made anew
// has another one.
func (b *Desk) PasskeyHandle(a Account) []byte {
	_, h := b.ring.Name(bot.DeskName+"-passkey", a.ID+"\x00"+strconv.FormatInt(a.Made, 10))
	return h[:]
}

func ceremonyAddress(of string) bot.Address {
	return bot.Address{Channel: bot.DeskName + "-ceremony", ID: of}
}

// SealCeremony seals what the program must know again when a device answers, for the session or the page named by of.
func (b *Desk) SealCeremony(of string, plain []byte) string {
	key := b.Key(ceremonyAddress(of))
	return base64.RawURLEncoding.EncodeToString(b.ring.Seal(key.Partition, key.Hash, engine.SealedVisit, plain))
}

// OpenCeremony opens what SealCeremony sealed for the same session or page.
func (b *Desk) OpenCeremony(of, token string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, ErrPasskey
	}
	key := b.Key(ceremonyAddress(of))
	plain, err := b.ring.Open(key.Partition, key.Hash, engine.SealedVisit, raw)
	if err != nil {
		return nil, ErrPasskey
	}
	return plain, nil
}

// once uses a challenge up. ErrPasskey when it was used before.
func (b *Desk) once(ctx context.Context, challenge string, life time.Duration, now time.Time) error {
	return b.change(ctx, bot.Address{Channel: bot.DeskName + "-challenge", ID: challenge}, engine.SealedVisit, life, now, func(plain []byte) ([]byte, [][]byte, error) {
		if plain != nil {
			return nil, nil, ErrPasskey
		}
		return []byte(strconv.FormatInt(now.Unix(), 10)), nil, nil
	})
}

// AddPasskey gives an account a passkey whose device has answered a challenge that is good for life. ErrPasskey when the account has as many
// as it may, or the challenge was used before.
func (b *Desk) AddPasskey(ctx context.Context, a Account, k Passkey, challenge string, life time.Duration, now time.Time) error {
	if err := b.once(ctx, challenge, life, now); err != nil {
		return err
	}
	k.At = now.Unix()
	return b.ChangeAccounts(ctx, now, func(all *Accounts) error {
		x := all.Find(a.ID)
		if x == nil || x.Made != a.Made || len(x.Keys) >= mostPasskeys || all.keyed(k.ID) != nil {
			return ErrPasskey
		}
		x.Keys = append(slices.Clone(x.Keys), k)
		return nil
	})
}

// keyed returns the account that has a passkey, nil when none has.
func (a *Accounts) keyed(id []byte) *Account {
	for i := range a.List {
		if slices.ContainsFunc(a.List[i].Keys, func(k Passkey) bool { return bytes.Equal(k.ID, id) }) {
			return &a.List[i]
		}
	}
	return nil
}

// DropPasskeys takes a passkey from an account; where id is empty every one, and its sessions end.
func (b *Desk) DropPasskeys(ctx context.Context, account string, id []byte, now time.Time) error {
	return b.ChangeAccounts(ctx, now, func(all *Accounts) error {
		if x := all.Find(account); x != nil {
			x.Keys = slices.DeleteFunc(slices.Clone(x.Keys), func(k Passkey) bool { return len(id) == 0 || bytes.Equal(k.ID, id) })
			if len(id) == 0 {
				x.Last = now.UnixMilli()
			}
		}
		return nil
	})
}

// EnterByPasskey begins a session of an account whose passkey has answered a challenge. As with a link, its other sessions end.
func (b *Desk) EnterByPasskey(ctx context.Context, a Account, k Passkey, challenge string, life time.Duration, now time.Time) (Account, string, error) {
	if err := b.once(ctx, challenge, life, now); err != nil {
		return a, "", err
	}
	err := b.ChangeAccounts(ctx, now, func(all *Accounts) error {
		x := all.keyed(k.ID)
		if x == nil || x.ID != a.ID || x.Made != a.Made {
			return ErrPasskey
		}
		x.Keys = slices.Clone(x.Keys)
		i := slices.IndexFunc(x.Keys, func(o Passkey) bool { return bytes.Equal(o.ID, k.ID) })
		x.Keys[i].Record, x.Last = k.Record, now.UnixMilli()
		a = *x
		return nil
	})
	if err != nil {
		return a, "", err
	}
	cookie := b.newToken()
	v := Visit{Account: a.ID, Made: a.Made, Began: now.Unix(), Last: now.Unix(), Since: now.UnixMilli()}
	if err := b.saveVisit(ctx, cookie, &v, now); err != nil {
		return a, "", fmt.Errorf("begin the session: %w", err)
	}
	return a, cookie, b.Did(ctx, a.Actor(), "enter-key", About{Role: a.Role}, now)
}
