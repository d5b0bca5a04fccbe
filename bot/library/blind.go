package library

import (
	"math"
	"slices"

	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// mostBlind is how often somebody may be right who takes an option by its length or its place without reading it. Of three options chance gives a third.
const mostBlind = 0.45

// blindRule chooses among options without reading them. It returns those that it would take, any of them alike.
type blindRule struct {
	name  sheet.Text
	takes func(lengths []int) []int
}

// byLength are the rules that look at how long the options are: what a training is most often passed by.
var byLength = []blindRule{
	{"the longest option", func(l []int) []int { return asLong(l, slices.Max(l)) }},
	{"the shortest option", func(l []int) []int { return asLong(l, slices.Min(l)) }},
	{"an option of middle length", func(l []int) []int { s := slices.Sorted(slices.Values(l)); return asLong(l, s[len(s)/2]) }},
}

// byPlace are the rules that look at where an option stands in the file.
var byPlace = []blindRule{
	{sheet.Say("option %d", 1), func(l []int) []int { return []int{0} }},
	{sheet.Say("option %d", 2), func(l []int) []int { return []int{1} }},
	{sheet.Say("option %d", 3), func(l []int) []int { return []int{min(2, len(l)-1)} }},
}

func asLong(lengths []int, n int) (out []int) {
	for i, l := range lengths {
		if l == n {
			out = append(out, i)
		}
	}
	return out
}

// score is how many questions of a module a rule answers as is recommended, on average, and of how many.
func (r blindRule) score(f *flows.Flow, lang *content.Language) (right float64, of int) {
	for i := range f.Steps {
		step := &f.Steps[i]
		if step.Part == flows.After {
			continue
		}
		of++
		var lengths []int
		for _, c := range step.Choices {
			lengths = append(lengths, content.Length(lang.Text(step.Text+"."+c.Answer)))
		}
		takes := r.takes(lengths)
		for _, i := range takes {
			if step.Choices[i].Right {
				right += 1 / float64(len(takes))
			}
		}
	}
	return right, of
}

// blind finds modules of the training that can be passed without reading: by the length of the options in a language, or by their place.
func (l *Library) blind(add func(file string, line int, remedy, message sheet.Text)) {
	for _, m := range l.Book.Modules() {
		f := l.Book.Training[m]
		for _, lang := range l.Catalog.Spoken() {
			for _, r := range byLength {
				if right, of := r.score(f, lang); l.TaughtIn(lang.Tag, m) && right > mostBlind*float64(of) {
					add("content/"+lang.Tag+"/"+m+".yaml", 1, "make other options as long, or shorten the better ones: then nobody passes without reading",
						sheet.Say("who always takes %s is right in %d of %d questions", r.name, int(math.Round(right)), of))
				}
			}
		}
		for _, r := range byPlace {
			if right, of := r.score(f, l.Catalog.Language(content.Source)); right > mostBlind*float64(of) {
				add("flows/training/"+m+".yaml", 1, "put the better options in other places", sheet.Say("who always takes %s is right in %d of %d questions", r.name, int(math.Round(right)), of))
			}
		}
	}
}
