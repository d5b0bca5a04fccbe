package content

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"patikra/content/sheet"
)

// called is a name of a country, folded.
type called struct {
	words []string
	code  string
}

// mostEnding is how many letters the ending of a word may have: Vokietij-oje.
const mostEnding = 4

// countryNames gathers what the countries are called, in every language.
func (l *loader) countryNames() {
	c := l.catalog
	said := map[string]string{}
	add := func(name, code string) (other string) {
		name = Fold(name)
		switch other = said[name]; {
		case name == "" || other == code:
			return ""
		case other == "":
			said[name] = code
			c.called = append(c.called, called{strings.Fields(name), code})
		}
		return other
	}
	for _, o := range c.Countries {
		for _, lang := range c.Spoken() {
			if lang.Has("countries.names." + o.Code) {
				add(lang.CountryName(o.Code), o.Code) // two of one name are named where the names stand
			}
		}
	}
	for _, o := range c.Countries {
		for _, a := range o.Also {
			if other := add(a, o.Code); other != "" {
				l.Add("content/places.yaml", o.line, "leave it with one of them", "the word %q stands for the country %s and for %s", a, other, o.Code)
			}
		}
	}
}

// FindCountry returns the code of the country that somebody has typed: its name in any language and with any ending, its
// code, or its flag. It is empty when there is none, or more than one. Lang is what the person reads: a word that means something
// else there, as "no", is the code of a country only in capitals.
func (c *Catalog) FindCountry(text string, lang *Language) string {
	text = strings.TrimSpace(text)
	if code := flagged(text); code != "" {
		return c.offered(code)
	}
	folded := Fold(text)
	if len(text) == 2 && (text == strings.ToUpper(text) || lang.Meaning(folded) == "") {
		if code := c.offered(strings.ToUpper(text)); code != "" {
			return code
		}
	}
	typed := strings.Fields(folded)
	best, found := 0, ""
	for _, n := range c.called {
		for i := 0; i+len(n.words) <= len(typed); i++ {
			letters := 0
			for k, w := range n.words {
				if !same(typed[i+k], w) {
					letters = 0
					break
				}
				letters += utf8.RuneCountInString(w)
			}
			switch {
			case letters > best:
				best, found = letters, n.code
			case letters == best && letters > 0 && n.code != found:
				found = ""
			}
		}
	}
	return found
}

// mostAlike is how many countries are offered for a word that stands for none.
const mostAlike = 4

// AlikeCountries returns the codes of the countries that somebody may have meant who typed what [Catalog.FindCountry] does not
// take: a beginning, a name with a wrong letter or two, or several names. There are few, in the order of their names in lang.
func (c *Catalog) AlikeCountries(text string, lang *Language) []string {
	var alike []string
	for _, typed := range strings.Fields(Fold(text)) {
		if utf8.RuneCountInString(typed) < 3 {
			continue
		}
		for _, n := range c.called {
			if !slices.Contains(alike, n.code) && slices.ContainsFunc(n.words, func(w string) bool { return alikeWords(typed, w) }) {
				alike = append(alike, n.code)
			}
		}
	}
	slices.SortFunc(alike, func(a, b string) int {
		return strings.Compare(Fold(lang.CountryName(a)), Fold(lang.CountryName(b)))
	})
	return alike[:min(len(alike), mostAlike)]
}

// alikeWords reports whether a typed word begins a name, is it with any ending, or has a few wrong letters.
func alikeWords(typed, name string) bool {
	if strings.HasPrefix(name, typed) || same(typed, name) {
		return true
	}
	a, b := []rune(typed), []rune(stem(name))
	wrong := 1
	if len(b) > 6 {
		wrong = 2
	}
	if len(b) < 4 {
		return false
	}
	// What is typed may end as it likes, so its end costs nothing as long as it is an ending.
	for end := min(len(a), len(b)+wrong); end >= len(b)-wrong && len(a)-end <= mostEnding; end-- {
		if sheet.Distance(a[:end], b) <= wrong {
			return true
		}
	}
	return false
}

func (c *Catalog) offered(code string) string {
	if c.Offers(code) {
		return code
	}
	return ""
}

// flagged reads the two letters of a flag.
func flagged(text string) string {
	const first, last = 0x1F1E6, 0x1F1FF
	var code []byte
	for _, r := range text {
		switch {
		case r >= first && r <= last:
			code = append(code, byte('A'+r-first))
		case !unicode.IsSpace(r):
			return ""
		}
	}
	if len(code) != 2 {
		return ""
	}
	return string(code)
}

// same reports whether a typed word is a name, whatever its ending.
func same(typed, name string) bool {
	if typed == name {
		return true
	}
	s := stem(name)
	rest, ok := strings.CutPrefix(typed, s)
	return ok && utf8.RuneCountInString(s) > 3 && utf8.RuneCountInString(rest) <= mostEnding
}

// endings are what a name may end with when nothing is said about it.
var endings = strings.Fields("as ai a e y а я о и ы")

func stem(word string) string {
	i := slices.IndexFunc(endings, func(e string) bool { return strings.HasSuffix(word, e) })
	if i < 0 {
		return word
	}
	return strings.TrimSuffix(word, endings[i])
}

// quotes are the marks that a language puts around what somebody says.
var quotes = map[string][2]string{"en": {"“", "”"}, "ru": {"«", "»"}, "uk": {"«", "»"}, "pl": {"„", "”"}}

// Quoted puts the language's quotation marks around a text.
func (l *Language) Quoted(s string) string {
	base, _, _ := strings.Cut(l.Tag, "-")
	q, ok := quotes[base]
	if !ok {
		q = [2]string{"„", "“"}
	}
	return q[0] + s + q[1]
}
