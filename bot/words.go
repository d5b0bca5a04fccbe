package bot

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"patikra/content"
)

// A case is called by two neutral words, which the counsellor says to the person. No two cases have the same: whoever makes one claims its
// words in the store first, so that this holds over all processes and partitions. Colleagues see the words, and there are not many of them,
// so they prove nothing to staff: for that there is a code that only the person is shown, when they write /code.

const (
	wordsLife  = 400 * 24 * time.Hour // longer than any case; a claim is given up with its case
	wordsSpent = time.Second          // how long one that is given up still stands
	wordsTries = 8                    // pairs that are tried before a third word is added
	wordsMost  = 24                   // and choices in all
	codeTime   = 24 * time.Hour
)

// wordsName is under what name a case's words are claimed, and claimant what says whose claim it is: neither is the conversation's hash.
func (b *Bot) wordsName(word string) string {
	_, h := b.ring.Name(DeskName+"-words", content.Fold(word))
	return "words-" + hex.EncodeToString(h[:])
}

func (b *Bot) claimant(key Key) []byte {
	_, h := b.ring.Name(DeskName+"-claim", string(key.Hash[:]))
	return h[:8]
}

// claim takes a case's words for a conversation. It reports false when another has them.
func (b *Bot) claim(ctx context.Context, key Key, word string) (bool, error) {
	name, mine := b.wordsName(word), b.claimant(key)
	done, err := b.store.Swap(ctx, name, nil, mine, wordsLife)
	if err != nil || done {
		return done, err
	}
	return b.store.Swap(ctx, name, mine, mine, wordsLife)
}

// unclaim gives a case's words up. Best effort: a claim that stays makes one pair of words rarer.
func (b *Bot) unclaim(ctx context.Context, key Key, word string) {
	mine := b.claimant(key)
	_, _ = b.store.Swap(ctx, b.wordsName(word), mine, mine, wordsSpent)
}

// turnWith decides a turn. A case that it makes has words that no other case has.
func (b *Bot) turnWith(ctx context.Context, key Key, lib *Library, s Session, u Update) (Plan, error) {
	plan := lib.Turn(s, u)
	for n := 1; ; n++ {
		word := plan.Session.word()
		if plan.Erase || word == "" || word == s.word() {
			return plan, nil
		}
		ok, err := b.claim(ctx, key, word)
		if err != nil {
			return plan, fmt.Errorf("choose a case's words: %w", err)
		}
		if ok || n > wordsMost { // as good as impossible; the code still tells the two apart
			return plan, nil
		}
		u.Desk.Luck = luck()
		u.Desk.Long = n >= wordsTries
		plan = lib.Turn(s, u)
	}
}

// word is what the session's case is called, empty when it is called nothing.
func (s *Session) word() string {
	if s.Case == nil {
		return ""
	}
	return s.Case.Word
}

// codeWord chooses two neutral words, or three.
func (v view) codeWord(luck uint64, long bool) string {
	words := v.lang.List("desk.words")
	n := 2
	if long {
		n = 3
	}
	var chosen []string
	left := append([]string{}, words...)
	for len(chosen) < n && len(left) > 0 && len(words) > 1 {
		i := luck % uint64(len(left))
		luck /= uint64(len(left))
		chosen = append(chosen, left[i])
		left = append(left[:i], left[i+1:]...)
	}
	return strings.Join(chosen, " ")
}

// Meaning is what code words mean in the language of a reader: the words that stand at the same places of its list. It is empty where the
// reader's language has the same words, and where one of them is in no list any more.
func (l *Library) Meaning(word, tag string) string {
	reader := l.Catalog.Language(tag)
	if reader == nil || word == "" {
		return ""
	}
	own := reader.List("desk.words")
	var out []string
	for _, w := range strings.Fields(word) {
		i := l.placeOf(w)
		if i < 0 || i >= len(own) {
			return ""
		}
		out = append(out, own[i])
	}
	if meaning := strings.Join(out, " "); meaning != word {
		return meaning
	}
	return ""
}

// placeOf is where a code word stands in the list of the language that has it; below nought: in none.
func (l *Library) placeOf(word string) int {
	for _, lang := range l.Catalog.Spoken() {
		if i := slices.Index(lang.List("desk.words"), word); i >= 0 {
			return i
		}
	}
	return -1
}

// codeLetters are the letters of a code; those that look alike are left out.
var codeLetters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// code is what proves to staff whose conversation it is, on the day of a time.
func (b *Bot) code(key Key, at time.Time) string {
	_, h := b.ring.Name(DeskName+"-code", string(key.Hash[:])+at.UTC().Format(time.DateOnly))
	return codeLetters.EncodeToString(h[:5])
}

// Proves reports whether a code is the one that a conversation has shown to the person, today or yesterday (UTC).
func (b *Bot) Proves(key Key, code string, now time.Time) bool {
	code = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	return code == b.code(key, now) || code == b.code(key, now.Add(-codeTime))
}

// showCode shows the code to the person, and to nobody else: it stands in no log and goes to no desk.
func (t *turn) showCode() {
	t.note = strings.ReplaceAll(t.view().wording("code"), "{code}", t.u.Desk.Code[:4]+"-"+t.u.Desk.Code[4:])
	t.p.Toast = t.note // for doors that draw
	t.show()
}
