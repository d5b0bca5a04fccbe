package content

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"patikra/content/sheet"
)

// What no text may say, whoever writes it: a verdict about a person or an offer, a promise, or a phone number of its own.

// unsaid is what is not said in a language, and what to say in its place.
type unsaid struct {
	stem   string // with which each of the words begins, in small letters
	words  string // with every ending; _ stands for a blank
	remedy sheet.Text
}

// Remedies of words that are not said; each shows wording of the language that may be typed.
const (
	noVictim  sheet.Text = "say what happens to the person, as %q"
	noVerdict sheet.Text = "say what was seen in the offer, as %q"
	noPromise sheet.Text = "say what can be done, without a promise, as %q"
)

var neverSaid = map[string][]unsaid{
	"lt": {
		{"auk", "auka aukos aukai auką aukas aukų aukoms aukomis", sheet.Say(noVictim, "jus apgauna")},
		{"verg", "vergas vergo vergui vergą vergai vergų vergams vergus vergais vergovė vergovės vergovę vergija vergijos vergiją", sheet.Say(noVictim, "jums trukdo išeiti")},
		{"saug", "saugu saugus saugi saugūs saugios saugiai saugesnis saugesnė", sheet.Say(noVerdict, "pavojaus ženklų nematome")},
		{"preky", "prekyba_žmonėmis prekybos_žmonėmis prekybą_žmonėmis prekybai_žmonėmis", sheet.Say(noVerdict, "šis pasiūlymas turi pavojaus ženklų")},
		{"garant", "garantuoja garantuojame garantuojama garantuotas garantuota garantija", sheet.Say(noPromise, "galime padėti")},
	},
	"en": {
		{"victim", "victim victims", sheet.Say(noVictim, "you are being cheated")},
		{"slave", "slave slaves slavery", sheet.Say(noVictim, "they stop you from leaving")},
		{"safe", "safe safely", sheet.Say(noVerdict, "we see no warning signs")},
		{"traffick", "trafficking trafficked trafficker traffickers", sheet.Say(noVerdict, "this offer has warning signs")},
		{"guarant", "guarantee guaranteed guarantees", sheet.Say(noPromise, "we can help")},
	},
	"pl": {
		{"ofi", "ofiara ofiary ofiarę ofiarą ofierze", sheet.Say(noVictim, "ktoś oszukuje")},
		{"niewol", "niewolnik niewolnicy niewolnictwo niewolnictwa", sheet.Say(noVictim, "ktoś nie pozwala wyjść")},
		{"bezpiecz", "bezpieczny bezpiecznie bezpieczna bezpieczne", sheet.Say(noVerdict, "nie widzimy znaków ostrzegawczych")},
		{"gwarant", "gwarantujemy gwarantowane", sheet.Say(noPromise, "możemy pomóc")},
	},
	"ru": {
		{"жертв", "жертва жертвы жертве жертву жертвой", sheet.Say(noVictim, "вас обманывают")},
		{"раб", "раб рабы раба рабство рабства", sheet.Say(noVictim, "вам не дают уйти")},
		{"безопасн", "безопасно безопасный безопасна безопасное", sheet.Say(noVerdict, "мы не видим тревожных признаков")},
		{"гарантир", "гарантируем гарантировано", sheet.Say(noPromise, "мы можем помочь")},
	},
	"uk": {
		{"жертв", "жертва жертви жертві жертву жертвою", sheet.Say(noVictim, "вас обманюють")},
		{"раб", "раб раби раба рабство рабства", sheet.Say(noVictim, "вам не дають піти")},
		{"безпечн", "безпечно безпечний безпечна безпечне", sheet.Say(noVerdict, "ми не бачимо тривожних ознак")},
		{"торгівл", "торгівля_людьми торгівлі_людьми торгівлею_людьми", sheet.Say(noVerdict, "ця пропозиція має тривожні ознаки")},
		{"гарант", "гарантуємо гарантовано", sheet.Say(noPromise, "ми можемо допомогти")},
	},
}

// NeverSaid finds a word of a text that no text of a language says, and what to say in its place. The word is empty when there is none.
func NeverSaid(tag, text string) (word string, remedy sheet.Text) {
	lower := strings.ToLower(text)
	for _, u := range neverSaid[base(tag)] {
		if !strings.Contains(lower, u.stem) {
			continue
		}
		said := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) })
		for _, never := range strings.Fields(u.words) {
			for i, w := range said {
				if strings.Contains(never, "_") && i+1 < len(said) {
					w += "_" + said[i+1]
				}
				if strings.EqualFold(w, never) {
					return strings.ReplaceAll(w, "_", " "), u.remedy
				}
			}
		}
	}
	return "", ""
}

var (
	typedPhone = regexp.MustCompile(`(\+|\b00)[1-9]([ ()./-]{0,2}[0-9]){7,14}\b|(^|[^0-9+.,/-])\(?[08]([ ()-]{0,2}[0-9]){7,10}\b`)
	typedShort = regexp.MustCompile(`(^|[^0-9+.,/-])(112|116 ?(000|006|111|117|123))($|[^0-9.,%€/-]|[.,]($|\s))`)
)

// counts is what stands behind a number of something.
var counts = regexp.MustCompile(`^\s*(?i:eur|€|zł|kr\b|km\b|m\b|грн|руб|евро|євро)`)

// Phone finds a phone number that is typed into a text: one with its country, one as it is dialled in Lithuania, or a short one. It is empty when
// there is none. Years, dates, sums and numbers of laws are none.
func Phone(text string) string {
	if !strings.ContainsAny(text, "0123456789") {
		return ""
	}
	for _, form := range []*regexp.Regexp{typedPhone, typedShort} {
		at := form.FindStringIndex(text)
		if at == nil || form == typedShort && counts.MatchString(text[at[1]:]) {
			continue
		}
		if found := text[at[0]:at[1]]; found != "" {
			return strings.TrimFunc(found, func(r rune) bool { return (r < '0' || r > '9') && r != '+' && r != '(' && r != ')' })
		}
	}
	return ""
}

// Numbered are the places whose numbers stand in texts by their names in braces, as {helpline}.
var Numbered = []string{"emergency", "helpline", "child", "hope", "youth"}

// typedPhoneIn is a phone number that is typed into a text. What to type in its place is known when the places are read.
type typedPhoneIn struct {
	sheet.Node
	name, number string
}

// typedPhones says of each number that was typed into a text what stands for it.
func (l *loader) typedPhones() {
	for _, t := range l.phones {
		l.Add(t.File(), t.LineOf(t.number), l.catalog.inPlaceOf(t.number), phoneTyped(t.name, t.number))
	}
	l.phones = nil
}

func phoneTyped(name, number string) sheet.Text {
	return sheet.Say("the text %q holds the phone number %s, which would grow old there", name, number)
}

// inPlaceOf says what to do about a number in a text: the place that it belongs to is known by its digits, however they are grouped, and in the
// form for inside its country as well.
func (c *Catalog) inPlaceOf(number string) sheet.Text {
	for _, p := range c.Places {
		switch {
		case !p.hasNumber(number):
		case slices.Contains(Numbered, p.Name):
			return sheet.Say("write %s in place of %s: the program puts the present number there", "{"+p.Name+"}", number)
		default:
			return sheet.Say("take it out: it is the number of %q in content/places.yaml, which the program shows by itself", p.Name)
		}
	}
	return typedNumber
}

// hasNumber reports whether a number as somebody wrote it is the place's.
func (p Place) hasNumber(written string) bool {
	digits := Digits(written)
	if short.MatchString(p.Number) || !e164.MatchString(p.Number) {
		return digits == p.Number
	}
	_, rest := split(p.Number)
	trunk, ok := strings.CutSuffix(digits, rest)
	return ok && (slices.Contains([]string{"", "0", "8"}, trunk) || strings.HasSuffix(p.Number, digits) || trunk == "00"+strings.TrimSuffix(p.Number[1:], rest))
}

// Digits is what stands of digits in a text, without what stands between them.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// typedNumber says what to do about a phone number in a text that no place has.
const typedNumber sheet.Text = "write {emergency} in its place for 112, or {helpline}, {child}, {hope} or {youth}; every other number stands in content/places.yaml and is shown by itself"

// ofTheTrade begin the texts that specialists alone read and that call the crime and institutions by their names.
var ofTheTrade = []string{"municipalities.kinds.commission.", "training.laws."}

// Unsaid tells of every text of the language that says a word which no text says, in the order of names, and what to say in its place. Another sense may
// be meant: it is a doubt, no mistake.
func (l *Language) Unsaid(tell func(name string, remedy, message sheet.Text)) {
	for _, name := range l.Names("") {
		if !l.Own(name) || slices.ContainsFunc(ofTheTrade, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		texts := slices.Clone(l.List(name))
		if l.Has(name) {
			texts = append(texts, l.Text(name))
		}
		_, rest, _ := strings.Cut(name, ".")
		for _, s := range texts {
			if w, remedy := NeverSaid(l.Tag, s); w != "" {
				tell(name, remedy, sheet.Say("the text %q says %q, a word that judges or promises", rest, w))
				break
			}
		}
	}
}
