package library

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"patikra/bot"
	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// A change goes out in the source language first. The others keep the wording that they had, and what has no words in one of them yet is not shown
// in it: an answer, a question, a quiz. Nobody ever sees two languages on one screen. Four things hold:
//
//   - What was translated once and is missing now was lost (sources.yaml knows). It does not wait: it is a mistake.
//   - What tells of danger, leads to an end or to another quiz, and every text of the program, of results and of places is there in every
//     language, or the change is refused. So are the protocols that a case calls up, and their steps. A prepared reply that names no number may wait,
//     and so may a protocol of staff's own: a counsellor without it is where they were before it was written. A place may not: in every list of
//     numbers somebody may be looking for the one that helps, and a list that is shorter in one language looks whole.
//   - A question that is not shown counts as skipped. So it never lowers a level.
//   - Whoever has answered what a language has no words for is spoken to in the source, and is not offered that language, until they begin anew.

// waiting is what a language does not say yet.
type waiting struct {
	book    *flows.Book     // the quizzes as they are asked in it
	quizzes map[string]bool // that are not offered in it
	texts   map[string]bool // that are missing, by their names
	hidden  []string        // what is not shown, as job-offer.manner.app, in the order of the files
	filled  []string        // texts of the program that are the built-in ones
}

// has reports whether a text may be missing.
func (w *waiting) has(name string) bool { return w != nil && w.texts[name] }

// with is the same with texts of the program that are the built-in ones.
func (w *waiting) with(filled []string) *waiting {
	if w == nil {
		w = &waiting{}
	}
	w.filled = filled
	return w
}

// BookIn are the quizzes as they are asked in a language.
func (l *Library) BookIn(tag string) *flows.Book {
	if w := l.waits[tag]; w != nil && w.book != nil {
		return w.book
	}
	return l.Book
}

// Flow is the quiz of a session as it is asked in its language, nil when there is none.
func (l *Library) Flow(s *bot.Session) *flows.Flow { return l.BookIn(l.Tongue(s)).Flow(s.Quiz) }

// Tongue is the language in which a session is spoken to: its own, or the source while its own has no words for what was answered.
func (l *Library) Tongue(s *bot.Session) string {
	if l.Catalog.Language(s.Lang) == nil || l.Says(s.Lang, s) {
		return s.Lang
	}
	return content.Source
}

// Says reports whether a language has words for everything that a session shows.
func (l *Library) Says(tag string, s *bot.Session) bool {
	f := l.Book.Flow(s.Quiz)
	if f == nil {
		return true
	}
	if f.Trains() {
		return l.TaughtIn(tag, s.Quiz)
	}
	w := l.waits[tag]
	if w == nil || w.book == nil || s.Stage < bot.Private || s.Book != l.ID {
		return true
	}
	if w.quizzes[s.Quiz] {
		return false
	}
	f = w.book.Flow(s.Quiz)
	mute := func(g flows.Given) bool {
		if int(g.Step) >= len(f.Steps) {
			return false
		}
		step := &f.Steps[g.Step]
		for i := range step.Choices {
			if g.Picks&(1<<i) != 0 && step.Choices[i].Mute {
				return true
			}
		}
		return step.Mute && g.Picks != 0
	}
	if s.Stage == bot.Asking && int(s.At) < len(f.Steps) && (f.Steps[s.At].Mute || mute(flows.Given{Step: s.At, Picks: s.Ticks})) {
		return false
	}
	return !slices.ContainsFunc(s.Given, mute)
}

// Offers are the quizzes of the menu in a language.
func (l *Library) Offers(tag string) []string {
	w := l.waits[tag]
	if w == nil || len(w.quizzes) == 0 {
		return l.Offered
	}
	return slices.DeleteFunc(slices.Clone(l.Offered), func(q string) bool { return w.quizzes[q] })
}

// Begins reports whether a quiz or a training can be begun in a language.
func (l *Library) Begins(tag, quiz string) bool {
	if l.Book.Training[quiz] != nil {
		return l.TaughtIn(tag, quiz)
	}
	w := l.waits[tag]
	return l.Book.Flows[quiz] != nil && (w == nil || !w.quizzes[quiz])
}

// untold finds what a language may leave out until it is translated. need are the texts that it should have, by file. What may not wait is
// added as a mistake; then nothing of the language waits.
func (l *Library) untold(lang *content.Language, need map[string][]string, must func(string) bool, add func(file string, line int, remedy, message sheet.Text)) *waiting {
	w := &waiting{quizzes: map[string]bool{}, texts: map[string]bool{}}
	missing := map[string]bool{}
	for file, names := range need {
		for _, n := range names {
			has := lang.Own(n) && (lang.Has(n) || lang.List(n) != nil)
			switch {
			case has || !must(n):
			case lang.Broken(file):
				return nil
			case !lang.Noted(n):
				missing[n] = true
			}
		}
	}
	if lang.Tag == content.Source || len(missing) == 0 {
		return nil
	}
	if lang.Variant != nil { // the usual words stand in for them
		w.texts = missing
		return w
	}
	u := untold{l: l, lang: lang, w: w, missing: missing, add: add}
	u.find()
	if u.refused {
		return nil
	}
	slices.Sort(w.hidden)
	w.hidden = slices.Compact(w.hidden)
	return w
}

// untold finds what one language does not show yet.
type untold struct {
	l       *Library
	lang    *content.Language
	w       *waiting
	missing map[string]bool
	add     func(file string, line int, remedy, message sheet.Text)
	refused bool
}

func (u *untold) find() {
	var some []string
	for _, q := range u.l.Book.Quizzes() {
		f := u.l.Book.Flows[q]
		if u.lacks(f) {
			u.w.quizzes[q] = true
			u.w.hidden = append(u.w.hidden, q)
			if q == u.l.Offered[0] || u.l.Book.Lent(q) {
				u.refuse(q, 0, sheet.Say("too much of the quiz %q has no words yet, and it cannot wait: another quiz leads to it, or everybody begins with it", q))
			}
			continue
		}
		some = append(some, q)
	}
	if u.refused {
		return
	}
	u.w.book = u.l.Book.Muted(some, u.mute)
	for _, q := range some {
		u.look(u.w.book.Flows[q])
	}
	for n := range u.missing {
		if file, rest, _ := strings.Cut(n, "."); u.waits(file, rest) {
			u.w.texts[n] = true
		}
	}
}

func (u *untold) refuse(quiz string, line int, message sheet.Text) {
	u.refused = true
	u.add("content/"+u.lang.Tag+"/"+quiz+".yaml", line, sheet.Say("write its words in %s first, or write ready: no into content/%s/%s", u.lang.Tag, u.lang.Tag, content.LanguageFile), message)
}

// mostMute is which share of a quiz's questions may have no words yet: one in so many. With more the quiz is not offered: half a quiz is none.
const mostMute = 4

// lacks reports whether a quiz as a whole has no words yet.
func (u *untold) lacks(f *flows.Flow) bool {
	if u.missing[f.Name+".name"] || u.missing[f.Name+".about"] {
		return true
	}
	for i := range u.l.Book.Flags {
		if f.Begins(i) && u.unnamed(f, i) {
			return true
		}
	}
	own, mute := 0, 0
	for i := range f.Steps {
		if f.Borrowed(i) {
			continue
		}
		if own++; u.mute(f, i, -1) {
			mute++
		}
	}
	return mute*mostMute >= own && mute > 0 && (own > mostMute || mute == own)
}

// unnamed reports whether a quiz has no words for a flag.
func (u *untold) unnamed(f *flows.Flow, flag int) bool {
	return u.lacking("flags."+group(f, "flags")+"."+u.l.Book.Flags[flag].Name+".", "name", "why", "do")
}

// group is where the words for what a quiz raises stand.
func group(f *flows.Flow, usual string) string {
	if f.Other {
		return "other"
	}
	return usual
}

func (u *untold) lacking(prefix string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return u.missing[prefix+p] })
}

// mute reports whether an answer, or with -1 a question, has no words yet.
func (u *untold) mute(f *flows.Flow, step, answer int) bool {
	s := &f.Steps[step]
	if answer >= 0 {
		return u.muteAnswer(f, s, &s.Choices[answer])
	}
	if u.missing[s.Text+".say"] || u.missing[s.Text+".why"] {
		return true
	}
	left := 0
	for i := range s.Choices {
		if c := &s.Choices[i]; !u.muteAnswer(f, s, c) && !c.Alone {
			left++
		}
	}
	if s.Several {
		return left < 1
	}
	return left < 2
}

func (u *untold) muteAnswer(f *flows.Flow, s *flows.Step, c *flows.Choice) bool {
	if u.missing[s.Text+"."+c.Answer] || u.missing[s.Text+".then."+c.Answer] {
		return true
	}
	for i := range u.l.Book.Flags {
		if c.Raises(i) && u.unnamed(f, i) {
			return true
		}
	}
	for i, g := range u.l.Book.Green {
		if c.Checks(i) && u.missing["flags."+group(f, "green")+"."+g+".name"] {
			return true
		}
	}
	return false
}

// look notes what is mute in a quiz, and refuses what may not be.
func (u *untold) look(f *flows.Flow) {
	for i := range f.Steps {
		s := &f.Steps[i]
		quiz, _, _ := strings.Cut(s.Text, ".")
		if s.Mute {
			u.w.hidden = append(u.w.hidden, s.Text)
		}
		for k := range s.Choices {
			c := &s.Choices[k]
			if !s.Mute && !c.Mute {
				continue
			}
			if !s.Mute {
				u.w.hidden = append(u.w.hidden, s.Text+"."+c.Answer)
			}
			if f.Presses(i, k) {
				u.refuse(quiz, 0, sheet.Say("the answer %q of %q cannot wait for its words: help depends on it, or the way on", c.Answer, s.Text))
			}
		}
	}
}

// waits reports whether a missing text may be missing.
func (u *untold) waits(file, rest string) bool {
	switch {
	case u.w.quizzes[file]:
		return true
	case file == "flags":
		return u.flagWaits(rest)
	case file == "protocols":
		return u.protocolWaits(rest)
	case u.l.Book.Flows[file] == nil:
		return u.taughtLater(file, rest)
	}
	part, _, _ := strings.Cut(rest, ".")
	return part != "results" && part != "flags" && part != "name" && part != "about"
}

// protocolWaits reports whether a text of a protocol may be missing, and notes the protocol as one that is not shown: one that staff have added, and
// that names no number. Whoever works in the language then goes on without it, as before it was written. The protocols that a case calls up, and
// whatever sends somebody to a number, are what keeps people alive; and of one that is there no step may be missing, for nobody would see that it is.
func (u *untold) protocolWaits(rest string) bool {
	name, _, _ := strings.Cut(rest, ".")
	key := "protocols." + name + "."
	src := u.l.Catalog.Language(content.Source)
	if slices.Contains(ownProtocols, name) || slices.ContainsFunc(src.List(key+"steps"), content.NamesNumber) {
		return false
	}
	u.w.hidden = append(u.w.hidden, strings.TrimSuffix(key, "."))
	return true
}

// taughtLater reports whether a text belongs to trainings alone that the language does not have yet, of which it has no text.
func (u *untold) taughtLater(file, rest string) bool {
	later := func(module string) bool { return len(u.lang.Names(module+".")) == 0 }
	if u.l.Book.Training[file] != nil {
		return later(file)
	}
	kind, name, _ := strings.Cut(rest, ".")
	if file != "training" || kind != "topics" && kind != "references" {
		return false
	}
	for _, m := range u.l.Book.Modules() {
		uses := func(s flows.Step) bool { return s.Topic == name || slices.Contains(s.Sources, name) }
		if !later(m) && slices.ContainsFunc(u.l.Book.Training[m].Steps, uses) {
			return false
		}
	}
	return true
}

// flagWaits reports whether the words for a flag or a check may be missing: whoever raises it is asked nothing of it.
func (u *untold) flagWaits(rest string) bool {
	parts := strings.Split(rest, ".")
	if len(parts) != 3 || parts[0] == "points" {
		return false
	}
	flag := u.l.Book.Flag(parts[1])
	return flag < 0 || !u.l.Book.Combines(flag)
}

// renamed lets the other languages go on with their words of a step that has got another name, until their files have it too.
func (l *Library) renamed() {
	for _, f := range l.Book.Flows {
		for i := range f.Steps {
			for _, old := range f.Steps[i].Was() {
				for k := range l.Catalog.Languages {
					if lang := &l.Catalog.Languages[k]; lang.Tag != content.Source {
						lang.Renamed(f.Name+"."+old+".", f.Steps[i].Text+".")
					}
				}
			}
		}
	}
}

// program are the files whose texts the program itself asks for.
var program = []string{"chat", "web", "desk", "console", "training", "outreach", "municipalities"}

// wholeBuiltIn is opened where a folder is older than the program, and lacks texts that have come since.
var wholeBuiltIn = sync.OnceValue(func() *content.Catalog {
	c, err := content.Read(BuiltIn())
	if err != nil {
		return nil
	}
	return c
})

// fill takes texts that the program has begun to ask for from the built-in files, each language from its own. A text that was ever translated is none
// of these: it was lost.
func (l *Library) fill(need map[string][]string) map[string][]string {
	filled := map[string][]string{}
	for _, file := range program {
		for _, n := range need[file] {
			if isList(n) || l.everNoted(n) {
				continue
			}
			for i := range l.Catalog.Languages {
				lang := &l.Catalog.Languages[i]
				if lang.Variant != nil || lang.Has(n) || lang.List(n) != nil || lang.Broken(file) {
					continue
				}
				if c := wholeBuiltIn(); c != nil && c.Language(lang.Tag) != nil && c.Language(lang.Tag).Has(n) {
					lang.Fill(n, c.Language(lang.Tag))
					filled[lang.Tag] = append(filled[lang.Tag], n)
				}
			}
		}
	}
	return filled
}

func (l *Library) everNoted(name string) bool {
	return slices.ContainsFunc(l.Catalog.Languages, func(lang content.Language) bool { return lang.Noted(name) })
}

// Waits lists what is not shown in a language yet, by names as job-offer.manner.app, the texts that are missing, and those that still say what
// the source said before.
func (l *Library) Waits(tag string) (hidden, missing, stale []string) {
	lang := l.Catalog.Language(tag)
	if lang == nil || tag == content.Source {
		return nil, nil, nil
	}
	if w := l.waits[tag]; w != nil {
		hidden, missing = slices.Clone(w.hidden), slices.Sorted(maps.Keys(w.texts))
	}
	return hidden, missing, lang.Stale(l.Catalog.Language(content.Source))
}

// Waiting says of each language in one line what waits for its translation, and how to see it.
func (l *Library) Waiting() []sheet.Text {
	var ps sheet.Problems
	l.translations(func(file string, line int, remedy, message sheet.Text) { ps.Add(file, line, remedy, message) })
	var out []sheet.Text
	for _, p := range ps {
		out = append(out, sheet.Say("%s; %s", p.Message, p.Remedy))
	}
	return out
}

// translations says of each language in one line what waits for its translation.
func (l *Library) translations(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		folder := "content/" + lang.Tag
		hidden, texts, stale := l.Waits(lang.Tag)
		if len(texts)+len(stale) > 0 {
			add(folder, 0, sheet.Say("patikra texts gaps --lang %[1]s lists them; patikra texts export %[1]s --missing writes them for a translator", lang.Tag), waitingLine(lang, len(texts), hidden, stale))
		}
		if left := lang.LeftOvers(); len(left) > 0 {
			add(folder, 0, "remove them from the files of the language when it suits you", sheet.Say("%d texts are no longer used: %s", len(left), firstOf(left)))
		}
		if w := l.waits[lang.Tag]; w != nil && len(w.filled) > 0 {
			add(folder, 0, "patikra files writes the built-in files: take the texts from there", sheet.Say("%d texts are new in the program, and the built-in ones are shown, first %q", len(w.filled), w.filled[0]))
		}
	}
}

// waitingLine puts into words what waits for its translation into a language.
func waitingLine(lang *content.Language, missing int, hidden, stale []string) sheet.Text {
	var absent, older sheet.Text
	switch {
	case missing == 0:
	case lang.Variant != nil:
		absent = sheet.Say("texts that are missing: %d (the usual words are shown)", missing)
	case len(hidden) > 0:
		absent = sheet.Say("texts that are missing: %d, not shown until then: %s", missing, firstOf(hidden))
	default:
		absent = sheet.Say("texts that are missing: %d", missing)
	}
	if len(stale) > 0 {
		older = sheet.Say("texts that say what %s said before: %d, %s", content.Source, len(stale), firstOf(stale))
	}
	if absent != "" && older != "" {
		absent, older = sheet.Say("%s; %s", absent, older), ""
	}
	return sheet.Say("waits for translation into %s: %s%s", lang.Tag, absent, older)
}

// mostNamed is how many names stand in a line of what waits.
const mostNamed = 3

func firstOf(names []string) sheet.Text {
	if len(names) <= mostNamed {
		return sheet.Say("%s", strings.Join(names, ", "))
	}
	return sheet.Say("%s and %d more", strings.Join(names[:mostNamed], ", "), len(names)-mostNamed)
}

// Lost names what a library would take from people of a language who have it now: a text, a line of what to do, an answer, a question or a
// quiz that the source has in both. A file that was saved by half, or that a program on its way through the folder has emptied, looks so. Staff who mean it
// name it under gone: of language.yaml.
func (l *Library) Lost(now *Library) error {
	var ps sheet.Problems
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		if old := now.Catalog.Language(lang.Tag); old != nil && lang.Tag != content.Source {
			l.lostIn(lang, old, now, &ps)
		}
	}
	return ps.Err()
}

func (l *Library) lostIn(lang, old *content.Language, now *Library, ps *sheet.Problems) {
	lost := func(name string, message sheet.Text) {
		if slices.Contains(lang.Gone, name) {
			return
		}
		base, _, _ := strings.Cut(name, ".")
		remedy := sheet.Say("put it back, or take it out of content/%s too; if it is meant to be gone, write into content/%s/%s, below ready: yes, gone: [%s]", content.Source, lang.Tag, content.LanguageFile, name)
		ps.Add("content/"+lang.Tag+"/"+base+".yaml", 0, remedy, message)
	}
	w, before := l.waits[lang.Tag], now.waits[lang.Tag]
	if w != nil {
		for _, n := range slices.Sorted(maps.Keys(w.texts)) {
			if old.Own(n) && (old.Has(n) || old.List(n) != nil) {
				lost(n, sheet.Say("the text %q is gone, and people read it now", n))
			}
		}
		for _, n := range w.filled {
			if old.Has(n) && (before == nil || !slices.Contains(before.filled, n)) {
				lost(n, sheet.Say("the text %q is gone, and people read it now", n))
			}
		}
		for _, n := range w.hidden {
			if now.shows(lang.Tag, n) {
				lost(n, sheet.Say("%q would no longer be shown, and people of this language see it now: words that belong to it are missing", n))
			}
		}
	}
	src, had := l.Catalog.Language(content.Source), now.Catalog.Language(content.Source)
	for _, n := range lang.Names("") {
		if len(lang.List(n)) < len(old.List(n)) && lang.Own(n) && len(src.List(n)) >= len(had.List(n)) {
			lost(n, sheet.Say("the list %q has lost lines: %d, and people read %d now", n, len(lang.List(n)), len(old.List(n))))
		}
	}
}

// goneYetThere warns of what is said to be gone on purpose and is there: were it lost one day, nobody would be told.
func (l *Library) goneYetThere(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		for _, n := range lang.Gone {
			if lang.Own(n) && lang.Has(n) || l.shows(lang.Tag, n) {
				add("content/"+lang.Tag+"/"+content.LanguageFile, 0, "take it out of gone:", sheet.Say("gone: names %q, and it is there", n))
			}
		}
	}
}

// shows reports whether people of a language see a quiz, a question or an answer that is named as in [Library.Waits].
func (l *Library) shows(tag, name string) bool {
	quiz, rest, _ := strings.Cut(name, ".")
	f := l.BookIn(tag).Flows[quiz]
	if f == nil || !l.Begins(tag, quiz) {
		return false
	}
	if rest == "" {
		return true
	}
	words, answer, _ := strings.Cut(rest, ".")
	i := slices.IndexFunc(f.Steps, func(s flows.Step) bool { return s.Text == quiz+"."+words })
	if i < 0 || f.Steps[i].Mute {
		return false
	}
	return answer == "" || slices.ContainsFunc(f.Steps[i].Choices, func(c flows.Choice) bool { return c.Answer == answer && !c.Mute })
}

// Hides reports whether a language does not show one of the answers of a quiz yet. Answers are named by their step.
func (l *Library) Hides(tag, quiz string, answers map[string][]string) bool {
	w := l.waits[tag]
	if w == nil {
		return false
	}
	if w.quizzes[quiz] {
		return true
	}
	if w.book == nil || w.book.Flows[quiz] == nil {
		return false
	}
	for _, s := range w.book.Flows[quiz].Steps {
		given, named := answers[s.Name]
		if named && len(given) > 0 && (s.Mute || slices.ContainsFunc(s.Choices, func(c flows.Choice) bool { return c.Mute && slices.Contains(given, c.Answer) })) {
			return true
		}
	}
	return false
}
