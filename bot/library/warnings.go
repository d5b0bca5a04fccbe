package library

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// oldTest is after how long a phone number should be tested again.
const oldTest = 90 // days

// mostWarnings bounds what is said of one kind.
const mostWarnings = 200

// Warnings lists what works but could be better at a time, sorted by file and line.
func (l *Library) Warnings(at time.Time) sheet.Problems {
	kinds := []func(add func(file string, line int, remedy, message sheet.Text)){l.shortMissing, l.cutButtons, l.longLabels, l.longOptions, func(add func(string, int, sheet.Text, sheet.Text)) { l.numbersToTest(at, add) },
		func(add func(string, int, sheet.Text, sheet.Text)) { l.oldSources(at, add) }, func(add func(string, int, sheet.Text, sheet.Text)) { l.weakFirst(at, add) },
		func(add func(string, int, sheet.Text, sheet.Text)) { l.oldWages(at, add) },
		l.countriesWithoutLine, l.uncovered, l.blind, l.toReview, l.unsaid, l.hardTexts, l.differentWords, l.untranslated, l.unread, l.goneYetThere, l.notReady, l.translations}
	found := make([]sheet.Problems, len(kinds))
	var all sync.WaitGroup
	for i, kind := range kinds {
		all.Go(func() {
			kind(func(file string, line int, remedy, message sheet.Text) {
				if len(found[i]) < mostWarnings {
					found[i] = append(found[i], sheet.Problem{File: file, Line: line, Message: message, Remedy: remedy})
				}
			})
		})
	}
	all.Wait()
	ps := slices.Concat(found...)
	slices.SortStableFunc(ps, func(a, b sheet.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return ps
}

// longLabels finds labels that are too long for one network only, of the questions that no short forms would help: one line a quiz and language, at
// the first of them.
func (l *Library) longLabels(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		for _, quiz := range l.Book.Quizzes() {
			long, first := longIn(lang, l.Book.Flows[quiz])
			if long == 0 {
				continue
			}
			file, line := lang.At(first)
			add(file, line, "that is no mistake; 20 characters would fit a button",
				sheet.Say("Messenger will show numbered lists: %d labels are too long for a quick reply, the first is %q", long, lang.Text(first)))
		}
	}
}

// onButtons are the texts on buttons that lead on, by their names; those of answers and countries are looked at elsewhere.
var onButtons = strings.Fields(`chat.begin chat.private-yes chat.private-no chat.next chat.back chat.skip chat.why chat.show chat.go-on chat.answers chat.go-on-where
	chat.job-choose chat.menu chat.return chat.listen chat.language chat.language-name chat.restart chat.human chat.numbers chat.erase chat.exit chat.help chat.erase-yes
	desk.agree desk.call-me desk.call-self desk.choose-lines desk.lines-done desk.hours-any desk.call-other desk.call-change desk.call-chat desk.voice desk.else desk.call-send desk.end desk.again desk.to-quiz
	countries.choose countries.change countries.other countries.more countries.earlier training.name training.supervision training.others`)

// cutButtons finds buttons whose words one network would cut.
func (l *Library) cutButtons(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		names := slices.Clone(onButtons)
		for _, q := range l.Offered {
			names = append(names, q+".name")
		}
		for _, name := range names {
			texts := lang.List(name)
			if lang.Has(name) {
				texts = []string{lang.Text(name)}
			}
			for _, s := range texts {
				if lang.Own(name) && content.Length(s) > content.MaxQuickReply {
					file, line := lang.At(name)
					add(file, line, sheet.Say("shorten it to %d characters: it has %d", content.MaxQuickReply, content.Length(s)), content.CutByMessenger(s))
				}
			}
		}
	}
}

// longIn counts a quiz's own labels in a language that are too long for a quick reply, and names the text of the first.
func longIn(lang *content.Language, q *flows.Flow) (long int, first string) {
	for i := range q.Steps {
		if !strings.HasPrefix(q.Steps[i].Text, q.Name+".") || TakesShort(q, &q.Steps[i]) { // borrowed: counted in its own quiz
			continue
		}
		for _, c := range q.Steps[i].Choices {
			name := q.Steps[i].Text + "." + c.Answer
			if content.Length(lang.Text(name)) <= content.MaxQuickReply || !lang.Own(name) || !lang.Has(name) {
				continue
			}
			if long++; long == 1 {
				first = name
			}
		}
	}
	return long, first
}

// longOptions finds labels of a training that a phone would cut, and modules that a language lacks.
func (l *Library) longOptions(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		if lang.Variant != nil { // it borrows them
			continue
		}
		for _, m := range l.Book.Modules() {
			if !l.TaughtIn(lang.Tag, m) {
				add("content/"+lang.Tag+"/"+m+".yaml", 0, sheet.Say("translate it, and content/%s/training.yaml", lang.Tag), sheet.Say("the training %q is not offered in the language %s: its texts are missing", m, lang.Tag))
				continue
			}
			f := l.Book.Training[m]
			for i := range f.Steps {
				if f.Steps[i].Part == flows.After { // the same words as before
					continue
				}
				for _, c := range f.Steps[i].Choices {
					name := m + "." + f.Steps[i].Words + "." + c.Answer
					if n := content.Length(lang.Text(name)); n > mostOption {
						file, line := lang.At(name)
						add(file, line, sheet.Say("shorten it to %d characters", mostOption), sheet.Say("a phone would cut the label %q", lang.Text(name)))
					}
				}
			}
		}
	}
}

// mostOption is how long the label of a training may be: about what a phone shows in one row.
const mostOption = 40

// NumbersDue lists the places whose number nobody has called for 90 days, in the order of places.yaml. People are shown
// these numbers all the same: an old number is better than none.
func (l *Library) NumbersDue(at time.Time) []string {
	var out []string
	for _, p := range l.Catalog.Places {
		if p.Due(at, oldTest) {
			out = append(out, p.Name)
		}
	}
	return out
}

// numbersToTest finds phone numbers that nobody has called for long.
func (l *Library) numbersToTest(at time.Time, add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Places {
		p := &l.Catalog.Places[i]
		tested, err := time.Parse(time.DateOnly, p.Tested)
		switch {
		case p.Tested == "never":
			add("content/places.yaml", p.LineOf("tested"), "call it, then write the date under tested:", sheet.Say("the number of %q was never tested", p.Name))
		case err != nil:
			add("content/places.yaml", p.LineOf("tested"), "write the day of the call, as 2026-01-31; where nobody knows it, never", sheet.Say("the number of %q was tested on %q, which is no date", p.Name, p.Tested))
		case tested.After(at.Add(24 * time.Hour)):
			add("content/places.yaml", p.LineOf("tested"), "write the date of the last test call", sheet.Say("the number of %q was tested on %s, which is still to come", p.Name, p.Tested))
		case p.Due(at, oldTest):
			add("content/places.yaml", p.LineOf("tested"), "call it, then write the new date under tested:", sheet.Say("the number of %q was last tested %d days ago", p.Name, int(at.Sub(tested).Hours()/24)))
		}
	}
}

// toReview finds files that say of themselves that nobody has reviewed them.
func (l *Library) toReview(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		for _, h := range l.Catalog.Languages[i].Unreviewed {
			add(h.File, h.Line, "let a native speaker of the trade read it, then write who and when, as # reviewed: R. K., 2026-01-31", "nobody has reviewed these texts yet")
		}
	}
}

// hardTexts finds texts that are harder than the level B1, those of an easy-to-read variant by shorter sentences.
func (l *Library) hardTexts(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		for _, name := range lang.Names("") {
			if !lang.Own(name) {
				continue
			}
			texts := lang.List(name)
			if texts == nil {
				texts = []string{lang.Text(name)}
			}
			for _, text := range texts {
				if hard := lang.Hard(text); hard != "" {
					file, line := lang.At(name)
					base, rest, _ := strings.Cut(name, ".")
					if file == "" {
						file = "content/" + lang.Tag + "/" + base + ".yaml"
					}
					add(file, line, "make two sentences of it, or use shorter words", sheet.Say("the text %q is hard to read: %s", rest, hard))
				}
			}
		}
	}
}

// unsaid finds texts that judge a person or an offer, or promise.
func (l *Library) unsaid(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		lang.Unsaid(func(name string, remedy, message sheet.Text) {
			file, line := lang.At(name)
			add(file, line, remedy, message)
		})
	}
}

// differentWords finds steps of one name and with the same answers that different quizzes ask in different words.
func (l *Library) differentWords(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		type asked struct{ quiz, text string }
		first := map[string]asked{} // a step and its answers, to the quiz that asks it first
		for _, quiz := range l.Book.Quizzes() {
			for _, s := range l.Book.Flows[quiz].Steps {
				same := s.Name
				if l.Book.Flows[quiz].Other {
					same += " of another"
				}
				for _, c := range s.Choices {
					same += " " + c.Answer
				}
				before, ok := first[same]
				if !ok {
					first[same] = asked{quiz, s.Text}
					continue
				}
				name := s.Text + ".say"
				if lang.Easy(quiz) == lang.Easy(before.quiz) && lang.Own(name) && lang.Has(name) && lang.Has(before.text+".say") && lang.Text(name) != lang.Text(before.text+".say") {
					file, line := lang.At(name)
					add(file, line, "use the same words, or give one of the steps another name", sheet.Say("the quizzes %s and %s ask the step %q in different words", before.quiz, quiz, s.Name))
				}
			}
		}
	}
}

// untranslated finds texts in another language's words.
func (l *Library) untranslated(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		names, _, _ := lang.Untranslated(l.Catalog.Language(content.Source))
		perFile := map[string]int{}
		for _, name := range names {
			file, _ := lang.At(name)
			perFile[file]++
		}
		for _, name := range names {
			file, line := lang.At(name)
			switch n := perFile[file]; {
			case n == 0: // it was said of the whole file
			case n >= wrongFile:
				perFile[file] = 0
				add(file, line, "take the file from where it was whole, or have it translated", sheet.Say("%d texts of this file do not read as %s, first %q: it may be the file of another language", n, lang.Tag, name))
			default:
				add(file, line, "translate it", sheet.Say("the text %q does not read as %s", name, lang.Tag))
			}
		}
	}
}

// wrongFile is how many texts of a file may be in another language's words before it is taken for the file of another language.
const wrongFile = 6

// unread tells of files that nobody reads, and of words behind texts that nobody is shown.
func (l *Library) unread(add func(file string, line int, remedy, message sheet.Text)) {
	for _, p := range slices.Concat(l.stray, l.Catalog.Remarks) {
		add(p.File, p.Line, p.Remedy, p.Message)
	}
}

// notReady says what keeps a language from people.
func (l *Library) notReady(add func(file string, line int, remedy, message sheet.Text)) {
	for _, d := range l.Catalog.Drafts {
		add("content/"+d.Tag+"/"+content.LanguageFile, 0, "translate them, then write ready: yes",
			sheet.Say("the language %s is not shown to people: it is not ready, and %d texts are missing", d.Tag, d.Missing))
		for _, p := range d.Problems {
			add(p.File, p.Line, p.Remedy, p.Message)
		}
	}
}
