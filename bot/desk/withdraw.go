package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"patikra/bot"
	"patikra/bot/engine"
)

// Withdraw takes back a link that nobody has used yet, by the name it is for. Ok is false when there is none.
func (b *Desk) Withdraw(ctx context.Context, name string, now time.Time) (gone Invitation, ok bool, err error) {
	err = b.ChangeAccounts(ctx, now, func(a *Accounts) error {
		i := slices.IndexFunc(a.Invited, func(i Invitation) bool { return i.Name == name })
		if ok = i >= 0; ok {
			gone = a.Invited[i]
			a.Invited = slices.Delete(a.Invited, i, i+1)
		}
		return nil
	})
	return gone, ok, err
}

// EndSessions ends every session of an account, here and now, and puts what it held back into the queue. Its owner comes in again by a new link.
// Ok is false when there is no such account.
func (b *Desk) EndSessions(ctx context.Context, id string, now time.Time) (who Account, ok bool, err error) {
	err = b.ChangeAccounts(ctx, now, func(a *Accounts) error {
		x := a.Find(id)
		if ok = x != nil; ok {
			x.Last = now.UnixMilli() + 1
			who = *x
		}
		return nil
	})
	if err != nil || !ok {
		return who, ok, err
	}
	return who, ok, b.Left(ctx, who.Actor())
}

// EndOtherSessions ends every session of an account but that of a cookie.
func (b *Desk) EndOtherSessions(ctx context.Context, token string, now time.Time) error {
	var v Visit
	found, err := b.read(ctx, sessionAddress(token), engine.SealedVisit, &v)
	if err != nil {
		return fmt.Errorf("read the visit: %w", err)
	}
	if !found {
		return ErrSession
	}
	v.Since = max(now.UnixMilli()+1, v.Since) // it counts as begun after the others have ended
	if err := b.saveVisit(ctx, token, &v, now); err != nil {
		return err
	}
	return b.ChangeAccounts(ctx, now, func(a *Accounts) error {
		if x := a.Find(v.Account); x != nil {
			x.Last = v.Since
		}
		return nil
	})
}

// ShiftNote is what a shift leaves for the next one: one text, which all counsellors see.
type ShiftNote struct {
	Text string `json:"text"`
	Name string `json:"name"` // who wrote it
	At   int64  `json:"at"`   // Unix seconds
}

// Limits of the note.
const (
	MostShiftNote = 1000           // letters
	ShiftNoteLife = 36 * time.Hour // after it was left
)

var shiftAddress = bot.Address{Channel: bot.DeskName, ID: "shift-note"}

// Errors of the note.
var (
	ErrShiftNote = fmt.Errorf("the note is longer than %d letters", MostShiftNote)
	// ErrNoteMoved says that somebody else has written the note meanwhile.
	ErrNoteMoved = errors.New("somebody else has written the note meanwhile")
)

// ShiftNote returns the note for the next shift, zero when there is none.
func (b *Desk) ShiftNote(ctx context.Context) (n ShiftNote, err error) {
	if _, err = b.read(ctx, shiftAddress, engine.SealedSeen, &n); err != nil {
		return ShiftNote{}, fmt.Errorf("read the note for the next shift: %w", err)
	}
	return n, nil
}

// LeaveShiftNote puts a note in place of the one that was written at a time, 0 when there was none. An empty text takes it away. It is
// erased by itself after ShiftNoteLife.
func (b *Desk) LeaveShiftNote(ctx context.Context, a bot.Actor, text string, was int64, now time.Time) error {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > MostShiftNote {
		return ErrShiftNote
	}
	err := b.change(ctx, shiftAddress, engine.SealedSeen, ShiftNoteLife, now, func(plain []byte) ([]byte, [][]byte, error) {
		var before ShiftNote
		if plain != nil {
			if err := json.Unmarshal(plain, &before); err != nil {
				return nil, nil, err
			}
		}
		if before.At != was {
			return nil, nil, ErrNoteMoved
		}
		if text == "" {
			return nil, nil, nil
		}
		next, err := json.Marshal(ShiftNote{Text: text, Name: a.Name, At: max(now.Unix(), was+1)})
		return next, nil, err
	})
	if err == nil {
		b.Changed(b.Key(shiftAddress))
	}
	return err
}
