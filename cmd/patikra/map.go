package main

import (
	"io"
	"strings"

	"patikra/bot/library"
	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows/draw"
)

// pictures are the forms in which a quiz is drawn.
var pictures = map[string]func(draw.Quiz) string{"svg": draw.SVG, "mermaid": draw.Mermaid, "dot": draw.DOT}

// drawQuiz prints a quiz as a picture.
func drawQuiz(quiz, dir, format, lang string, out, errs io.Writer) int {
	form, ok := pictures[format]
	if !ok {
		fail(errs, "map", sheet.Say("there is no format %q; there are mermaid, dot and svg", format))
		return misuse
	}
	if quiz == "" {
		fail(errs, "map", sheet.Text("name a quiz, for example: patikra map job-offer"))
		return misuse
	}
	l, code := openFor("map", dir, errs)
	if l == nil {
		return code
	}
	q, ok := picture(l, quiz, lang)
	switch {
	case l.Book.Training[quiz] != nil:
		fail(errs, "map", sheet.Say("%s is a training; its questions follow one another whatever is answered, so there is nothing to draw; read flows/training/%s.yaml", quiz, quiz))
		return misuse
	case l.Book.Flows[quiz] == nil:
		fail(errs, "map", sheet.Say("there is no quiz %q; there is %s", quiz, strings.Join(l.Book.Quizzes(), ", ")))
		return misuse
	case !ok:
		fail(errs, "map", sheet.Say("there is no language %q", lang))
		return misuse
	}
	if _, err := io.WriteString(out, form(q)); err != nil {
		fail(errs, "map", err)
		return found
	}
	return fine
}

// picture takes a quiz and its words together; ok is false where there is no such quiz or language.
func picture(l *library.Library, quiz, lang string) (draw.Quiz, bool) {
	if lang == "" {
		lang = content.Source
	}
	f, texts := l.Book.Flows[quiz], l.Catalog.Language(lang)
	if f == nil || texts == nil {
		return draw.Quiz{}, false
	}
	return draw.Quiz{Outline: f.Outline(), Lang: lang, Say: func(name string) string {
		for _, group := range []string{"results.", "flags."} { // a quiz may have words of its own
			own := quiz + "." + group + strings.TrimPrefix(strings.TrimPrefix(name, group), "flags.")
			if strings.HasPrefix(name, group) && texts.Has(own) {
				name = own
			}
		}
		if !texts.Has(name) {
			return ""
		}
		return texts.Text(name)
	}}, true
}
