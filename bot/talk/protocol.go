package talk

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// mostTicked bounds how many steps are kept as done in one case.
const mostTicked = 100

// Protocol is what to say and do, step by step.
type Protocol struct {
	Name  string // as staff call it in their files
	Title string
	When  string // when it is meant
	Fits  bool   // what the desk knows of the case calls for it
	Done  int    // steps that are done
	Steps []ProtocolStep
}

// ProtocolStep is one step.
type ProtocolStep struct {
	ID    string // names it in the act that ticks it
	Parts []Part
	Done  bool
}

// Part is a piece of a text.
type Part struct {
	Text string
	Dial string // the number that it shows, as a tel: link takes it; empty: it is words
}

// tickOf names a step by its words, so that one that staff write anew is not done yet.
func tickOf(protocol, words string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(protocol + "\x00" + words))
	return h.Sum32()
}

// Protocols are the protocols for a case in a language, those that it calls for first, with the numbers that its person would dial.
func Protocols(l *library.Library, s bot.Session, lang string) (out []Protocol) {
	if s.Case == nil {
		return nil
	}
	v := atDesk(l, s, lang)
	words, src := l.Catalog.Language(v.s.Lang), l.Catalog.Language(content.Source)
	calls := v.calls()
	own := *v.s
	own.Given = v.shown(v.summary())
	v.s = &own
	for _, name := range library.Protocols(l.Catalog) {
		key := "protocols." + name + "."
		if !words.Has(key+"title") || !words.Has(key+"when") || words.List(key+"steps") == nil { // it waits for its translation
			continue
		}
		p := Protocol{Name: name, Title: words.Text(key + "title"), When: words.Text(key + "when"), Fits: slices.Contains(calls, name)}
		of := src.List(key + "steps")
		for i, text := range words.List(key + "steps") {
			if i >= len(of) {
				break
			}
			tick := tickOf(name, of[i])
			step := ProtocolStep{ID: strconv.FormatUint(uint64(tick), 10), Parts: v.parts(strings.ReplaceAll(text, "{word}", s.Case.Word)), Done: slices.Contains(s.Case.Ticked, tick)}
			if step.Done {
				p.Done++
			}
			p.Steps = append(p.Steps, step)
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Protocol) int {
		switch {
		case a.Fits == b.Fits:
			return 0
		case a.Fits:
			return -1
		}
		return 1
	})
	return out
}

// calls names the protocols that a case calls for.
func (v view) calls() (out []string) {
	c := v.s.Case
	if c.Kind == bot.Supervision {
		return nil
	}
	young := false
	if v.fillable() {
		a := v.l.Book.Risk.Assess(v.flow.Facts(v.shown(v.summary())))
		young = a.Apart != ""
		if a.Level == flows.Emergency || c.Urgent == bot.Danger && !young {
			out = append(out, library.ForDanger)
		}
	}
	if c.Heard&bot.HeardDespair != 0 {
		out = append(out, library.ForDespair)
	}
	if young {
		out = append(out, library.ForMinor)
	}
	return out
}

// parts takes a text apart at its numbers.
func (v view) parts(text string) (out []Part) {
	for text != "" {
		at, found := len(text), ""
		for _, place := range content.Numbered {
			if j := strings.Index(text, "{"+place+"}"); j >= 0 && j < at {
				at, found = j, place
			}
		}
		if at > 0 {
			out = append(out, Part{Text: text[:at]})
		}
		if found == "" {
			return out
		}
		number, rest, _ := strings.Cut(v.number(found), " (")
		if rest != "" {
			rest = " (" + rest
		}
		out = append(out, Part{Text: number, Dial: dialled(number)})
		text = rest + text[at+len("{"+found+"}"):]
	}
	return out
}

// dialled is a number as a tel: link takes it.
func dialled(number string) string { return strings.ReplaceAll(number, " ", "") }

// Emergency is the number to call in danger where a case's person is, for whoever is beside them, and the name of that country in a language;
// empty while it is not known.
func Emergency(l *library.Library, s bot.Session, lang string) (number []Part, country string) {
	v := atDesk(l, s, lang)
	own := *v.s
	own.Given = v.shown(v.summary())
	v.s = &own
	where := v.where()
	if where == "lithuania" {
		where = "LT"
	}
	if l.Catalog.Offers(where) {
		country = v.lang.CountryName(where)
	}
	return v.parts("{emergency}"), country
}

// tick carries out the acts tick and untick: a step of a protocol is done, or not yet after all.
func (t *turn) tick(word, arg string) {
	c := t.s.Case
	if !c.Active() {
		t.refuse("closed")
		return
	}
	n, err := strconv.ParseUint(arg, 10, 32)
	known := err == nil && slices.ContainsFunc(Protocols(t.newest, t.s, content.Source), func(p Protocol) bool {
		return slices.ContainsFunc(p.Steps, func(s ProtocolStep) bool { return s.ID == arg })
	})
	if !known || word == "tick" && len(c.Ticked) >= mostTicked {
		t.refuse("state")
		return
	}
	c.Ticked = slices.DeleteFunc(slices.Clone(c.Ticked), func(x uint32) bool { return x == uint32(n) })
	if word == "tick" {
		c.Ticked = append(c.Ticked, uint32(n))
	}
	t.p.Toast = t.deskLang().Text("desk.done")
}
