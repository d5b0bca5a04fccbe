package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/library"
	"patikra/bot/seal"
	"patikra/bot/talk"
)

// forgetful is a Store that takes every commit and remembers nothing: what is measured is the turn itself.
type forgetful struct{ bot.Store }

func (forgetful) Load(context.Context, bot.Key) (bot.Record, error) { return bot.Record{}, nil }

func (forgetful) Commit(context.Context, bot.Commit) (bot.Committed, error) {
	return bot.Committed{Leased: true}, nil
}

// person keeps the last screen that was sent.
type person struct{ last bot.Message }

func (d *person) Room(uint8) bool { return true }

func (d *person) Send(_ bot.Held, m bot.Message) bool { d.last = m; return true }

// press is the data of the last answer of a screen, which seldom ends the quiz early, or of its next button. Empty at the result.
func press(m *bot.Message) string {
	data := ""
	for _, row := range m.Buttons {
		for _, b := range row {
			if strings.HasPrefix(b.Data, "answer") || data == "" && strings.HasPrefix(b.Data, "next") {
				data = b.Data
			}
		}
	}
	return data
}

func shipped(tb testing.TB) *library.Library {
	tb.Helper()
	l, err := library.Open(library.BuiltIn())
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

var benchTime = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// BenchmarkTurn is one update from receipt to a saved plan without the store's own time: the address is hashed,
// the session unsealed, the turn decided, the session and the reply sealed. The quiz is played from /start to the result, again and again.
func BenchmarkTurn(b *testing.B) {
	ring, err := seal.New(seal.NewKey(), 64)
	if err != nil {
		b.Fatal(err)
	}
	d := &person{}
	bt := desk.New(shipped(b), forgetful{}, ring)
	bt.Sender = d
	ctx := context.Background()
	u := bot.Update{ID: 1000, From: bot.Address{Channel: "telegram", ID: "123456789"}, Ref: 100, Locale: "lt", At: benchTime}
	b.ReportAllocs()
	for b.Loop() {
		u.ID++
		if u.Text = press(&d.last); u.Text != "" {
			u.Kind = bot.Pressed
		} else {
			u.Kind, u.Text = bot.Typed, "/start"
		}
		if _, err := bt.Handle(ctx, u); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecide is the decision alone, on the same path.
func BenchmarkDecide(b *testing.B) {
	l := shipped(b)
	var s bot.Session
	var last bot.Message
	u := bot.Update{ID: 1000, From: bot.Address{Channel: "telegram", ID: "123456789"}, Ref: 100, Locale: "lt", At: benchTime}
	b.ReportAllocs()
	for b.Loop() {
		u.ID++
		if u.Text = press(&last); u.Text != "" {
			u.Kind = bot.Pressed
		} else {
			u.Kind, u.Text = bot.Typed, "/start"
		}
		p := talk.Decide(l, s, u)
		s, last = p.Session, p.Send[0]
	}
}

// BenchmarkOpen reads and checks all of the staff's files.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		shipped(b)
	}
}
