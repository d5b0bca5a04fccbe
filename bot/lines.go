package bot

// The lines of a talk, as its log keeps them. What a person or a counsellor wrote is kept as it is. What the program says is fixed text,
// and is kept in every language in which the talk may be read: the person's, and that of each counsellor.

// Line is one line of a case's conversation, for those who read it on a page.
type Line struct {
	At   int64 // Unix seconds
	By   Voice
	Name string // the counsellor
	Text string
	// Of something that is no words, for those who read in a browser: what it is, as in [Media], the number of the talk's file, or the
	// place, see [talk.Coordinates].
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
