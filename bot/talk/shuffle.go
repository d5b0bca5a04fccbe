package talk

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"

	"patikra/bot"
	"patikra/flows"
)

// The options of a training stand in an order of its own for each conversation: nobody passes by the place of an answer, and neighbours in one room
// do not read the same list. The order follows from [bot.Session.Seed] and stays the same however often a question is drawn.

// seedOf makes a seed of the update with which a training begins. It is never 0.
func seedOf(u bot.Update) uint32 {
	h := fnv.New32a()
	binary.Write(h, binary.BigEndian, u.ID)
	binary.Write(h, binary.BigEndian, u.At.UnixNano())
	return h.Sum32() | 1
}

// inOrder lists the choices of a step, by their places in the file, in the order in which people see them.
func (v view) inOrder(step *flows.Step) []int {
	out := make([]int, 0, len(step.Choices))
	for i := range step.Choices {
		if !step.Choices[i].Mute {
			out = append(out, i)
		}
	}
	if v.s.Seed != 0 && v.trains() {
		slices.SortFunc(out, func(i, j int) int { return cmp.Compare(v.shuffled(step, i), v.shuffled(step, j)) })
	}
	return out
}

// shuffled is by what a choice of a training is sorted in this conversation.
func (v view) shuffled(step *flows.Step, i int) uint64 {
	h := fnv.New64a()
	binary.Write(h, binary.BigEndian, v.s.Seed)
	h.Write([]byte(step.Name))
	binary.Write(h, binary.BigEndian, uint32(i))
	n := h.Sum64() // its last bytes hardly reach the highest bits, by which numbers are compared first
	n = (n ^ n>>32) * 0x9e3779b97f4a7c15
	return n ^ n>>32
}

// nth is the choice that a person sees in the n-th place, counted from 1, and -1 when there are fewer.
func (v view) nth(step *flows.Step, n int) int {
	if order := v.inOrder(step); n >= 1 && n <= len(order) {
		return order[n-1]
	}
	return -1
}
