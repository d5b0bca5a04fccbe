// Package diff tells what changes for a person from one folder of staff's files to another: questions, answers, words,
// numbers, and the levels that the same answers lead to. Remarks in the files change nothing.
package diff

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// Change is one thing that is different. Fields that do not fit the kind are empty.
type Change struct {
	Kind     string `json:"kind"`
	Quiz     string `json:"quiz,omitempty"`
	Step     string `json:"step,omitempty"`
	Answer   string `json:"answer,omitempty"`
	Language string `json:"language,omitempty"`
	Name     string `json:"name,omitempty"` // of a text, a flag or a number
	Old      string `json:"old"`
	New      string `json:"new"`
	Count    int    `json:"count,omitempty"`   // of ways to answer whose level changes
	Example  string `json:"example,omitempty"` // one of them
}

// The kinds of change, in the order in which they are told.
const (
	QuizAdded       = "quiz-added"
	QuizRemoved     = "quiz-removed"
	StepAdded       = "step-added"
	StepRemoved     = "step-removed"
	StepRenamed     = "step-renamed"
	StepOrder       = "step-order"
	AnswerAdded     = "answer-added"
	AnswerRemoved   = "answer-removed"
	Asked           = "asked"  // when a step is asked, or how
	Leads           = "leads"  // where an answer leads
	Raises          = "raises" // what an answer says about the offer
	Enough          = "enough" // the level that ends the quiz
	Weight          = "weight" // of a flag
	Rule            = "rule"   // by which flags are counted
	Level           = "level"  // that the same answers lead to
	Wording         = "wording"
	TextAdded       = "text-added"
	TextRemoved     = "text-removed"
	LanguageAdded   = "language-added"
	LanguageRemoved = "language-removed"
	Number          = "number"
	NumberAdded     = "number-added"
	NumberRemoved   = "number-removed"
	NumberOrder     = "number-order"
)

// theCountries is the name of a change of the countries that can be chosen.
const theCountries = "countries to choose from"

// Between lists what changes from one library to another.
func Between(before, after *library.Library) []Change {
	d := &differ{old: before, new: after, was: map[string]map[string]string{}}
	for name, f := range after.Book.Flows {
		if o := before.Book.Flows[name]; o != nil {
			d.was[name] = renamed(o.Outline(), f.Outline())
		}
	}
	for _, name := range union(before.Book.Quizzes(), after.Book.Quizzes()) {
		switch o, n := before.Book.Flows[name], after.Book.Flows[name]; {
		case o == nil:
			d.add(Change{Kind: QuizAdded, Quiz: name, New: name})
		case n == nil:
			d.add(Change{Kind: QuizRemoved, Quiz: name, Old: name})
		default:
			d.quiz(name, o, n)
		}
	}
	d.weights()
	if len(d.changes) > 0 { // else every answer leads where it led
		for _, name := range before.Book.Quizzes() {
			if n := after.Book.Flows[name]; n != nil {
				d.levels(name, before.Book.Flows[name], n)
			}
		}
	}
	d.words()
	d.numbers()
	return d.changes
}

type differ struct {
	old, new *library.Library
	was      map[string]map[string]string // by quiz and new name: what steps were called
	changes  []Change
}

func (d *differ) add(c Change) { d.changes = append(d.changes, c) }

// union is everything of both, in the order of the second, and what only the first has after that which stands before it there.
func union(old, new []string) []string {
	out := slices.Clone(new)
	for i, name := range old {
		if slices.Contains(out, name) {
			continue
		}
		at := 0
		for j := i - 1; j >= 0; j-- {
			if k := slices.Index(out, old[j]); k >= 0 {
				at = k + 1
				break
			}
		}
		out = slices.Insert(out, at, name)
	}
	return out
}

// common is what both have, in the first's order.
func common(a, b []string) (out []string) {
	for _, x := range a {
		if slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

func stepNames(o flows.Outline) (out []string) {
	for _, s := range o.Steps {
		out = append(out, s.Name)
	}
	return out
}

func step(o flows.Outline, name string) flows.OutlineStep {
	i := slices.IndexFunc(o.Steps, func(s flows.OutlineStep) bool { return s.Name == name })
	if i < 0 {
		return flows.OutlineStep{}
	}
	return o.Steps[i]
}

func answerNames(s flows.OutlineStep) (out []string) {
	for _, c := range s.Choices {
		out = append(out, c.Answer)
	}
	return out
}

func choice(s flows.OutlineStep, name string) flows.OutlineChoice {
	i := slices.IndexFunc(s.Choices, func(c flows.OutlineChoice) bool { return c.Answer == name })
	if i < 0 {
		return flows.OutlineChoice{}
	}
	return s.Choices[i]
}

// quiz compares the questions and answers of one quiz.
func (d *differ) quiz(name string, before, after *flows.Flow) {
	o, n := d.outlines(before, after)
	for _, s := range n.Steps {
		if was := d.was[name][s.Name]; was != "" {
			d.add(Change{Kind: StepRenamed, Quiz: name, Step: s.Name, Old: was, New: s.Name})
		}
	}
	os, ns := stepNames(o), stepNames(n)
	for _, s := range union(os, ns) {
		switch a, b := slices.Contains(os, s), slices.Contains(ns, s); {
		case !a:
			d.add(Change{Kind: StepAdded, Quiz: name, Step: s, New: d.say(d.new, name+"."+s+".say")})
		case !b:
			d.add(Change{Kind: StepRemoved, Quiz: name, Step: s, Old: d.say(d.old, name+"."+s+".say")})
		default:
			d.step(name, step(o, s), step(n, s))
		}
	}
	if a, b := common(os, ns), common(ns, os); !slices.Equal(a, b) {
		d.add(Change{Kind: StepOrder, Quiz: name, Old: strings.Join(a, ", "), New: strings.Join(b, ", ")})
	}
	if o.Start != n.Start {
		d.add(Change{Kind: StepOrder, Quiz: name, Old: "begins with " + o.Start, New: "begins with " + n.Start})
	}
	if o.Enough != n.Enough {
		d.add(Change{Kind: Enough, Quiz: name, Old: o.Enough, New: n.Enough})
	}
}

// outlines are those of a quiz before and after. Steps that were renamed have their new names in both.
func (d *differ) outlines(before, after *flows.Flow) (o, n flows.Outline) {
	o, n = before.Outline(), after.Outline()
	is := map[string]string{}
	for name, was := range renamed(o, n) {
		is[was] = name
	}
	to := func(name string) string {
		if now, ok := is[name]; ok {
			return now
		}
		return name
	}
	o.Start = to(o.Start)
	for i := range o.Steps {
		s := &o.Steps[i]
		s.Name, s.Skipped, s.NotAsked = to(s.Name), to(s.Skipped), to(s.NotAsked)
		for j := range s.Choices {
			s.Choices[j].Next = to(s.Choices[j].Next)
		}
	}
	return o, n
}

// renamed are the old names, by the new ones, of the steps that say what they were.
func renamed(o, n flows.Outline) map[string]string {
	out := map[string]string{}
	old := stepNames(o)
	for _, s := range n.Steps {
		if slices.Contains(old, s.Name) {
			continue
		}
		for _, was := range s.Was {
			if slices.Contains(old, was) {
				out[s.Name] = was
				break
			}
		}
	}
	return out
}

func (d *differ) step(quiz string, o, n flows.OutlineStep) {
	if a, b := asked(o), asked(n); a != b {
		d.add(Change{Kind: Asked, Quiz: quiz, Step: o.Name, Old: a, New: b})
	}
	oa, na := answerNames(o), answerNames(n)
	for _, a := range union(oa, na) {
		oc, nc := choice(o, a), choice(n, a)
		switch {
		case oc.Answer == "":
			d.add(Change{Kind: AnswerAdded, Quiz: quiz, Step: o.Name, Answer: a, New: d.say(d.new, quiz+"."+o.Name+"."+a)})
		case nc.Answer == "":
			d.add(Change{Kind: AnswerRemoved, Quiz: quiz, Step: o.Name, Answer: a, Old: d.say(d.old, quiz+"."+o.Name+"."+a)})
		default:
			if x, y := says(oc), says(nc); x != y {
				d.add(Change{Kind: Raises, Quiz: quiz, Step: o.Name, Answer: a, Old: x, New: y})
			}
			if oc.Next != nc.Next && !(below(oc, o) && below(nc, n)) {
				d.add(Change{Kind: Leads, Quiz: quiz, Step: o.Name, Answer: a, Old: oc.Next, New: nc.Next})
			}
		}
	}
	if a, b := common(oa, na), common(na, oa); !slices.Equal(a, b) {
		d.add(Change{Kind: Asked, Quiz: quiz, Step: o.Name, Old: "answers in the order " + strings.Join(a, ", "), New: "answers in the order " + strings.Join(b, ", ")})
	}
}

// below reports whether an answer leads to the step below, as all do that say nothing else.
func below(c flows.OutlineChoice, s flows.OutlineStep) bool { return c.Next == s.NotAsked }

func asked(s flows.OutlineStep) string {
	var out []string
	if s.Several {
		out = append(out, "several can be ticked")
	}
	if s.Always {
		out = append(out, "always asked")
	}
	sorted := func(names []string) string {
		names = slices.Clone(names)
		slices.Sort(names)
		return strings.Join(names, " or ")
	}
	if len(s.Any) > 0 {
		out = append(out, "only if "+sorted(s.Any))
	}
	if len(s.None) > 0 {
		out = append(out, "not if "+sorted(s.None))
	}
	if s.From != "" {
		out = append(out, "only from "+s.From+" on")
	}
	if len(out) == 0 {
		return "asked of everybody"
	}
	return strings.Join(out, ", ")
}

func says(c flows.OutlineChoice) string {
	var out []string
	list := func(word string, names []string) {
		if names = slices.Clone(names); len(names) > 0 {
			slices.Sort(names)
			out = append(out, word+" "+strings.Join(names, ", "))
		}
	}
	list("raises", c.Raises)
	list("explains", c.Clears)
	list("is the check", c.Green)
	list("settles", c.Closes)
	if c.Stage != "" {
		out = append(out, "is the stage "+c.Stage)
	}
	list("notes", c.Notes)
	if len(out) == 0 {
		return "raises nothing"
	}
	return strings.Join(out, "; ")
}

// say is a text in the first language, or nothing.
func (d *differ) say(l *library.Library, name string) string {
	if lang := l.Catalog.Language(content.Source); lang != nil && lang.Has(name) {
		return lang.Text(name)
	}
	return ""
}

// weights compares the flags and the rule by which they are counted.
func (d *differ) weights() {
	names := func(b *flows.Book) (out []string) {
		for _, f := range b.Flags {
			out = append(out, f.Name)
		}
		return out
	}
	for _, f := range union(names(d.old.Book), names(d.new.Book)) {
		if a, b := d.old.Book.Weight(f), d.new.Book.Weight(f); a != b {
			d.add(Change{Kind: Weight, Name: f, Old: a, New: b})
		}
	}
	if a, b := d.old.Book.Rule(), d.new.Book.Rule(); a != b {
		d.add(Change{Kind: Rule, Old: strings.TrimSpace(a), New: strings.TrimSpace(b)})
	}
}

// words compares the texts of every language.
func (d *differ) words() {
	tags := func(l *library.Library) (out []string) {
		for i := range l.Catalog.Languages {
			out = append(out, l.Catalog.Languages[i].Tag)
		}
		return out
	}
	for _, tag := range union(tags(d.old), tags(d.new)) {
		o, n := d.old.Catalog.Language(tag), d.new.Catalog.Language(tag)
		switch {
		case o == nil:
			d.add(Change{Kind: LanguageAdded, Language: tag, New: n.Text("chat.language-name")})
			continue
		case n == nil:
			d.add(Change{Kind: LanguageRemoved, Language: tag, Old: o.Text("chat.language-name")})
			continue
		}
		text := func(l *content.Language, name string) string {
			if list := l.List(name); list != nil {
				return strings.Join(list, " | ")
			}
			if l.Has(name) {
				return l.Text(name)
			}
			return ""
		}
		before := map[string]string{} // by what a text is called now
		var names []string
		for _, name := range o.Names("") {
			now := d.called(name)
			before[now] = name
			names = append(names, now)
		}
		for _, name := range union(names, n.Names("")) {
			switch a, b := text(o, before[name]), text(n, name); {
			case a == b:
			case a == "":
				d.add(Change{Kind: TextAdded, Language: tag, Name: name, New: b})
			case b == "":
				d.add(Change{Kind: TextRemoved, Language: tag, Name: name, Old: a})
			default:
				d.add(Change{Kind: Wording, Language: tag, Name: name, Old: a, New: b})
			}
		}
	}
}

// called is what an old text is called now that steps were renamed.
func (d *differ) called(name string) string {
	quiz, rest, _ := strings.Cut(name, ".")
	step, rest, _ := strings.Cut(rest, ".")
	for is, was := range d.was[quiz] {
		if was == step {
			return quiz + "." + is + "." + rest
		}
	}
	return name
}

// numbers compares the phone numbers and which of them each outcome shows.
func (d *differ) numbers() {
	places := func(l *library.Library) (names []string, by map[string]content.Place) {
		by = map[string]content.Place{}
		for _, p := range l.Catalog.Places {
			names = append(names, p.Name)
			by[p.Name] = p
		}
		return names, by
	}
	on, o := places(d.old)
	nn, n := places(d.new)
	shown := func(p content.Place) string {
		from := p.From
		if p.Country != "" {
			from += " " + p.Country
		}
		return fmt.Sprintf("%s, from %s, hours %s", p.Spaced(), from, p.Hours)
	}
	for _, name := range union(on, nn) {
		a, was := o[name]
		b, is := n[name]
		switch {
		case !was:
			d.add(Change{Kind: NumberAdded, Name: name, New: shown(b)})
		case !is:
			d.add(Change{Kind: NumberRemoved, Name: name, Old: shown(a)})
		case shown(a) != shown(b):
			d.add(Change{Kind: Number, Name: name, Old: shown(a), New: shown(b)})
		}
	}
	countries := func(l *library.Library) string {
		var out []string
		for _, c := range l.Catalog.Countries {
			out = append(out, c.Code)
		}
		return strings.Join(out, ", ")
	}
	if a, b := countries(d.old), countries(d.new); a != b {
		d.add(Change{Kind: NumberOrder, Name: theCountries, Old: a, New: b})
	}
	for _, outcome := range union(d.old.Catalog.Outcomes(), d.new.Catalog.Outcomes()) {
		for _, where := range []string{"lithuania", "elsewhere", "country"} {
			list := func(l *library.Library) string {
				var out []string
				if where == "country" {
					return strings.Join(l.Catalog.OrderOf(outcome), ", ")
				}
				for _, p := range l.Catalog.Order(outcome, where) {
					out = append(out, p.Name)
				}
				return strings.Join(out, ", ")
			}
			if a, b := list(d.old), list(d.new); a != b {
				d.add(Change{Kind: NumberOrder, Name: outcome + ", " + where, Old: a, New: b})
			}
		}
	}
}

// Print tells the changes in words.
func Print(out io.Writer, changes []Change) error {
	var b strings.Builder
	head := ""
	heading := func(h string) {
		if h != head {
			if head != "" {
				b.WriteString("\n")
			}
			b.WriteString(h + "\n")
			head = h
		}
	}
	both := func(what, old, new string) {
		fmt.Fprintf(&b, "  %s\n    before: %s\n    now:    %s\n", what, old, new)
	}
	for _, c := range changes {
		switch c.Kind {
		case Wording, TextAdded, TextRemoved, LanguageAdded, LanguageRemoved:
			heading("Words in " + c.Language)
		case Number, NumberAdded, NumberRemoved, NumberOrder:
			heading("Phone numbers")
		case Weight, Rule:
			heading("How signs are weighed")
		case Level:
			heading("Results for the same answers, quiz " + c.Quiz)
		default:
			heading("Quiz " + c.Quiz)
		}
		at := c.Step
		if c.Answer != "" {
			at += ", answer " + c.Answer
		}
		switch c.Kind {
		case QuizAdded:
			b.WriteString("  the quiz is new\n")
		case QuizRemoved:
			b.WriteString("  the quiz is gone\n")
		case StepAdded:
			fmt.Fprintf(&b, "  new question %s: %s\n", c.Step, c.New)
		case StepRemoved:
			fmt.Fprintf(&b, "  question %s is gone: %s\n", c.Step, c.Old)
		case StepRenamed:
			fmt.Fprintf(&b, "  question %s has the name %s now\n", c.Old, c.New)
		case StepOrder:
			both("the order of the questions", c.Old, c.New)
		case AnswerAdded:
			fmt.Fprintf(&b, "  %s is new: %s\n", at, c.New)
		case AnswerRemoved:
			fmt.Fprintf(&b, "  %s is gone: %s\n", at, c.Old)
		case Asked:
			both(at, c.Old, c.New)
		case Leads:
			both(at+" leads elsewhere", c.Old, c.New)
		case Raises:
			both(at, c.Old, c.New)
		case Enough:
			both("the level at which the remaining questions are left out", orNone(c.Old), orNone(c.New))
		case Weight:
			both("sign "+c.Name, orNone(c.Old), orNone(c.New))
		case Rule:
			b.WriteString("  the counting rule (risk.yaml) is another\n")
		case Level:
			fmt.Fprintf(&b, "  %s instead of %s, in %d of the ways that were tried; for example %s\n", c.New, c.Old, c.Count, c.Example)
		case Wording:
			both(c.Name, c.Old, c.New)
		case TextAdded, NumberAdded:
			fmt.Fprintf(&b, "  %s is new: %s\n", c.Name, c.New)
		case TextRemoved, NumberRemoved:
			fmt.Fprintf(&b, "  %s is gone: %s\n", c.Name, c.Old)
		case LanguageAdded:
			fmt.Fprintf(&b, "  the language is new: %s\n", c.New)
		case LanguageRemoved:
			fmt.Fprintf(&b, "  the language is gone: %s\n", c.Old)
		case Number:
			both(c.Name, c.Old, c.New)
		case NumberOrder:
			if c.Name == theCountries {
				both(c.Name, orNone(c.Old), orNone(c.New))
				continue
			}
			both("numbers shown for "+c.Name, orNone(c.Old), orNone(c.New))
		}
	}
	if len(changes) == 0 {
		b.WriteString("nothing changes for anybody\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
