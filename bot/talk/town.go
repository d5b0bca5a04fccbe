package talk

import (
	"slices"
	"strconv"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// The name of a municipality may be typed where its county is asked for, or its own name: in any case, with a typing mistake.

// townMatch is a municipality that a typed name may mean: the answer to the present question that leads to it, and its own.
type townMatch struct {
	first, then uint16
	far         int
}

// town finds the municipality that was typed. Where several differ as little, as Kaunas city and district, it takes what leads to all of them, if
// that is one answer.
func (t *turn) town(text string) (word, arg string) {
	typed := content.Fold(text)
	if len(typed) < 4 || len(strings.Fields(typed)) > 3 {
		return "", ""
	}
	var best []townMatch
	for _, m := range t.towns(typed) {
		if len(best) == 0 || m.far < best[0].far {
			best = []townMatch{m}
		} else if m.far == best[0].far {
			best = append(best, m)
		}
	}
	switch {
	case len(best) == 0 || slices.ContainsFunc(best, func(m townMatch) bool { return m.first != best[0].first }):
		return "", ""
	case len(best) > 1 || best[0].then == 0:
		return "picks", strconv.Itoa(int(best[0].first))
	}
	return "town", strconv.Itoa(int(best[0].first)) + "." + strconv.Itoa(int(best[0].then))
}

// towns lists the municipalities near enough to what was typed that the present question, or the one that an answer to it leads to, asks for.
func (t *turn) towns(typed string) (out []townMatch) {
	v := t.view()
	step := v.flow.Step(int(t.s.At))
	for i, c := range step.Choices {
		if step.Names == library.OfMunicipality {
			if far, ok := v.townFar(step, c, typed); ok {
				out = append(out, townMatch{first: 1 << i, far: far})
			}
			continue
		}
		next := v.flow.Leads(c)
		if next == nil || next.Names != library.OfMunicipality {
			continue
		}
		for k, d := range next.Choices {
			if far, ok := v.townFar(next, d, typed); ok {
				out = append(out, townMatch{1 << i, 1 << k, far})
			}
		}
	}
	return out
}

// townFar is how far a typed name is from that of a municipality, in the person's language or in Lithuanian; ok is false where it is another.
func (v view) townFar(step *flows.Step, c flows.Choice, typed string) (far int, ok bool) {
	if c.Answer == flows.Unsure || c.Mute {
		return 0, false
	}
	far = 1 << 10
	for _, lang := range []*content.Language{v.lang, v.l.Catalog.Language(content.Source)} {
		label := content.Fold(lang.Text(step.Text + "." + c.Answer))
		if label == typed {
			return 0, true
		}
		name, _, _ := strings.Cut(label, " ")
		far = min(far, 1+sheet.Distance(stem(typed), stem(name)))
		if root, n := stem(name), []rune(typed); len(root) > 4 && len(n) > len(root) && len(n) <= len(root)+4 { // with another ending
			far = min(far, 1+sheet.Distance(n[:len(root)], root))
		}
		if l, n := []rune(name), []rune(typed); len(l) > len(n) { // зарасай, and the label is Зарасайский район
			far = min(far, 1+sheet.Distance(n, l[:len(n)]))
		}
	}
	return far, far <= 1+len([]rune(typed))/5
}

// stem is a Lithuanian name without its ending: zaras of Zarasai and of Zarasų.
func stem(name string) []rune { return []rune(strings.TrimRight(name, "aeiouys")) }

// inTown answers the present question and the one that it leads to. Where one answer is being changed, the second is asked.
func (t *turn) inTown(arg string) {
	a, b, _ := strings.Cut(arg, ".")
	first, _ := strconv.Atoi(a)
	then, _ := strconv.Atoi(b)
	place, err := t.view().flow.Advance(int(t.s.At), uint16(first), t.s.Given)
	if err != nil || place.End != "" || t.s.Changing != bot.NoChange {
		t.answer(uint16(first))
		return
	}
	t.s.Given = append(slices.Clone(t.s.Given), flows.Given{Step: t.s.At, Picks: uint16(first)})
	t.s.Before = bot.Without(t.s.Before, t.s.At)
	t.s.At, t.s.Ticks = uint8(place.Step), 0
	t.answer(uint16(then))
}
