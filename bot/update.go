package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
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
	Acted                     // a counsellor did something with the case; Text is a word of the contract without its "case:"
	Said                      // a counsellor wrote something for the person
	Placed                    // the desk has put the case somewhere; Topic and Ref say where
	Edited                    // a message was changed afterwards; of use to a counsellor only
	Forgotten                 // staff erase the conversation, because the person has asked them to
	Missed                    // a message for the person is given up; Text and Media are what a counsellor wrote, Screen and Serial name a screen
	Due                       // the time has come that a Timer was set for
	Unread                    // something came that cannot be read at all
	Unpassed                  // what the person sent for the counsellors is given up; Text and Media are what it was
	Late                      // a message is not delivered yet, and is tried again; Text and Media are what it was
	Risen                     // the desk has room again for a case that was put aside
	TakenUp                   // the talk is taken up in another browser; Text is the proof that its person does
	Rung                      // counsellors were called in browsers whose page is closed; Text names them, and Ref is how many browsers could be called
	Fetched                   // a file that was passed on has been cleaned: Data is what is kept, Media.Number its number, Text the talk's words
	Bridged                   // the talk is to go on in Chat as well; Text is the proof that its person wants it
	Unbridged                 // Chat and this conversation have nothing to do with each other any more; to a chat Text says why
)

// Media is something that is not words: it stays where it is, and is copied from there.
type Media struct {
	Net     string // the network where it lies; it can be passed on only there. Recorded: it is a recording of ours, and File its name; Uploaded, Kept: see there
	Kind    string // photo, voice, video_note, location, document; empty: nothing that can be passed on
	Chat    string // where it lies
	ID      int64  // the message that holds it
	File    string // the file, where it must be fetched and cleaned before it is passed on
	Caption string
	Fetch   string // by which name its network gives it out, for those who read in a browser; empty: it does not
	Place   string // of a place, see [talk.Coordinates]
	Number  uint8  // of a file of the talk, under which it is to be kept
}

// Recorded is the network of what we have recorded ourselves.
const Recorded = "recorded"

// Act is what a message to the desk is.
type Act uint8

// What messages to the desk are.
const (
	Words     Act = iota // something written, by the person or by us
	Card                 // the case's card as it now is
	DropTopic            // the case is over for good: its topic is to be deleted
)

// Update is one thing that happened in a conversation, stripped of its channel.
type Update struct {
	ID      uint64 // the network's id, for recognising repeats; 0: it never repeats
	From    Address
	Kind    Kind
	Text    string
	Ref     int64  // the message it came in, or whose button was pressed; 0: the channel has no numbers
	Locale  string // the language of the person's profile, empty if unknown
	Lang    string // the language the person reads at this moment, where the door knows it
	Marked  string // Pressed: what is ticked on the form that was sent, as serial.bits; empty: the door sends each tick by itself
	Aloud   bool   // the door has no short answer to a button: what it would say stands above the screen
	At      time.Time
	Said    time.Time // when the person sent it, by the network's clock; zero: it does not tell
	Until   time.Time // the door may answer until then; zero: always
	Item    uint64    // Delivered: the item of the outbox
	Screen  bool      // Delivered, Missed: the message is a screen
	Serial  uint8     // Delivered, Missed: which screen
	Media   Media     // Attached, Said: what came instead of words, or with them
	Also    []Media   // what else came in the same message, each by itself
	Data    []byte    // Fetched, and Attached or Typed with Media that is Uploaded: a file, cleaned
	Live    bool      // the place that was sent goes on moving, which is not passed on
	Phone   string    // a number that the person shared with a button
	Actor   Actor     // Acted, Said: who
	Topic   int64     // Placed: the topic; 0: it is gone
	Inward  bool      // Late: the message is one for the counsellors
	Network string    // whose address it came from, at a door that anybody can flood: an address or a /64, or AnyNetwork. It is kept nowhere
	Browser string    // the browser that has taken the talk up, as Session.Browser; empty: one that has taken up none
	Chat    Address   // the chat that speaks for the conversation and brings this; to such a chat the talk; zero: the update is its own
	Desk    Desk      // filled in by Bot.Handle where a turn needs it
	Other   Other     // alike
}

// Forgoes reports whether an update that could not be saved may be acknowledged all the same: a step of the quiz, which the
// person takes again. Whatever else they did, the network must send again.
func (u *Update) Forgoes(r Reply) bool {
	if r.Aside { // it would break its turn again
		return true
	}
	switch u.Kind {
	case Flooded:
		return true
	case Pressed:
		word, _, _ := strings.Cut(u.Text, ":")
		return r.Alone && word != "human" && word != "exit" && word != "erase"
	}
	return false
}

// Button is a choice under a message. Data begins with a word of the contract: answer, next, back, ...
type Button struct{ Label, Data string }

// Message is one thing to be delivered. Text may hold **bold**, and nothing else is markup.
type Message struct {
	To      Address
	Text    string
	Buttons [][]Button
	Short   []Button // of a question that takes one answer: what its buttons with long labels say where there is no room for these
	Edit    int64    // put it in place of this message, where the channel can
	Delete  []int64  // remove these messages afterwards
	Screen  bool     // a screen of the quiz: a later one replaces it while it waits
	Track   bool     // tell us its number when it has arrived
	Serial  uint8    // which screen of the conversation it is
	Until   int64    // not to be delivered after this Unix second; 0: it keeps
	Human   bool     // what a human wrote, to be shown as it stands
	Media   Media    // to be copied, with Text in place of its caption
	Act     Act      // to the desk: what it is
	Case    Address  // to the desk: whose case it belongs to
	Topic   int64    // to the desk: where, if the case can no longer say
	Item    uint64   // which item of the outbox it is; set when it is delivered, the same when it is delivered again
	Urgency uint8    // 0 newcomers, 1 a quiz under way, 2 a person who asked for a human or is in danger
}

// Plan is everything one turn decided. Nothing in it has happened yet.
type Plan struct {
	Session Session
	Repeat  bool // the update was dealt with before: nothing is to be done
	Erase   bool // forget the conversation; Session is not saved
	Send    []Message
	Desk    []Message // to the counsellors
	Forget  bool      // what was said in the case is to be dropped
	Log     []Line
	Files   []File  // to be kept with the conversation, not sealed yet
	Timer   bool    // the case's Due has changed, or its timer has gone off
	Toast   string  // a short answer to a pressed button, best effort
	Refused bool    // nothing was done, and Toast tells a counsellor why
	Digits  string  // of a return code, for the person's eyes and once
	Payload string  // of a link into a chat, likewise
	Relay   *Update // what is brought to the talk that the chat speaks for, before the session is saved
	Moved   bool    // nothing was done: the talk was taken up in another browser
	Counts  []string
}

// DeskName is the channel of the messages to the counsellors.
const DeskName = "desk"

// Channel carries messages to people.
type Channel interface {
	Name() string
	// Deliver sends one message and returns its number there, 0 if the channel has none. Errors are
	// *DeliveryError where the channel can tell what to do.
	Deliver(ctx context.Context, m Message) (ref int64, err error)
}

// DeliveryError says what to do about a message that did not arrive.
type DeliveryError struct {
	RetryAfter time.Duration // try again then, which is no failure of the message's; 0 with neither Drop nor Gone: try again with backoff
	Busy       bool          // with RetryAfter: there is no room for its file now, and words that follow it need not wait
	Drop       bool          // it will never be taken
	Gone       bool          // the person is gone, and the network has said so in words that mean nothing else
	Place      bool          // the network or the place is at fault, not the message: it keeps until that is mended
	Err        error
}

func (e *DeliveryError) Error() string {
	switch {
	case e.Gone:
		return fmt.Sprintf("the person is gone: %v", e.Err)
	case e.Drop:
		return fmt.Sprintf("refused for good: %v", e.Err)
	case e.Place:
		return fmt.Sprintf("not delivered, and not by the message's fault: %v", e.Err)
	}
	return fmt.Sprintf("not delivered yet: %v", e.Err)
}

func (e *DeliveryError) Unwrap() error { return e.Err }

// Mark names a counsellor on a button, which has room for 64 bytes.
func (a Actor) Mark() string {
	sum := sha256.Sum256([]byte(a.ID))
	return hex.EncodeToString(sum[:8])
}

// Called is a counsellor's name with the @name by which Telegram calls them.
func (a Actor) Called() string {
	if a.User == "" || a.Name == "@"+a.User {
		return a.Name
	}
	return a.Name + " (@" + a.User + ")"
}

// AnyNetwork is an Update's Network where people are not told apart by their address.
const AnyNetwork = "any"

// Reply is what the channel may say at once to an update: a short answer to a pressed button.
type Reply struct {
	Toast   string
	Repeat  bool   // the update had been dealt with before
	Refused bool   // nothing was done, and Toast tells a counsellor why
	Alone   bool   // with an error: it is known that no case is active, so nobody waits for what was done
	Aside   bool   // with ErrSetAside
	Digits  string // of a return code, for the person's eyes and once
	Payload string // of a link into a chat, likewise
	Moved   bool   // nothing was done: the talk was taken up in another browser
}
