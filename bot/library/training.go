package library

import (
	"slices"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// texts that every training needs, by their names in training.yaml
var trainingTexts = strings.Fields(`name about choose intro others supervision before after case source closed done score gain same loss full explained missed options law law-read law-checked law-unchecked
	certificate help certificate-title certificate-open certificate-name certificate-hint certificate-text certificate-about certificate-limits
	certificate-check certificate-bad`)

// placeholders that the texts of training.yaml are given, beside numbers
var trainingPlaceholders = map[string][]string{"intro": {"{cases}", "{test}"}, "case": {"{topic}"}, "done": {"{module}"}, "score": {"{after}", "{before}", "{count}"},
	"certificate": {"{link}"}, "law-read": {"{date}", "{link}"}, "law-checked": {"{date}"}, "certificate-text": {"{date}", "{module}"}}

// taught lists the texts that the training needs, by file. What is wrong with the names of modules is added.
func (l *Library) taught(add func(file string, line int, remedy, message sheet.Text)) map[string][]string {
	if len(l.Book.Training) == 0 {
		return nil
	}
	need := map[string][]string{}
	want := func(file string, names ...string) {
		for _, n := range names {
			need[file] = append(need[file], file+"."+n)
		}
	}
	want("training", trainingTexts...)
	for _, t := range l.Book.Topics() {
		want("training", "topics."+t)
	}
	for _, r := range l.Book.References {
		if r.Law {
			want("training", "laws."+r.Name)
		} else {
			want("training", "references."+r.Name)
		}
	}
	for _, name := range l.Book.Modules() {
		f := l.Book.Training[name]
		want(name, "name", "about")
		for i := range f.Steps {
			s := &f.Steps[i]
			if s.Part == flows.After {
				continue
			}
			want(name, s.Words+".case", s.Words+".say")
			for _, c := range s.Choices {
				want(name, s.Words+"."+c.Answer)
				if s.Part == flows.Case {
					want(name, s.Words+".told."+c.Answer)
				}
			}
			if s.Part == flows.Before {
				want(name, s.Words+".why")
			}
		}
	}
	for text, all := range trainingPlaceholders {
		src := l.Catalog.Language(content.Source)
		if src == nil || !src.Has("training."+text) {
			continue
		}
		for _, p := range all {
			if !strings.Contains(src.Text("training."+text), p) {
				file, line := src.At("training." + text)
				add(file, line, sheet.Say("write %s where it should stand", p), sheet.Say("the text %q lacks %s", text, p))
			}
		}
	}
	return need
}

// teach notes which modules each language has.
func (l *Library) teach() {
	l.Modules = map[string][]string{}
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		for _, m := range l.Book.Modules() {
			if lang.Has("training.name") && lang.Has(m+".name") {
				l.Modules[lang.Tag] = append(l.Modules[lang.Tag], m)
			}
		}
	}
}

// TaughtIn reports whether a language has the module.
func (l *Library) TaughtIn(tag, module string) bool { return slices.Contains(l.Modules[tag], module) }
