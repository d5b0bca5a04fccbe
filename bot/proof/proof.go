// Package proof prints the book for reading: every screen that people can meet and every text, in each language beside the
// others, as one HTML page that needs nothing else. It is for native speakers who review the words.
package proof

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/story"
	"patikra/bot/talk"
	"patikra/content"
	"patikra/flows"
)

//go:embed proof.html
var page string

var printed = template.Must(template.New("proof").Funcs(template.FuncMap{
	"lines": func(s string) []string { return strings.Split(s, "\n") },
	"plain": func(s string) string { return strings.ReplaceAll(s, "**", "") },
}).Parse(page))

type (
	// book is the whole page.
	book struct {
		Languages []tongue
		Parts     []part
		Files     []file
		Day       string
	}
	tongue struct {
		Tag, BCP47, Name string
		Unreviewed       int // files that nobody has reviewed
	}
	// part is a chapter: a quiz, the talk around it, a training.
	part struct {
		Name    string
		Screens []screen
	}
	// screen is one screen in every language.
	screen struct {
		Name  string
		Drawn []drawn
	}
	drawn struct {
		Tongue tongue
		Page   talk.Page
		Usual  bool // an easy-to-read variant borrows it
	}
	file struct {
		Name string
		Rows []row
	}
	// row is one text in every language.
	row struct {
		Name  string
		Cells []cell
	}
	cell struct {
		Tongue   tongue
		Text     string
		Borrowed bool
	}
)

// Write prints the book in the languages of the tags, in all of them if there is none. The files are where the sets of answers lie,
// which lead to the results that are shown.
func Write(w io.Writer, l *library.Library, fsys fs.FS, tags []string, day time.Time) error {
	b := book{Day: day.Format(time.DateOnly)}
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		if len(tags) == 0 || slices.Contains(tags, lang.Tag) {
			b.Languages = append(b.Languages, tongue{lang.Tag, lang.BCP47(), lang.Text("chat.language-name"), len(lang.Unreviewed)})
		}
	}
	for _, tag := range tags {
		if l.Catalog.Language(tag) == nil {
			return fmt.Errorf("there is no language %q; there are %s", tag, strings.Join(content.Folders(fsys), ", "))
		}
	}
	sets, err := story.LoadSets(fsys)
	if err != nil {
		return err
	}
	p := printer{l, b.Languages}
	b.Parts = append(b.Parts, p.around())
	for _, q := range l.Book.Quizzes() {
		part, err := p.quiz(q, sets)
		if err != nil {
			return err
		}
		b.Parts = append(b.Parts, part)
	}
	for _, m := range l.Book.Modules() {
		b.Parts = append(b.Parts, p.module(m))
	}
	b.Parts = append(b.Parts, p.desk())
	b.Files = p.files()
	return printed.Execute(w, b)
}

// printer draws screens.
type printer struct {
	l       *library.Library
	tongues []tongue
}

// draw shows what a session sees, in every language.
func (p printer) draw(name string, s bot.Session) screen {
	out := screen{Name: name}
	s.Book = p.l.ID
	if s.Quiz == "" {
		s.Quiz = p.l.Book.Quizzes()[0]
	}
	for _, t := range p.tongues {
		s.Lang = t.Tag
		out.Drawn = append(out.Drawn, drawn{t, talk.Draw(p.l, s, t.Tag), !p.l.Catalog.Language(t.Tag).Easy(s.Quiz)})
	}
	return out
}

// around is the conversation before, beside and after the quizzes.
func (p printer) around() part {
	out := part{Name: "chat"}
	for _, s := range []struct {
		name string
		bot.Session
	}{
		{"welcome", bot.Session{Stage: bot.Welcome}}, {"private", bot.Session{Stage: bot.Private}}, {"menu", bot.Session{Stage: bot.Welcome, Over: bot.Menu}},
		{"help", bot.Session{Stage: bot.Welcome, Over: bot.Help}}, {"languages", bot.Session{Stage: bot.Welcome, Over: bot.Languages}},
		{"numbers", bot.Session{Stage: bot.Welcome, Over: bot.Numbers}}, {"numbers in Germany", bot.Session{Stage: bot.Welcome, Over: bot.Numbers, Country: "DE"}},
		{"countries", bot.Session{Stage: bot.Welcome, Over: bot.Countries}}, {"human", bot.Session{Stage: bot.Welcome, Over: bot.Human}},
		{"erase", bot.Session{Stage: bot.Welcome, Over: bot.EraseAsk}},
	} {
		out.Screens = append(out.Screens, p.draw(s.name, s.Session))
	}
	return out
}

// quiz is every question of a quiz with its reason, and one result for each end.
func (p printer) quiz(name string, sets []story.Set) (part, error) {
	out := part{Name: name}
	q := p.l.Book.Flows[name]
	for i := range q.Steps {
		out.Screens = append(out.Screens, p.draw(q.Steps[i].Name, bot.Session{Quiz: name, Stage: bot.Asking, At: uint8(i), Over: bot.Why}))
	}
	shown, listed := map[string]bool{}, false
	var results []screen
	for _, set := range sets {
		if set.Quiz != name || shown[set.Result] {
			continue
		}
		came, err := set.Play(p.l, content.Source)
		if err != nil {
			return out, err
		}
		if at := came.Session; !listed && len(at.Given) > 1 {
			at.Stage, listed = bot.Checking, true
			out.Screens = append(out.Screens, p.draw("answers", at))
		}
		shown[came.Result] = true
		results = append(results, p.draw("result: "+came.Result, came.Session))
	}
	order := q.Ends()
	at := func(s screen) int { return slices.Index(order, strings.TrimPrefix(s.Name, "result: ")) }
	slices.SortStableFunc(results, func(a, b screen) int { return at(a) - at(b) })
	out.Screens = append(out.Screens, results...)
	return out, nil
}

// module is every case of a training, and what is said of each answer.
func (p printer) module(name string) part {
	f := p.l.Book.Training[name]
	out := part{Name: name, Screens: []screen{p.draw("intro", bot.Session{Quiz: name, Stage: bot.Private})}}
	for i := range f.Steps {
		s := &f.Steps[i]
		if s.Part == flows.After { // the words of the questions before
			continue
		}
		at := bot.Session{Quiz: name, Stage: bot.Asking, At: uint8(i)}
		if s.Part != flows.Case {
			at.Over = bot.Why
		}
		out.Screens = append(out.Screens, p.draw(s.Name, at))
		if s.Part != flows.Case {
			continue
		}
		for k, c := range s.Choices {
			at := bot.Session{Quiz: name, Stage: bot.Explained, At: uint8(i), Given: []flows.Given{{Step: uint8(i), Picks: 1 << k}}}
			out.Screens = append(out.Screens, p.draw(s.Name+": "+c.Answer, at))
		}
	}
	return out
}

// desk is what a person sees who talks with a counsellor.
func (p printer) desk() part {
	out := part{Name: "desk"}
	for _, s := range []struct {
		name string
		over bot.Over
	}{{"consent", bot.Consent}, {"lines", bot.Strike}, {"call: number", bot.CallNumber}, {"call: hours", bot.CallHours}, {"call: voice", bot.CallVoice}, {"call: else", bot.CallElse}} {
		out.Screens = append(out.Screens, p.draw(s.name, bot.Session{Stage: bot.Welcome, Over: s.over, Case: &bot.Case{}}))
	}
	for _, state := range []bot.CaseState{bot.Waiting, bot.Lapsed, bot.Taken} {
		c := bot.Case{State: state, Word: "Upė Tiltas", Name: "R."}
		out.Screens = append(out.Screens, p.draw(state.String(), bot.Session{Stage: bot.Welcome, Case: &c}))
	}
	return out
}

// files lists every text by where it stands.
func (p printer) files() []file {
	var out []file
	source := p.l.Catalog.Language(content.Source)
	names := source.Names("")
	for _, t := range p.tongues { // of short forms each language has its own
		for _, name := range p.l.Catalog.Language(t.Tag).Names("") {
			if content.IsShort(name) && !source.Has(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		base, rest, _ := strings.Cut(name, ".")
		if len(out) == 0 || out[len(out)-1].Name != base {
			out = append(out, file{Name: base})
		}
		r := row{Name: rest}
		for _, t := range p.tongues {
			lang := p.l.Catalog.Language(t.Tag)
			r.Cells = append(r.Cells, cell{t, words(lang, name), !lang.Own(name)})
		}
		f := &out[len(out)-1]
		f.Rows = append(f.Rows, r)
	}
	typed := file{Name: "words"}
	for _, m := range source.Meanings() {
		r := row{Name: m}
		for _, t := range p.tongues {
			r.Cells = append(r.Cells, cell{t, strings.Join(p.l.Catalog.Language(t.Tag).Words(m), ", "), false})
		}
		typed.Rows = append(typed.Rows, r)
	}
	return append(out, typed)
}

// words are what a language says under a name: a text, a list, or the forms of a text that counts.
func words(lang *content.Language, name string) string {
	if list := lang.List(name); list != nil {
		return "• " + strings.Join(list, "\n• ")
	}
	if !lang.Has(name) { // a short form, or what waits for its translation
		return ""
	}
	if !lang.Counts(name) {
		return lang.Text(name)
	}
	var out []string
	for _, f := range content.Forms(lang.Tag) {
		out = append(out, f.Examples()+": "+lang.Form(name, f.Name))
	}
	return strings.Join(out, "\n")
}
