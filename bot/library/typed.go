package library

import (
	"strings"

	typed "patikra/bot/read"
	"patikra/content"
	"patikra/content/sheet"
)

// What people write in their own words: words.yaml of each language, and what follows from a reading.

// listen makes the reader of what people write. Lines that cannot be used are mistakes of the files.
func (l *Library) listen() error {
	var ps sheet.Problems
	var all []typed.Words
	for _, lang := range l.Catalog.Spoken() {
		w := typed.Words{Lang: lang.Tag}
		for _, kind := range lang.TypedKinds() {
			lines, file, line := lang.Typed(kind)
			if !w.Set(kind, lines) {
				ps.Add(file, line, sheet.Say("use %s", strings.Join(typed.Kinds(), ", ")), sheet.Say("there are no words of the kind %q", kind))
			}
		}
		if len(w.Danger) == 0 {
			ps.Add("content/"+lang.Tag+"/"+content.WordsFile+".yaml", 0, "add danger: with the words in which people say it", "nobody who writes of danger in this language would be heard")
		}
		all = append(all, w)
	}
	reader, wrong := typed.New(all)
	for _, m := range wrong {
		_, file, line := l.Catalog.Language(m.Lang).Typed(m.Kind)
		ps.Add(file, line, "write words of letters, with * for any ending and | between words of which one is enough", m.Text())
	}
	l.Reader = reader
	return ps.Err()
}
