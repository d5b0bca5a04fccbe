package bot

import (
	"time"
)

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
