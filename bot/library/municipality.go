package library

import (
	"slices"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// Where a specialist works decides whom they turn to: municipalities.yaml holds the offices, and the quiz for helpers asks for the municipality.

// OfMunicipality is what a step calls the placeholder for its answer where it asks for a municipality.
const OfMunicipality = "municipality"

// texts that are said of municipalities, by their names in municipalities.yaml; those of lists stand in listed
var municipalityTexts = strings.Fields("title unknown unnumbered card print cards choose signs signs-list words words-list never never-list note")

// municipal lists the texts that are needed of municipalities, and finds names that the quizzes and municipalities.yaml do not share.
func (l *Library) municipal(add func(file string, line int, remedy, message sheet.Text)) map[string][]string {
	if len(l.Catalog.Municipalities) == 0 {
		return nil
	}
	var need []string
	for _, t := range municipalityTexts {
		need = append(need, "municipalities."+t)
	}
	for _, kind := range content.OfficeKinds {
		for _, t := range []string{"name", "ask", "note"} {
			need = append(need, "municipalities.kinds."+kind+"."+t)
		}
	}
	answers := l.Municipalities()
	for _, m := range l.Catalog.Municipalities {
		if answers[m] == "" {
			add("content/municipalities.yaml", 0, "write it as the quiz does, or remove it", sheet.Say("no quiz has the municipality %q as an answer", m))
		}
	}
	for m := range answers {
		if !slices.Contains(l.Catalog.Municipalities, m) {
			add("content/municipalities.yaml", 0, "add it under municipalities:", sheet.Say("nothing is told of the municipality %q, which a quiz has as an answer", m))
		}
	}
	return map[string][]string{"municipalities": need}
}

// Municipalities are those that can be chosen in a quiz, each with the text that is its label.
func (l *Library) Municipalities() map[string]string {
	out := map[string]string{}
	for _, f := range l.Book.Flows {
		for i := range f.Steps {
			if s := &f.Steps[i]; s.Names == OfMunicipality {
				for _, c := range s.Choices {
					if c.Answer != flows.Unsure {
						out[c.Answer] = s.Text + "." + c.Answer
					}
				}
			}
		}
	}
	return out
}

// uncovered says, for each kind of office, of how many municipalities its number is not known or was never called.
func (l *Library) uncovered(add func(file string, line int, remedy, message sheet.Text)) {
	all := len(l.Catalog.Municipalities)
	for _, kind := range content.OfficeKinds {
		known, numbered, tested := l.Catalog.Cover(kind)
		if all > 0 && tested < all {
			add("content/municipalities.yaml", 1, "find out what is missing, call the numbers, and write the day under tested:",
				sheet.Say("of %d municipalities %d are known to have the office %q, of %d its number is known, and %d have one that somebody called", all, known, kind, numbered, tested))
		}
	}
}

// PocketPath is where the web page shows pocket cards, below a language: /lt/pocket/zarasai.
const PocketPath = "pocket"
