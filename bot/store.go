package bot

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// ErrConflict says that a commit was decided on a version of the conversation
// that is no longer the newest. The record that came with it is the newest:
// decide again on that.
var ErrConflict = errors.New("the conversation has moved on")

// ErrNotHeld says that an item is no longer at the head of its queue under the
// caller's lease: somebody else took over, or the conversation was erased.
var ErrNotHeld = errors.New("the queue's head is no longer ours")

// PartialError says that some partitions did not answer: what came with it holds what the others said. In Take, Counts
// and Cases a fault of one server costs the conversations on that server and no others.
type PartialError struct {
	Missing int   // partitions that did not answer
	Of      int   // partitions there are
	Err     error // why the last of them did not
}

func (e *PartialError) Error() string {
	if e.Missing == e.Of {
		return e.Err.Error()
	}
	return fmt.Sprintf("%d of %d partitions do not answer: %v", e.Missing, e.Of, e.Err)
}

func (e *PartialError) Unwrap() error { return e.Err }

// Partial reports whether an error left something that can be used: some partitions did not answer, and others did.
func Partial(err error) bool {
	var p *PartialError
	return errors.As(err, &p) && p.Missing < p.Of
}

// MostWait bounds how far ahead a channel's order may lie beyond its burst. What lies further comes of a clock that was
// set wrong, and is forgotten.
const MostWait = 30 * time.Second

// Key names a conversation to a store. It is a keyed hash of the address, so
// that the disk tells nothing; Partition is derived from the hash. Queue tells the conversation's
// queues apart; a record, a log and a mark belong to the conversation as a whole, and there it is ToPerson.
type Key struct {
	Partition uint16
	Queue     uint8
	Hash      [16]byte
}

// The queues of a conversation. Each has its own order and its own leases, so that none waits for another.
const (
	ToPerson     uint8 = iota // what is said to the person
	ToDesk                    // what is said to the counsellors
	Timer                     // at most one item: when the conversation wants to be looked at again
	FileToPerson              // a file that did not go through at once: what follows it in ToPerson does not wait for it
	FileToDesk                // alike, of ToDesk
	Queues                    // how many there are
)

// Behind is the queue where a head of this one waits for its next try without holding up what follows it.
func (k Key) Behind() Key {
	switch k.Queue {
	case ToPerson:
		k.Queue = FileToPerson
	case ToDesk:
		k.Queue = FileToDesk
	}
	return k
}

// Personal reports whether a queue's items go to the person.
func (k Key) Personal() bool { return k.Queue == ToPerson || k.Queue == FileToPerson }

// Record is what a store keeps of a conversation: a sealed session and the
// version that the next commit must name. The zero Record means there is none.
type Record struct {
	Version uint32
	Value   []byte
}

// Item is one sealed message that waits to be delivered.
type Item struct {
	ID    uint64    // random; names the item in its queue
	Due   time.Time // not before this time
	Value []byte    // sealed Message
	// Screen marks a screen of the quiz: a later screen replaces it as long
	// as its delivery has not begun.
	Screen bool
	// Stays marks what removes an erased conversation elsewhere: it stays in its queue when the conversation is
	// erased once more. It is no Screen.
	Stays bool
	Tries Tries // what became of it so far
}

// Tries tells what became of the tries to deliver an item. It lies with the item, and so outlives the process that tried. It says
// nothing of what the item holds. The zero Tries is that of a new item.
type Tries struct {
	Begun  uint8     // tries that have begun and whose outcome nobody knows: the process has ended while they were made
	Failed uint8     // tries that failed by the item's own fault, as far as is known
	Told   bool      // somebody has been told that it is late
	Since  time.Time // the first failure, to the millisecond; zero: there was none
}

// triesSize is the length of the stored form.
const triesSize = 11

// Encode returns the stored form; nil for the zero Tries.
func (t Tries) Encode() []byte {
	if t == (Tries{}) {
		return nil
	}
	b := make([]byte, 3, triesSize)
	b[0], b[1] = t.Begun, t.Failed
	if t.Told {
		b[2] = 1
	}
	ms := int64(0)
	if !t.Since.IsZero() {
		ms = t.Since.UnixMilli()
	}
	return binary.BigEndian.AppendUint64(b, uint64(ms))
}

// DecodeTries reads the stored form. What is of another length, as nothing at all, is the zero Tries: an item is rather tried once too often
// than not at all.
func DecodeTries(b []byte) (t Tries) {
	if len(b) != triesSize {
		return t
	}
	t.Begun, t.Failed, t.Told = b[0], b[1], b[2] == 1
	if ms := int64(binary.BigEndian.Uint64(b[3:])); ms != 0 {
		t.Since = time.UnixMilli(ms)
	}
	return t
}

// Commit is everything one turn wrote, saved together or not at all.
type Commit struct {
	Key  Key
	Base uint32 // version the turn was decided on; 0: there was no record
	Next uint32 // version of the new record
	// Value is the new sealed session. Nil erases the conversation: its
	// record, its queues (but for items that stay) and their places in the order of deliveries, its log, its files and its mark. What this
	// commit itself sends is queued after that. Where there is no record (Base 0)
	// there is nothing to erase, and the queues, which may hold a farewell, stay.
	Value []byte
	TTL   time.Duration // the record ends by itself after this time
	// Update is the keyed hash of the update that caused the turn, 0 for none. If the
	// partition remembers it as done (see Forget), nothing is written and the
	// result is Done.
	Update uint64
	// Forget lists the updates that an erased conversation had seen. The partition
	// remembers them for 24 hours, without any trace of whose they were.
	Forget []uint64
	// Delivered is the item whose delivery caused this turn, 0 for none. It is
	// removed from the head of the queue in the same commit.
	Delivered uint64
	// Send is put at the end of the queue. If there is a Screen among them,
	// screens that wait in the queue and are not being delivered are dropped first.
	Send []Item
	// Desk is put at the end of the queue ToDesk, by the same rules.
	Desk []Item
	// Timer, if set, takes the place of whatever lies in the queue Timer. The zero Item empties it.
	Timer *Item
	// Log is put at the end of the conversation's log: sealed lines that live as long as the record.
	Log [][]byte
	// DropLog empties the log before Log is put there, and drops the conversation's files.
	DropLog bool
	// Files are kept beside the record, and live as long as it does. One takes the place of another with its number.
	Files []File
	// Mark, if set, enters the conversation in the index of cases, or takes it out when its State is 0.
	// The entry ends with the record.
	Mark *Mark
	// Lease, when set, asks for the heads of ToPerson and ToDesk to be held for the caller until
	// that time, if they are due.
	Lease time.Time
	Now   time.Time
	// Counts are added to the counters of Day (YYYY-MM-DD, UTC).
	Counts []string
	Day    string
}

// File is one sealed file of a conversation. A turn loads none: they are read one at a time, by [Store.File].
type File struct {
	Number uint8 // names it in its conversation; not 0
	Value  []byte
}

// Committed tells what became of a commit.
type Committed struct {
	Done   bool   // the update had been dealt with before: nothing was written
	Leased bool   // the head of ToPerson is the first of Send and is held for the caller
	Desk   bool   // the head of ToDesk is the first of Desk and is held for the caller
	Newest Record // with ErrConflict: the newest record, zero when there is none
}

// Mark is a conversation's entry in the index of cases. It says nothing of what was said.
type Mark struct {
	State  uint8     // a CaseState; 0 takes the entry out
	Urgent uint8     // the higher, the sooner it is to be taken
	Since  time.Time // waiting, or held, since; to the millisecond
}

// Marked is an entry of the index of cases.
type Marked struct {
	Key Key
	Mark
}

// MostLines is how many lines of a log are kept; then the oldest go.
const MostLines = 500

// Held is the head of a conversation's queue, leased to the caller.
type Held struct {
	Key  Key
	Item Item
}

// Stored is one sealed value as it lies in a store.
type Stored struct {
	Key     Key    // of a record, an item or a line. Its partition is known where Placed says so.
	Placed  bool   // the store knows the partition
	Version uint32 // of a record; the number of a file; 0 of everything else
	File    bool   // it is a file
	Kept    string // the name of what is kept beside all conversations; empty for what belongs to one
	Value   []byte
}

// Store keeps conversations and what is still to be sent. Both implementations
// pass the same suite (bot/storetest). All methods are safe for use by many
// goroutines and processes at once.
type Store interface {
	// Load returns the record of a conversation, zero when there is none.
	Load(ctx context.Context, key Key) (Record, error)

	// Commit saves a turn, all or nothing. A stale Base gives ErrConflict.
	Commit(ctx context.Context, c Commit) (Committed, error)

	// Take leases up to limit due heads until the given time: those whose time
	// has come and whose earlier lease, if any, has run out. Order: longest due first
	// within a partition. With a PartialError, what was leased is given too.
	Take(ctx context.Context, now, until time.Time, limit int) ([]Held, error)

	// Extend keeps leases that are still at work until the given time.
	Extend(ctx context.Context, held []Held, until time.Time) error

	// Ack removes a delivered head. The next item, if there is one, is leased until
	// the given time and returned when it is due, else it waits its time.
	// ErrNotHeld: the head was another item; nothing changed.
	Ack(ctx context.Context, key Key, id uint64, now, until time.Time) (*Item, error)

	// Postpone gives the head back, to be sent not before due.
	Postpone(ctx context.Context, key Key, id uint64, due time.Time) error

	// Tried keeps with a head what became of its tries, and changes neither its place nor its lease.
	// ErrNotHeld: the head was another item; nothing changed.
	Tried(ctx context.Context, key Key, id uint64, tries Tries) error

	// Behind moves a head to the end of key.Behind(), to be sent from there not before due, and goes on in its queue as Ack does.
	// It keeps its tries, and is erased with the conversation.
	Behind(ctx context.Context, key Key, id uint64, due, now, until time.Time) (*Item, error)

	// Reserve takes n places in the order of all messages of a channel, one each
	// interval, and returns how long to wait for the first of them. Up to burst
	// places may be taken at once. It is never longer than MostWait and the burst's time.
	Reserve(ctx context.Context, channel string, n int, interval time.Duration, burst int, now time.Time) (time.Duration, error)

	// Counts returns the counters of a day, summed over partitions; with a PartialError over those that answered.
	Counts(ctx context.Context, day string) (map[string]int64, error)

	// Log returns the lines of a conversation's log, the oldest first, without the first skip of those that are kept.
	Log(ctx context.Context, key Key, skip int) ([][]byte, error)

	// File returns one of a conversation's files, nil when there is none of that number.
	File(ctx context.Context, key Key, number uint8) ([]byte, error)

	// Cases returns the index of cases over all partitions, in no order, without those whose record has ended; with a
	// PartialError those of the partitions that answered.
	Cases(ctx context.Context) ([]Marked, error)

	// Kept returns what is kept under a name beside all conversations, nil when there is nothing.
	Kept(ctx context.Context, name string) ([]byte, error)

	// Keep keeps a value under a name until its life ends, whatever was there.
	Keep(ctx context.Context, name string, value []byte, life time.Duration) error

	// Swap is Keep if there is just old, nil for nothing. It reports false, and changes nothing, when there is something else.
	Swap(ctx context.Context, name string, old, value []byte, life time.Duration) (bool, error)

	// Walk shows every sealed value that is there from the beginning to the end of the walk, at least once, in no order. What f returns
	// takes the value's place, if it still is what f saw: same length, same version, same life, same place in its queue or log, same number. Nil
	// leaves it. An error of f ends the walk and is returned.
	Walk(ctx context.Context, f func(Stored) ([]byte, error)) error

	// Ping answers nil when the store takes commits.
	Ping(ctx context.Context) error

	Close() error
}

// LabelName is the name under which a store keeps the label that says which key it was made with.
const LabelName = "key"

// Dumped is a part of a store as it can be taken out and put into another: a whole conversation as it was at one moment, or one of
// the things that are kept beside. What is sealed stays sealed.
type Dumped struct {
	Conversation bool
	Key          Key
	Placed       bool // the partition is known
	Record       Record
	Life         time.Duration // of the record, or of what is kept
	Queues       [Queues][]Item
	Log          [][]byte
	Files        []File
	Mark         *Mark

	Kept  string // a name, with Value and Life
	Value []byte

	Day, Counter string // with Count
	Count        int64
	Partition    uint16

	Forgotten uint64 // an update that an erased conversation had seen, at a time
	At        time.Time
}

// Backlog is what waits to be delivered. Timers do not count.
type Backlog struct {
	Queues int       // that are not empty
	Items  int       // in them
	Oldest time.Time // when the item that is overdue for longest should have been sent; zero: none is overdue
}

// LeaseTime is how long a delivery is held for one process before another may take it over.
const LeaseTime = 5 * time.Second

// Pace is an allowance: one message each Interval, and Burst of them at once. The zero Pace has no limit.
type Pace struct {
	Interval time.Duration
	Burst    int
}
