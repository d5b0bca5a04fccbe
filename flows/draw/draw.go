// Package draw makes a quiz into a picture: SVG that any browser shows, or text for Mermaid and Graphviz.
//
// A picture holds every step with its question, every answer with the flags it raises, every condition and every
// end. It is a pure function of the quiz and its words: the same quiz gives the same bytes.
package draw

import (
	"slices"
	"strings"

	"patikra/flows"
)

// Quiz is what is drawn, and the words for it.
type Quiz struct {
	flows.Outline
	Lang string
	// Say returns the text of a name, as "job-offer.fee.say", "flags.flags.fee.name" or "results.high.title",
	// and "" when there is none: the bare name is drawn then.
	Say func(name string) string
}

// signs stand beside the ends, the same as in a talk.
var signs = map[string]string{"low": "○", "unknown": "?", "concern": "▲", "high": "▲▲", "emergency": "‼"}

var levels = []string{"low", "unknown", "concern", "high", "emergency"}

// node is a step or an end.
type node struct {
	name     string
	question string
	several  bool
	always   bool
	any      []string // conditions
	none     []string
	from     string // a level
	end      bool
	sign     string
	lines    []string // of the result: its levels
}

// edge is every answer of a step that leads to the same place, or the way past a step.
type edge struct {
	from, to int
	rows     []row
	past     bool // the step is not asked
}

// quiet reports whether no answer leads there.
func (e edge) quiet() bool {
	return !slices.ContainsFunc(e.rows, func(r row) bool { return !r.skipped })
}

// row is an answer.
type row struct {
	text    string
	name    string
	chips   []chip
	skipped bool
}

// chip is what an answer says about the offer.
type chip struct {
	name  string
	full  string // in words, where there are some
	grade string // of a flag; green, note or key for what is no flag
	not   bool   // raised when the answer is left unticked
}

type graph struct {
	q      Quiz
	nodes  []node
	edges  []edge
	index  map[string]int
	grades []string // that occur, the heaviest first
	words  words
}

func (q Quiz) say(name, other string) string {
	if q.Say != nil {
		if s := strings.Join(strings.Fields(q.Say(name)), " "); s != "" {
			return s
		}
	}
	return other
}

// thing names a flag, a check or a note in words.
func (q Quiz) thing(name string) string {
	return q.say("flags.flags."+name+".name", q.say("flags.green."+name+".name", name))
}

// textOf names the texts of a step.
func (q Quiz) textOf(s flows.OutlineStep) string {
	if s.Words == "" {
		return q.Name + "." + s.Name
	}
	return s.Words
}

func newGraph(q Quiz) *graph {
	g := &graph{q: q, index: map[string]int{}, words: wordsOf(q.Lang)}
	for _, s := range q.Steps {
		n := node{name: s.Name, question: q.say(q.textOf(s)+".say", s.Name), several: s.Several, always: s.Always, any: s.Any, none: s.None, from: s.From}
		g.index[s.Name] = len(g.nodes)
		g.nodes = append(g.nodes, n)
	}
	seen := map[string]bool{}
	for from, s := range q.Steps {
		to := map[string]int{} // a place, to its edge
		lead := func(target string, past bool, r row) {
			key := target
			if past {
				key += " past"
			}
			i, ok := to[key]
			if !ok {
				i = len(g.edges)
				to[key] = i
				g.edges = append(g.edges, edge{from: from, to: g.end(target), past: past})
			}
			if !past {
				g.edges[i].rows = append(g.edges[i].rows, r)
			}
		}
		for _, c := range s.Choices {
			r := row{text: q.say(q.textOf(s)+"."+c.Answer, c.Answer), name: c.Answer}
			target := c.Next
			add := func(names []string, grade string, not bool) {
				for _, n := range names {
					ch := chip{name: n, full: q.thing(n), grade: grade, not: not}
					if f, ok := q.Flags[n]; ok && grade == "" {
						ch.grade = f.Grade.String()
						if f.Grade == flows.EmergencyGrade && !not {
							target = "emergency" // nothing more is asked
						}
					}
					seen[ch.grade] = true
					r.chips = append(r.chips, ch)
				}
			}
			add(c.Raises, "", false)
			add(c.Clears, "", true)
			add(c.Green, "green", false)
			add(c.Closes, "key", false)
			add(c.Notes, "note", false)
			lead(target, false, r)
		}
		if _, same := to[s.Skipped]; s.Skipped != "" && (!same || len(to) > 1) {
			lead(s.Skipped, false, row{text: g.words.skipped, skipped: true})
		}
		if s.Conditional() {
			lead(s.NotAsked, true, row{})
		}
	}
	for _, grade := range []string{"emergency", "stop", "strong", "raise", "medium", "weak", "none", "green", "key", "note"} {
		if seen[grade] {
			g.grades = append(g.grades, grade)
		}
	}
	return g
}

// end returns the node of a step or an end, which is made when it is first named.
func (g *graph) end(name string) int {
	if i, ok := g.index[name]; ok {
		return i
	}
	n := node{name: name, end: true, question: g.q.say("results."+name+".title", name), sign: signs[name]}
	switch {
	case name == flows.Result:
		n.question = g.words.result
		for _, l := range levels {
			n.lines = append(n.lines, signs[l]+"  "+g.q.say("results."+l+".title", l))
		}
	case n.sign == "":
		n.sign = "‼"
	}
	g.index[name] = len(g.nodes)
	g.nodes = append(g.nodes, n)
	return len(g.nodes) - 1
}

// conditional reports whether the step is not asked of everybody.
func (n node) conditional() bool { return len(n.any)+len(n.none) > 0 || n.from != "" }

// condition says when a step is asked, one line for each half.
func (g *graph) condition(n node) []string {
	var out []string
	if len(n.any) > 0 {
		out = append(out, g.words.onlyIf+" "+strings.Join(n.any, g.words.or))
	}
	if n.from != "" {
		out = append(out, g.words.from+" "+g.q.say("results."+n.from+".title", n.from))
	}
	if len(n.none) > 0 {
		out = append(out, g.words.notIf+" "+strings.Join(n.none, g.words.or))
	}
	return out
}

// words are the picture's own.
type words struct {
	onlyIf, notIf, from, or, skipped, otherwise, several, always, result, notTicked, enough string
	grades                                                                                  map[string]string
	description                                                                             string
}

// wordsOf are the picture's own words in a language, English where there are none.
func wordsOf(lang string) words {
	if lang == "lt" {
		return words{onlyIf: "tik jei:", notIf: "ne, jei:", from: "kai yra bent:", or: " arba ", skipped: "praleista", otherwise: "neklausiama", several: "galima keletas",
			always: "klausiama visada", result: "Rezultatas", notTicked: "tada nėra:", enough: "Pasiekus „%s“ lygį, klausiama tik to, kas klausiama visada.",
			grades: map[string]string{"emergency": "pavojus dabar: klausimai baigiasi", "stop": "pakanka vieno", "strong": "stiprus", "medium": "vidutinis", "weak": "silpnas", "none": "nesveria",
				"raise": "pakelia lygį", "green": "patikrinta", "key": "išsiaiškinta", "note": "pastaba"},
			description: "%s: klausimų %d, atsakymų %d, pabaigų %d."}
	}
	return words{onlyIf: "only if:", notIf: "not if:", from: "once it is at least:", or: " or ", skipped: "skipped", otherwise: "not asked", several: "several can be ticked",
		always: "always asked", result: "Result", notTicked: "is none then:", enough: "Once the level is “%s”, only what is always asked is asked.",
		grades: map[string]string{"emergency": "danger now: the questions end", "stop": "one is enough", "strong": "strong", "medium": "medium", "weak": "weak", "none": "no weight",
			"raise": "lifts the level", "green": "a check made", "key": "settled", "note": "a note"},
		description: "%s: %d questions, %d answers, %d ends."}
}
