package bot

import (
	"strings"

	"patikra/content"
)

// The lines of a talk, as its log keeps them. What a person or a counsellor wrote is kept as it is. What the program says is fixed text,
// and is kept in every language in which the talk may be read: the person's, and that of each counsellor.

// Line is one line of a case's conversation, for those who read it on a page.
type Line struct {
	At   int64 // Unix seconds
	By   Voice
	Name string // the counsellor
	Text string
	// Of something that is no words, for those who read in a browser: what it is, as in [Media], the number of the talk's file, or the
	// place, see [Coordinates].
	Kind  string
	File  uint8
	Place string
	// Of a fixed text: the same in other languages, where it reads otherwise.
	Tongues []Tongue
}

// Tongue is a fixed text in a language.
type Tongue struct{ Lang, Text string }

// In is what a reader of a language sees of a line: a fixed text in that language, anything else as it was written.
func (l *Line) In(tag string) string {
	for _, t := range l.Tongues {
		if t.Lang == tag {
			return t.Text
		}
	}
	return l.Text
}

// Fixed reports whether a line is a fixed text, so that it stands in the language of whoever reads it.
func (l *Line) Fixed() bool { return len(l.Tongues) > 0 }

// Voice is whose words a line holds.
type Voice uint8

// The voices of a case.
const (
	ByPerson Voice = iota + 1
	ByCounsellor
	ByNotice // ours, to the person
	ByNote   // between counsellors
)

// words draws a fixed text in a view's language.
type words func(v view) string

// in is the view of the same in another language, or in the source where that one has no words for all that is shown: to the person, or at
// the desk.
func (v view) in(lang *content.Language, desk bool) view {
	s := *v.s
	s.Lang = lang.Tag
	v.s, v.lang = &s, lang
	switch {
	case v.l.Catalog.Language(lang.Tag) == nil: // an earlier book has not got it
	case desk:
		v.lang = v.l.deskView(&s).lang
	default:
		v.lang = v.l.view(&s).lang
	}
	return v
}

// fixed is a line of a fixed text, drawn in the view's language and in every other that somebody at the desk, or the person, may read.
func (t *turn) fixed(by Voice, v view, draw words) Line {
	l := Line{At: t.u.At.Unix(), By: by, Text: draw(v)}
	for _, lang := range v.l.Catalog.Spoken() {
		if text := draw(v.in(lang, by == ByNote)); text != l.Text {
			l.Tongues = append(l.Tongues, Tongue{lang.Tag, text})
		}
	}
	if l.Tongues != nil {
		l.Tongues = append(l.Tongues, Tongue{v.lang.Tag, l.Text})
	}
	return l
}

// line adds a line to the conversation's log, as somebody wrote it.
func (t *turn) line(by Voice, name, text string) {
	t.p.Log = append(t.p.Log, Line{At: t.u.At.Unix(), By: by, Name: name, Text: text})
}

// notice adds what is said to the person to the log, and returns it in their language.
func (t *turn) notice(draw words) string {
	l := t.fixed(ByNotice, t.view(), draw)
	t.p.Log = append(t.p.Log, l)
	return l.Text
}

// entry adds a note of ours between counsellors to the log, and returns it in the language of the desk.
func (t *turn) entry(v view, draw words) string {
	l := t.fixed(ByNote, v.in(t.deskLang(), true), draw)
	t.p.Log = append(t.p.Log, l)
	return l.Text
}

// desk says something of ours to the counsellors. The values of the placeholders are no words of any language.
func (t *turn) desk(name string, pairs ...string) {
	t.deskWith(t.newest.view(&t.s), name, func(view) []string { return pairs })
}

// deskWith is desk with values that read otherwise in each language.
func (t *turn) deskWith(v view, name string, values func(v view) []string) {
	text := t.entry(v, ofNote(name, values))
	t.say(Message{Act: Words, Text: "ⓘ " + text, Urgency: 1})
}

// ofNote is the text of a note of desk.yaml.
func ofNote(name string, values func(v view) []string) words {
	return func(v view) string {
		return strings.NewReplacer(values(v)...).Replace(v.l.Fill(v.lang.Text("desk.note-" + name)))
	}
}

// deskLang is the language of the counsellors' group.
func (t *turn) deskLang() *content.Language {
	return t.newest.Catalog.Language(t.newest.Catalog.Desk.Language)
}

// tell says something of ours to the person, below what is there.
func (t *turn) tell(name string, pairs ...string) {
	t.speak(func(v view) string { return strings.NewReplacer(pairs...).Replace(v.wording(name)) })
}

// speak is tell with any fixed text.
func (t *turn) speak(draw words) {
	v := t.view()
	t.p.Send = append(t.p.Send, Message{To: t.u.From, Text: t.notice(draw), Urgency: 2, Track: true,
		Buttons: [][]Button{{v.deskButton("end", "human:end")}, v.always()}})
}
