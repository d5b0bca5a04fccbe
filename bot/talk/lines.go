package talk

import (
	"strings"

	"patikra/bot"
	"patikra/content"
)

// The voices of a case.
const (
	ByPerson bot.Voice = iota + 1
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
		v.lang = deskView(v.l, &s).lang
	default:
		v.lang = viewOf(v.l, &s).lang
	}
	return v
}

// fixed is a line of a fixed text, drawn in the view's language and in every other that somebody at the desk, or the person, may read.
func (t *turn) fixed(by bot.Voice, v view, draw words) bot.Line {
	l := bot.Line{At: t.u.At.Unix(), By: by, Text: draw(v)}
	for _, lang := range v.l.Catalog.Spoken() {
		if text := draw(v.in(lang, by == ByNote)); text != l.Text {
			l.Tongues = append(l.Tongues, bot.Tongue{Lang: lang.Tag, Text: text})
		}
	}
	if l.Tongues != nil {
		l.Tongues = append(l.Tongues, bot.Tongue{Lang: v.lang.Tag, Text: l.Text})
	}
	return l
}

// line adds a line to the conversation's log, as somebody wrote it.
func (t *turn) line(by bot.Voice, name, text string) {
	t.p.Log = append(t.p.Log, bot.Line{At: t.u.At.Unix(), By: by, Name: name, Text: text})
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
	t.deskWith(viewOf(t.newest, &t.s), name, func(view) []string { return pairs })
}

// deskWith is desk with values that read otherwise in each language.
func (t *turn) deskWith(v view, name string, values func(v view) []string) {
	text := t.entry(v, ofNote(name, values))
	t.say(bot.Message{Act: bot.Words, Text: "ⓘ " + text, Urgency: 1})
}

// ofNote is the text of a note of desk.yaml.
func ofNote(name string, values func(v view) []string) words {
	return func(v view) string {
		return strings.NewReplacer(values(v)...).Replace(Fill(v.l, v.lang.Text("desk.note-"+name)))
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
	t.p.Send = append(t.p.Send, bot.Message{To: t.u.From, Text: t.notice(draw), Urgency: 2, Track: true,
		Buttons: [][]bot.Button{{v.deskButton("end", "human:end")}, v.always()}})
}
