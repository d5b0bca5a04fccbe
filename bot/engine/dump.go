package engine

import (
	"slices"

	"patikra/bot"
	"patikra/bot/seal"
)

// Place finds the partition of a conversation that a store keeps without it, by trying which partition's key opens what it holds.
func Place(d *bot.Dumped, ring *seal.Ring) bool {
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
