package bot

import (
	"context"
	"fmt"
	"time"
)

// Address is where a conversation takes place: a network and a person's id there.
type Address struct{ Channel, ID string }

// Kind is what a person or a network did.
type Kind uint8

// The kinds of updates.
const (
	Typed     Kind = iota + 1 // words, or a command such as /start
	Pressed                   // a button; Text is its data
	Attached                  // a picture, a voice, a sticker: nothing we read
	Delivered                 // a message of ours has arrived; Ref is its number there
	Gone                      // the person has blocked the bot or left
	Returned                  // a human outside this program had the conversation and has given it back
	Flooded                   // more updates than one person can mean; none of them was read
)

// Update is one thing that happened in a conversation, stripped of its channel.
type Update struct {
	ID     uint64 // the network's id, for recognising repeats; 0: it never repeats
	From   Address
	Kind   Kind
	Text   string
	Ref    int64  // the message it came in, or whose button was pressed; 0: the channel has no numbers
	Locale string // the language of the person's profile, empty if unknown
	Lang   string // the language the person reads at this moment, where the door knows it
	Aloud  bool   // the door has no short answer to a button: what it would say stands above the screen
	At     time.Time
	Until  time.Time // the door may answer until then; zero: always
	Item   uint64    // Delivered: the item of the outbox
	Screen bool      // Delivered: the message is a screen
	Serial uint8     // Delivered: which screen
}

// Button is a choice under a message. Data begins with a word of the contract: answer, next, back, ...
type Button struct{ Label, Data string }

// Message is one thing to be delivered. Text may hold **bold**, and nothing else is markup.
type Message struct {
	To      Address
	Text    string
	Buttons [][]Button
	Edit    int64   // put it in place of this message, where the channel can
	Delete  []int64 // remove these messages afterwards
	Screen  bool    // a screen of the quiz: a later one replaces it while it waits
	Track   bool    // tell us its number when it has arrived
	Serial  uint8   // which screen of the conversation it is
	Until   int64   // not to be delivered after this Unix second; 0: it keeps
	Urgency uint8   // 0 newcomers, 1 a quiz under way, 2 a person who asked for a human or is in danger
}

// Plan is everything one turn decided. Nothing in it has happened yet.
type Plan struct {
	Session Session
	Repeat  bool // the update was dealt with before: nothing is to be done
	Erase   bool // forget the conversation; Session is not saved
	Send    []Message
	Toast   string // a short answer to a pressed button, best effort
	Counts  []string
}

// Channel carries messages to people.
type Channel interface {
	Name() string
	// Deliver sends one message and returns its number there, 0 if the channel has none. Errors are
	// *DeliveryError where the channel can tell what to do.
	Deliver(ctx context.Context, m Message) (ref int64, err error)
}

// DeliveryError says what to do about a message that did not arrive.
type DeliveryError struct {
	RetryAfter time.Duration // try again then; 0 with neither Drop nor Gone: try again with backoff
	Drop       bool          // it will never be taken
	Gone       bool          // the person is gone
	Err        error
}

func (e *DeliveryError) Error() string {
	switch {
	case e.Gone:
		return fmt.Sprintf("the person is gone: %v", e.Err)
	case e.Drop:
		return fmt.Sprintf("refused for good: %v", e.Err)
	}
	return fmt.Sprintf("not delivered yet: %v", e.Err)
}

func (e *DeliveryError) Unwrap() error { return e.Err }
