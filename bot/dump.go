package bot

import (
	"slices"
	"time"

	"patikra/bot/seal"
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

// Place finds the partition of a conversation that a store keeps without it, by trying which partition's key opens what it holds.
func (d *Dumped) Place(ring *seal.Ring) bool {
	if d.Placed || !d.Conversation {
		return true
	}
	for p := range uint16(ring.Partitions()) {
		opens := func(version uint32, value []byte) bool {
			return slices.ContainsFunc(sealedKinds, func(kind byte) bool {
				_, err := ring.OpenVersion(p, d.Key.Hash, kind, version, value)
				return err == nil
			})
		}
		found := d.Record.Version != 0 && opens(d.Record.Version, d.Record.Value)
		for _, q := range d.Queues {
			found = found || len(q) > 0 && opens(0, q[0].Value)
		}
		if found {
			d.Key.Partition, d.Placed = p, true
			return true
		}
	}
	return false
}
