package read

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"patikra/content/sheet"
)

// Words is what staff have written of one language.
type Words struct {
	Lang     string
	Danger   []string // phrases of somebody who is hurt, held, threatened or afraid
	Despair  []string // phrases of somebody who wants to die, or to hurt themselves: danger, too
	Harmless []string // phrases in which words of danger or of an answer mean something else
	Human    []string // phrases of somebody who wants to talk to a person
	Yes      []string // phrases that say yes, in a sentence
	No       []string
	Unsure   []string
	Not      []string // words that turn the next one round: not, nobody
	Common   []string // frequent words that only this language has, by which it is known
	Age      []string // what stands beside a number that is an age: years
	Fill     []string // words that change nothing: please
	Numbers  []string // numbers from 8 on in words, and 1 to 7 behind the tens, each with the number first: 16 sixteen
	Ordinals []string // the places of answers in words, each with the number first: 1 first|1st
	Below    []string // words that make 18 less than 18: under, almost, not yet
	Kin      []string // words of somebody else whose age it may be: son, sister
	Since    []string // words beside a number of years that is no age: experience
	And      []string // words between answers of which all are meant: and
}

// Kinds lists the names that a file of words may hold, in the order of the file.
func Kinds() []string {
	return []string{"danger", "despair", "harmless", "human", "yes", "no", "unsure", "not", "common", "age", "fill", "numbers", "ordinals", "below", "kin", "since", "and"}
}

// Set gives the words of one kind. It reports whether there is such a kind.
func (w *Words) Set(kind string, lines []string) bool {
	at := map[string]*[]string{"danger": &w.Danger, "despair": &w.Despair, "harmless": &w.Harmless, "human": &w.Human, "yes": &w.Yes, "no": &w.No, "unsure": &w.Unsure,
		"not": &w.Not, "common": &w.Common, "age": &w.Age, "fill": &w.Fill,
		"numbers": &w.Numbers, "ordinals": &w.Ordinals, "below": &w.Below, "kin": &w.Kin, "since": &w.Since, "and": &w.And}[kind]
	if at == nil {
		return false
	}
	*at = lines
	return true
}

// Mistake is a line that cannot be used.
type Mistake struct {
	Lang, Kind string
	Err        error
}

// Reader reads in several languages. It is safe for use by many goroutines.
type Reader struct {
	danger, harmless, human []phrase
	despair                 []phrase            // of those of danger
	answers                 map[string][]phrase // by language and answer: "lt yes"
	not                     []phrase
	common                  map[string][]phrase
	langs                   []string
	age, fill               []phrase
	below, kin, since       []phrase
	numbers                 []counted
	ordinals                map[string][]counted // by language
	and                     map[string][]phrase
	forms                   forms
}

// New makes a reader of what staff have written. Lines that cannot be used are left out and returned.
func New(all []Words) (*Reader, []Mistake) {
	r := &Reader{answers: map[string][]phrase{}, common: map[string][]phrase{}, ordinals: map[string][]counted{}, and: map[string][]phrase{},
		forms: forms{known: map[form]int{}, first: map[byte][]int{}}}
	var wrong []Mistake
	for _, w := range all {
		r.langs = append(r.langs, w.Lang)
		var not []phrase
		parsed := func(kind string, lines []string) (out []phrase) {
			for _, line := range lines {
				p, err := r.forms.parse(line, w.Lang, not)
				if err != nil {
					wrong = append(wrong, Mistake{w.Lang, kind, err})
					continue
				}
				out = append(out, p)
			}
			return out
		}
		not = parsed("not", w.Not)
		r.not = append(r.not, not...)
		despair := parsed("despair", w.Despair)
		r.danger = append(append(r.danger, parsed("danger", w.Danger)...), despair...)
		r.despair = append(r.despair, despair...)
		r.harmless = append(r.harmless, parsed("harmless", w.Harmless)...)
		r.human = append(r.human, parsed("human", w.Human)...)
		r.answers[w.Lang+" yes"] = parsed("yes", w.Yes)
		r.answers[w.Lang+" no"] = parsed("no", w.No)
		r.answers[w.Lang+" unsure"] = parsed("unsure", w.Unsure)
		r.common[w.Lang] = parsed("common", w.Common)
		r.age = append(r.age, parsed("age", w.Age)...)
		r.fill = append(r.fill, parsed("fill", w.Fill)...)
		r.below = append(r.below, parsed("below", w.Below)...)
		r.kin = append(r.kin, parsed("kin", w.Kin)...)
		r.since = append(r.since, parsed("since", w.Since)...)
		r.and[w.Lang] = parsed("and", w.And)
		numbered := func(kind string, lines []string) (out []counted) {
			for _, line := range lines {
				first, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
				n, err := strconv.Atoi(first)
				if err != nil || n < 1 || n > oldest {
					wrong = append(wrong, Mistake{w.Lang, kind, sheet.Say("%q does not begin with a number from 1 to %d", line, oldest)})
					continue
				}
				for _, p := range parsed(kind, []string{rest}) {
					out = append(out, counted{n, p})
				}
			}
			return out
		}
		r.numbers = append(r.numbers, numbered("numbers", w.Numbers)...)
		r.ordinals[w.Lang] = numbered("ordinals", w.Ordinals)
	}
	return r, wrong
}

// Reading is what was found in a text.
type Reading struct {
	Danger string // the line of words.yaml that was found, empty when none was
	Dying  bool   // the danger is that they want to die, or to hurt themselves
	In     string // the language of that line, or the one that the whole text is written in
	Human  bool   // they want to talk to a person
	Lang   string // the language it is written in, empty when that cannot be told
	Age    int    // in years, 0 when no age is told, or more than one; 17 when it is told to be less than 18
	Kin    bool   // the age may be that of somebody else, who is named beside it
	Offer  bool   // more than an answer: a pasted text, a link, a phone number
}

// longText is from how many words on a text is no answer any more.
const longText = 40

var (
	link  = regexp.MustCompile(`(?i)\b(https?://|www\.|t\.me/|m\.me/|wa\.me/|[a-z0-9-]+\.(com|net|org|lt|lv|ee|pl|de|ru|ua|eu|info|site|online|uk|no)\b)`)
	phone = regexp.MustCompile(`\+?\d(?:[ ()-]?\d){7,14}`)
)

// Read finds what a text says.
func (r *Reader) Read(text string) Reading {
	words := r.apart(text)
	out := Reading{Lang: r.language(text, words), Offer: len(words.words) >= longText || link.MatchString(text) || phone.MatchString(text)}
	if p, ok := r.found(r.danger, words); ok {
		out.Danger, out.In = p.line, cmp.Or(out.Lang, p.lang)
		_, out.Dying = r.found(r.despair, words)
	}
	_, out.Human = r.found(r.human, words)
	if !out.Offer {
		out.Age = r.years(words.words)
		out.Kin = out.Age > 0 && slices.ContainsFunc(words.words, func(t token) bool { return r.one(r.kin, &t) })
	}
	return out
}

// Answer reads yes, no or unsure in a sentence of a language. It is empty when none was said, or more than one.
func (r *Reader) Answer(lang, text string) string {
	words := r.apart(text)
	answers := [...]string{"yes", "no", "unsure"}
	answer := ""
	var at []int // the words that said it
	for _, one := range answers {
		if p, ok := r.found(r.answers[lang+" "+one], words); ok {
			if answer != "" {
				return ""
			}
			answer, at = one, p.find(words.words)
		}
	}
	for _, one := range answers {
		if one != answer && answer != "" && r.besides(r.answers[lang+" "+one], words.words, at) {
			return ""
		}
	}
	return answer
}

// besides reports whether one of the words that answer when nothing else is said stands at the edge of a sentence, beside the words that are
// taken for the answer: "yes but no". Elsewhere it may only turn the next word round: "yes, no problem".
func (r *Reader) besides(all []phrase, words []token, taken []int) bool {
	for _, p := range all {
		if !p.alone || len(p.words) != 1 {
			continue
		}
		for i := range words {
			edge := i == len(words)-1 || words[i].end || !r.negates(p) && (i == 0 || words[i-1].end)
			if edge && !slices.Contains(taken, i) && r.exactly(p.words[0], words[i].key) {
				return true
			}
		}
	}
	return false
}

// negates reports whether a phrase of one word can turn the next word round.
func (r *Reader) negates(p phrase) bool {
	return slices.ContainsFunc(r.not, func(n phrase) bool { return len(n.words) == 1 && slices.Contains(p.words[0], n.words[0][0]) })
}

// found returns the first of the phrases that is said and not turned round.
func (r *Reader) found(all []phrase, words said) (phrase, bool) {
	for _, p := range all {
		if r.says(p, words) && !slices.ContainsFunc(r.harmless, func(h phrase) bool { return words.may(&h) && r.covers(h, p, words.words) }) {
			return p, true
		}
	}
	return phrase{}, false
}

// covers reports whether a harmless phrase is said with the very words of the other.
func (r *Reader) covers(harmless, p phrase, words []token) bool {
	h := harmless.find(words)
	if h == nil {
		return false
	}
	for _, at := range p.find(words) {
		if slices.Contains(h, at) {
			return true
		}
	}
	return false
}

func (r *Reader) says(p phrase, text said) bool {
	if !text.may(&p) {
		return false
	}
	if p.alone {
		return len(text.bare) == len(p.words) && p.find(text.bare) != nil
	}
	for words := text.words; len(words) > 0; { // the first place may be turned round and a later one not
		at := p.find(words)
		if at == nil {
			return false
		}
		if p.not || !r.turned(words, at) {
			return true
		}
		words = words[slices.Min(at)+1:]
	}
	return false
}

// turned reports whether a negation stands right before one of the words.
func (r *Reader) turned(words []token, at []int) bool {
	for _, i := range at {
		for _, n := range r.not {
			k := i - len(n.words)
			if k < 0 || words[i-1].end {
				continue
			}
			matches := true
			for j, w := range n.words {
				matches = matches && r.forms.list[w[0]].key == words[k+j].key
			}
			if matches {
				return true
			}
		}
	}
	return false
}

// Ages that somebody may have who asks. A higher number is more likely a mistake than an age.
const youngest, oldest = 8, 90

// counted is a number in words.
type counted struct {
	n int
	phrase
}

// one reports whether a word is one of the phrases of one word.
func (r *Reader) one(all []phrase, t *token) bool {
	return slices.ContainsFunc(all, func(p phrase) bool { return p.words[0].fits(t) })
}

// number reads the number that begins at i, in digits or in words, and where its last word stands. It is 0 when there is none. Joined says that a
// word for years is joined to it: 17m.
func (r *Reader) number(words []token, i int) (n, last int, joined bool) {
	w := &words[i]
	if n, err := strconv.Atoi(strings.TrimRight(w.word, "mylгрt.")); err == nil {
		return n, i, strings.TrimLeft(w.word, "0123456789") != ""
	}
	word := func(t *token) int {
		for _, c := range r.numbers {
			if c.words[0].fits(t) {
				return c.n
			}
		}
		return 0
	}
	n, last = word(w), i
	if n >= 20 && i+1 < len(words) && !w.end {
		if unit := word(&words[i+1]); unit > 0 && unit < 10 {
			return n + unit, i + 1, false
		}
	}
	return n, last, false
}

// full is the age at which a person is no child any more, in years.
const full = 18

// years reads an age: a number beside a word for years, or besides which nothing is said. It is 0 when there is none or more than one, and when
// it cannot be told on which side of a bound it lies: "not yet 25".
func (r *Reader) years(words []token) int {
	age := 0
	for i := 0; i < len(words); i++ {
		n, last, beside := r.number(words, i)
		if n < youngest || n > oldest {
			i = max(i, last)
			continue
		}
		alone, since := true, false
		for j := range words {
			if j >= i && j <= last {
				continue
			}
			t := &words[j]
			alone = alone && (r.one(r.fill, t) || r.one(r.below, t) || r.one(r.not, t))
			beside = beside || (j == i-1 || j == last+1) && r.one(r.age, t)
			since = since || j >= i-3 && j <= last+3 && r.one(r.since, t)
		}
		if alone || beside && !since {
			if n = r.bound(words, i, last, n); n == 0 || age != 0 && age != n {
				return 0
			}
			age = n
		}
		i = last
	}
	return age
}

// bound is the age that is meant when a word beside the number makes it less: under 18, not yet 18. Words on the other side of a comma belong elsewhere.
func (r *Reader) bound(words []token, i, last, n int) int {
	below, not := false, false
	for j := i - 1; j >= 0 && j >= i-3 && !words[j].end && !words[j].comma; j-- {
		below = below || r.one(r.below, &words[j])
		not = not || j >= i-2 && r.one(r.not, &words[j])
	}
	for j := last + 1; j < len(words) && j <= last+2 && !words[j-1].end && !words[j-1].comma; j++ {
		below = below || r.one(r.below, &words[j])
	}
	switch {
	case !below && !not, below && n < full:
		return n
	case n == full:
		return full - 1
	}
	return 0
}

// Place reads a word of a language that names the place of an answer: 3 for the third. It is 0 when the word names none.
func (r *Reader) Place(lang, word string) int {
	k := key(word)
	for _, c := range r.ordinals[lang] {
		if k != "" && r.exactly(c.words[0], k) {
			return c.n
		}
	}
	return 0
}

// Joins reports whether a word of a language changes nothing between answers of which all are meant: and, please.
func (r *Reader) Joins(lang, word string) bool {
	k := key(word)
	return slices.ContainsFunc(slices.Concat(r.and[lang], r.fill), func(p phrase) bool { return k != "" && r.exactly(p.words[0], k) })
}

// letters that only one of our languages has.
var letters = []struct {
	lang, of string
}{{"uk", "ґєії"}, {"ru", "ыэъё"}, {"pl", "łńśźżćó"}, {"lt", "ėęįųūčšž"}}

// language tells the language of a text by its letters and its frequent words, empty when it cannot be told: two are as likely, or nothing is known.
func (r *Reader) language(text string, words said) string {
	points := map[string]int{}
	small := strings.ToLower(text)
	for _, l := range letters {
		if strings.ContainsAny(small, l.of) && slices.Contains(r.langs, l.lang) {
			points[l.lang] += 2
		}
	}
	for lang, phrases := range r.common {
		for _, p := range phrases {
			if words.may(&p) && slices.ContainsFunc(words.words, func(t token) bool { return r.exactly(p.words[0], t.key) }) {
				points[lang] += 2
			}
		}
	}
	for _, p := range r.danger {
		if r.says(p, words) {
			points[p.lang]++
		}
	}
	best, second := "", 0
	for _, lang := range r.langs {
		switch n := points[lang]; {
		case n > points[best]:
			best, second = lang, points[best]
		default:
			second = max(second, n)
		}
	}
	if points[best] == 0 || points[best] == second {
		return ""
	}
	return best
}

// exactly is fits without typing mistakes.
func (r *Reader) exactly(p pattern, typed string) bool {
	return slices.ContainsFunc(p, func(i int) bool {
		return r.forms.list[i].exactly(typed)
	})
}

// said is a text taken apart.
type said struct {
	words []token
	bare  []token // without the words that change nothing
	has   []bool  // which forms stand anywhere in it
}

// apart takes a text apart, and finds for each word what it may be.
func (r *Reader) apart(text string) said {
	s := said{words: tokens(text), has: make([]bool, len(r.forms.list))}
	known := map[string][]int{}
	for i := range s.words {
		w := &s.words[i]
		fits, ok := known[w.key]
		if !ok {
			fits = r.forms.fitting(w.key, len(s.words) >= longText) // so many words hold something like everything
			known[w.key] = fits
		}
		w.fits = fits
		for _, f := range fits {
			s.has[f] = true
		}
		if !slices.ContainsFunc(r.fill, func(p phrase) bool { return p.words[0].fits(w) }) {
			s.bare = append(s.bare, *w)
		}
	}
	return s
}

// may reports whether every word of a phrase stands somewhere in the text.
func (s *said) may(p *phrase) bool {
	for _, w := range p.words {
		if !slices.ContainsFunc(w, func(f int) bool { return s.has[f] }) {
			return false
		}
	}
	return true
}

// String says a mistake for whoever edits the file.
func (m Mistake) Text() sheet.Text { return sheet.Say("%s: %v", m.Kind, m.Err) }
