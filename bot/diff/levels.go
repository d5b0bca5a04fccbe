package diff

import (
	"strings"

	"patikra/flows"
)

// Levels are compared by filling in answer sheets and playing them in both books. A sheet begins as one on which nothing
// speaks against the offer, every check is made, or everything is skipped, and one, two or three answers of it are
// changed: the rule by which flags are counted asks for three at most. Only steps and answers that both books have are
// changed, so that the difference is never one of words alone.

// mostSheets bounds how many sheets are played.
const mostSheets = 60_000

// given is one answer that a sheet has changed.
type given struct{ step, answer string }

func (g given) String() string { return g.step + ": " + g.answer }

// sheet is what somebody answers to each step.
type sheet map[string][]string

type tried struct {
	count   int
	example string
	changed int // answers of the example
}

func (d *differ) levels(quiz string, before, after *flows.Flow) {
	o, n := d.outlines(before, after)
	is := map[string]string{} // by the old name, of steps that were renamed
	for name, was := range d.was[quiz] {
		is[was] = name
	}
	found := map[[2]string]*tried{}
	var order [][2]string
	left := mostSheets
	play := func(base sheet, kind string, changed ...given) {
		if left == 0 {
			return
		}
		left--
		answer := func(step string) (out []string) {
			for _, g := range changed {
				if g.step == step {
					out = append(out, g.answer)
				}
			}
			if out == nil {
				return base[step]
			}
			return out
		}
		a, err1 := before.Play(func(step string) []string {
			if now, ok := is[step]; ok {
				step = now
			}
			return answer(step)
		})
		b, err2 := after.Play(answer)
		if err1 != nil || err2 != nil || a == b {
			return
		}
		key := [2]string{a, b}
		t := found[key]
		if t == nil {
			t = &tried{changed: 99}
			found[key] = t
			order = append(order, key)
		}
		t.count++
		if len(changed) < t.changed {
			var words []string
			for _, g := range changed {
				words = append(words, g.String())
			}
			t.changed, t.example = len(changed), strings.Join(append(words, kind), ", ")
		}
	}
	plain, best, skipped := base(o, n, false), base(o, n, true), sheet{}
	play(plain, "nothing speaks against the offer")
	play(best, "every check is made")
	play(skipped, "everything is skipped")
	all := shared(o, n)
	for _, g := range all {
		play(plain, "otherwise nothing speaks against the offer", g)
		play(best, "otherwise every check is made", g)
		play(skipped, "otherwise everything is skipped", g)
	}
	for i, g := range all {
		for _, h := range all[i+1:] {
			if fit(o, g, h) {
				play(best, "otherwise every check is made", g, h)
			}
		}
	}
	var raising []given // for three together only those that raise something
	for _, g := range all {
		if len(choice(step(o, g.step), g.answer).Raises)+len(choice(step(n, g.step), g.answer).Raises) > 0 {
			raising = append(raising, g)
		}
	}
	for i, g := range raising {
		for j, h := range raising[i+1:] {
			if !fit(o, g, h) {
				continue
			}
			for _, k := range raising[i+j+2:] {
				if fit(o, g, k) && fit(o, h, k) {
					play(best, "otherwise every check is made", g, h, k)
				}
			}
		}
	}
	for _, key := range order {
		t := found[key]
		d.add(Change{Kind: Level, Quiz: quiz, Old: key[0], New: key[1], Count: t.count, Example: t.example})
	}
}

// fit reports whether two answers can be given by one person: to different steps, or ticked together.
func fit(o flows.Outline, a, b given) bool {
	alone := func(g given) bool { return g.answer == flows.None || g.answer == flows.Unsure }
	return a.step != b.step || step(o, a.step).Several && !alone(a) && !alone(b)
}

// shared is every answer that both books have.
func shared(o, n flows.Outline) (out []given) {
	for _, s := range o.Steps {
		other := step(n, s.Name)
		for _, c := range s.Choices {
			if choice(other, c.Answer).Answer != "" && s.Several == other.Several {
				out = append(out, given{s.Name, c.Answer})
			}
		}
	}
	return out
}

// base is a sheet on which nothing speaks against the offer: of each step an answer that raises nothing and leaves nothing
// unknown in either book, with the check made or without.
func base(o, n flows.Outline, checked bool) sheet {
	out := sheet{}
	for _, name := range union(stepNames(o), stepNames(n)) {
		a, b := step(o, name), step(n, name)
		s := a
		if s.Name == "" {
			s = b
		}
		best, most := "", -1
		var ticks []string
		for _, c := range s.Choices {
			other := choice(b, c.Answer)
			if b.Name != "" && other.Answer == "" || len(c.Raises)+len(other.Raises) > 0 {
				continue
			}
			if s.Several && c.Answer != flows.None && c.Answer != flows.Unsure && len(c.Green)+len(c.Closes) > 0 && checked {
				ticks = append(ticks, c.Answer)
			}
			worth := 1
			switch {
			case len(c.Green)+len(c.Closes) > 0 && checked:
				worth = 4 + len(c.Closes)
			case len(c.Green) > 0:
				worth = 0
			case c.Answer == flows.None:
				worth = 3
			case c.Answer == flows.Unsure:
				worth = 0
			case len(c.Notes) == 0:
				worth = 2
			}
			if worth > most {
				best, most = c.Answer, worth
			}
		}
		switch {
		case len(ticks) > 0:
			out[name] = ticks
		case best != "":
			out[name] = []string{best}
		}
	}
	return out
}
