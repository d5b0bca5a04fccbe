package content

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"patikra/content/sheet"
)

// A text that counts is written once for each group of numbers that its language treats alike:
//
//	place:
//	  one: "Prieš jus laukia {count} žmogus."      1, 21, 31 ...
//	  few: "Prieš jus laukia {count} žmonės."      2 to 9, 22 ...
//	  other: "Prieš jus laukia {count} žmonių."    0, 10 to 20, 30 ...
//
// Which group a number belongs to is the Unicode CLDR's word.

// Counted is the placeholder of the number in a text that counts.
const Counted = "{count}"

// formNames are the groups' names, in CLDR's order.
var formNames = []struct {
	name string
	form plural.Form
}{{"zero", plural.Zero}, {"one", plural.One}, {"two", plural.Two}, {"few", plural.Few}, {"many", plural.Many}, {"other", plural.Other}}

// someNumbers is far enough to see every form that whole numbers take.
const someNumbers = 1000

// Forms lists the forms that a language needs for whole numbers, in CLDR's order, each with a number that takes it.
func Forms(tag string) []FormOf {
	t := language.Make(tag)
	var out []FormOf
	for _, f := range formNames {
		of := FormOf{Name: f.name}
		for n := range someNumbers {
			if plural.Cardinal.MatchPlural(t, n, 0, 0, 0, 0) == f.form {
				of.Numbers = append(of.Numbers, n)
			}
		}
		if len(of.Numbers) > 0 {
			out = append(out, of)
		}
	}
	return out
}

// FormOf is a form and the numbers below a thousand that take it.
type FormOf struct {
	Name    string
	Numbers []int
}

// Examples names the first few numbers of a form.
func (f FormOf) Examples() string {
	var out []string
	for _, n := range f.Numbers[:min(len(f.Numbers), 4)] {
		out = append(out, strconv.Itoa(n))
	}
	if len(f.Numbers) > 4 {
		out = append(out, "...")
	}
	return strings.Join(out, ", ")
}

// isForms reports whether a value is a text that counts: a map with nothing but names of forms.
func isForms(n sheet.Node) bool {
	if !n.IsMap() {
		return false
	}
	fields := n.Peek()
	for _, f := range fields {
		if !f.IsScalar() || formOf(f.Name) == nil {
			return false
		}
	}
	return len(fields) > 0
}

func formOf(name string) *plural.Form {
	for _, f := range formNames {
		if f.name == name {
			return &f.form
		}
	}
	return nil
}

// count reads a text that counts. Forms that are missing and forms that the language never uses are mistakes.
func (l *loader) count(lang *Language, name string, f sheet.Field) {
	if lang.need == nil {
		lang.need = Forms(lang.Tag)
		lang.known = known(lang.tag)
	}
	need := lang.need
	given := map[string]string{}
	forms := map[plural.Form]string{}
	for _, g := range f.Fields() {
		raw, _ := g.Raw()
		if b, ok := g.Behind(); ok {
			l.remark(g.File(), b)
		}
		if raw == "" && l.partial {
			continue
		}
		s := g.Text()
		if s == "" {
			g.Bad("write the text", "the form %q of the text %q is empty", g.Name, name)
		}
		l.sound(g.Node, name, s)
		given[g.Name], forms[*formOf(g.Name)] = s, s
		if !slices.Contains(lang.known, *formOf(g.Name)) {
			g.Bad("remove it", "the language %s has no form %q, as in the text %q", lang.Tag, g.Name, name)
		}
	}
	var all []string
	for _, s := range given {
		all = append(all, Placeholders(s)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for _, n := range need {
		s, ok := given[n.Name]
		if !ok {
			if !l.partial {
				f.Bad(sheet.Say("write %s: with the wording for %s", n.Name, n.Examples()), "the text %q lacks the form %q", name, n.Name)
			}
			continue
		}
		for _, p := range all {
			if !strings.Contains(s, p) && !(p == Counted && len(n.Numbers) == 1) {
				f.Bad("write it there too", "the form %q of the text %q lacks the placeholder %s, which another form has", n.Name, name, p)
			}
		}
	}
	last := ""
	for _, n := range need {
		if s, ok := given[n.Name]; ok {
			last = s
		}
	}
	if l.partial && len(forms) < len(need) {
		last = "" // it still counts as missing
	}
	lang.forms[name] = forms
	lang.texts[name] = text{value: last, file: f.File(), line: f.Line}
}

// known lists the forms of a language, those for numbers that are not whole, as 1.5, included.
func known(tag language.Tag) []plural.Form {
	out := []plural.Form{plural.Other}
	add := func(f plural.Form) {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	for n := range someNumbers {
		add(plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0))
	}
	for n := range 300 {
		add(plural.Cardinal.MatchPlural(tag, n/10, 1, min(n%10, 1), n%10, n%10))
	}
	return out
}

// Count returns the wording of a text for a number, with the number put into it. A text without forms reads
// the same for every number.
func (l *Language) Count(name string, n int) string {
	s := l.Text(name)
	if forms := l.forms[name]; forms != nil {
		if f, ok := forms[plural.Cardinal.MatchPlural(l.tag, max(n, -n), 0, 0, 0, 0)]; ok {
			s = f
		}
	}
	return strings.ReplaceAll(s, Counted, strconv.Itoa(n))
}

// Form returns the wording of a text that counts for a form of [Forms], empty when it has none.
func (l *Language) Form(name, form string) string {
	if f := formOf(form); f != nil {
		return l.forms[name][*f]
	}
	return ""
}

// Counts reports whether a text has forms.
func (l *Language) Counts(name string) bool { return l.forms[name] != nil }
