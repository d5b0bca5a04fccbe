package flows

import "math/bits"

// maxNames is how many flags, checks and notes of one kind a book may name.
const maxNames = 256

// Set is a set of named things (flags, checks, notes), kept by their index in the book.
type Set [maxNames / 64]uint64

func (s *Set) add(i int)     { s[i/64] |= 1 << (i % 64) }
func (s *Set) remove(i int)  { s[i/64] &^= 1 << (i % 64) }
func (s *Set) union(o Set)   { s[0] |= o[0]; s[1] |= o[1]; s[2] |= o[2]; s[3] |= o[3] }
func (s Set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }
func (s Set) covers(o Set) bool {
	return s[0]&o[0] == o[0] && s[1]&o[1] == o[1] && s[2]&o[2] == o[2] && s[3]&o[3] == o[3]
}
func (s Set) without(o Set) Set {
	return Set{s[0] &^ o[0], s[1] &^ o[1], s[2] &^ o[2], s[3] &^ o[3]}
}
func (s Set) meets(o Set) bool {
	return s[0]&o[0]|s[1]&o[1]|s[2]&o[2]|s[3]&o[3] != 0
}

// Len counts the members.
func (s Set) Len() int {
	return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) + bits.OnesCount64(s[2]) + bits.OnesCount64(s[3])
}

// Each calls f with every member in order.
func (s Set) each(f func(i int)) {
	for w, v := range s {
		for v != 0 {
			i := bits.TrailingZeros64(v)
			f(w*64 + i)
			v &^= 1 << i
		}
	}
}
