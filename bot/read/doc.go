// Package read finds what a person means who types freely, in the words that staff keep in content/<language>/words.yaml:
// a cry for help, the wish to talk to a human, yes and no inside a sentence, an age, the language it is written in, and whether what came
// is an offer that was pasted rather than an answer.
//
// People in danger write in haste, without diacritics, in Latin letters for Cyrillic, with letters repeated or exchanged. So words
// are compared by a key that forgets all of that (see key), a word in a phrase may have any ending (bi*), and a longer word may
// have one wrong letter, a very long one two. All languages are tried, whatever language the conversation has.
//
// The package is pure: the same text and words always give the same reading. It keeps nothing.
package read
