package draw_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"patikra/flows"
	"patikra/flows/draw"
)

type under struct{ fs.FS }

func (u under) Open(name string) (fs.File, error) {
	return u.FS.Open(strings.TrimPrefix(name, "flows/"))
}

func shipped(t testing.TB) draw.Quiz {
	b, err := flows.Load(under{flows.Files})
	if err != nil {
		t.Fatal(err)
	}
	return draw.Quiz{Outline: b.Flows["job-offer"].Outline()}
}

// visible is what stands in an SVG: each text, and the boxes of a class. It fails on anything but well-formed XML.
func visible(t testing.TB, svg string) (text string) {
	d := xml.NewDecoder(strings.NewReader(svg))
	var b strings.Builder
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			t.Fatalf("this is no valid XML: %v", err)
		}
		if c, ok := tok.(xml.CharData); ok {
			b.Write(c)
			b.WriteByte('\n')
		}
	}
}

type rectangle struct{ x, y, w, h float64 }

var rectangles = regexp.MustCompile(`<rect class="(?:step|step if|end|answers|away)" x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)"`)

func boxes(svg string) (out []rectangle) {
	for _, m := range rectangles.FindAllStringSubmatch(svg, -1) {
		var v [4]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(m[i+1], 64)
		}
		out = append(out, rectangle{v[0], v[1], v[2], v[3]})
	}
	return out
}

func apart(t *testing.T, svg string) {
	t.Helper()
	all := boxes(svg)
	for i, a := range all {
		for _, b := range all[:i] {
			if a.x+1 < b.x+b.w && b.x+1 < a.x+a.w && a.y+1 < b.y+b.h && b.y+1 < a.y+a.h {
				t.Fatalf("two boxes overlap: %v %v", a, b)
			}
		}
	}
}

// invented is a quiz of so many steps, each with a few answers that lead a little or far ahead.
func invented(steps int, word func(i int) string) draw.Quiz {
	rng := rand.New(rand.NewPCG(uint64(steps), 1))
	o := flows.Outline{Name: "invented", Start: "s0", Enough: "high", Flags: map[string]flows.Flag{}}
	grades := []flows.Grade{flows.Weak, flows.Medium, flows.Strong, flows.Stop, flows.Raise, flows.EmergencyGrade}
	for i := range 20 {
		name := fmt.Sprintf("flag-%d", i)
		o.Flags[name] = flows.Flag{Name: name, Grade: grades[i%len(grades)]}
	}
	target := func(i int) string {
		if i >= steps {
			return flows.Result
		}
		return fmt.Sprintf("s%d", i)
	}
	texts := map[string]string{}
	for i := range steps {
		s := flows.OutlineStep{Name: target(i), Several: i%3 == 0, NotAsked: target(i + 1), Skipped: target(i + 1)}
		texts["invented."+s.Name+".say"] = word(i)
		if i%5 == 4 {
			s.Any = []string{"flag-1", "flag-2"}
		}
		for c := range 2 + rng.IntN(6) {
			ch := flows.OutlineChoice{Answer: fmt.Sprintf("a%d", c), Next: target(i + 1)}
			if rng.IntN(8) == 0 {
				ch.Next = target(i + 1 + rng.IntN(10))
			}
			if rng.IntN(3) == 0 {
				ch.Raises = []string{fmt.Sprintf("flag-%d", rng.IntN(20))}
			}
			texts["invented."+s.Name+"."+ch.Answer] = word(i + c)
			s.Choices = append(s.Choices, ch)
		}
		o.Steps = append(o.Steps, s)
	}
	return draw.Quiz{Outline: o, Say: func(name string) string { return texts[name] }}
}

func TestEverythingOfTheQuizStandsInEveryPicture(t *testing.T) {
	q := shipped(t)
	q.Say = func(name string) string { return "<" + name + ">" }
	unbroken := strings.NewReplacer("\n", "", " ", "")
	for form, picture := range map[string]string{
		"svg":     visible(t, draw.SVG(q)),
		"mermaid": draw.Mermaid(q),
		"dot":     draw.DOT(q),
	} {
		if form == "mermaid" {
			picture = regexp.MustCompile(`#(\d+);`).ReplaceAllStringFunc(picture, func(s string) string {
				n, _ := strconv.Atoi(s[1 : len(s)-1])
				return string(rune(n))
			})
		}
		if form == "dot" {
			picture = strings.ReplaceAll(picture, `\n`, "")
		}
		picture = unbroken.Replace(picture)
		want := func(what string) {
			if !strings.Contains(picture, unbroken.Replace(what)) {
				t.Errorf("%s: %q is missing", form, what)
			}
		}
		for _, s := range q.Steps {
			want(s.Name)
			want("<job-offer." + s.Name + ".say>")
			for _, c := range append(s.Any, s.None...) {
				want(c)
			}
			for _, c := range s.Choices {
				want("<job-offer." + s.Name + "." + c.Answer + ">")
				for _, f := range append(append(append(c.Raises, c.Clears...), c.Green...), c.Closes...) {
					want(f)
				}
			}
		}
		for _, end := range []string{"low", "unknown", "concern", "high", "emergency", "young"} {
			want("<results." + end + ".title>")
		}
		for _, sign := range []string{"○", "?", "▲", "▲▲", "‼"} {
			want(sign)
		}
	}
}

func TestAPictureIsTheSameEachTimeAndTellsAReaderWhatItIs(t *testing.T) {
	q := shipped(t)
	for form, draws := range map[string]func(draw.Quiz) string{"svg": draw.SVG, "mermaid": draw.Mermaid, "dot": draw.DOT} {
		if first, again := draws(q), draws(q); first != again {
			t.Errorf("%s differs from one time to the next", form)
		}
	}
	svg := draw.SVG(q)
	for _, want := range []string{`role="img"`, `<title id="title">job-offer</title>`, `<desc id="desc">job-offer: 17 questions`, "prefers-color-scheme:dark"} {
		if !strings.Contains(svg, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, m := range regexp.MustCompile(`font-size="([0-9.]+)"`).FindAllStringSubmatch(svg, -1) {
		if size, _ := strconv.ParseFloat(m[1], 64); size < 12 {
			t.Fatalf("letters of %s are too small to read", m[1])
		}
	}
	apart(t, svg)
}

func TestGradesAreToldApartWithoutColour(t *testing.T) {
	svg := draw.SVG(shipped(t))
	colour := regexp.MustCompile(`class="[a-z]+-(tab|ink)"|url\(#[a-z]+-hatch\)|(x|y|cx|cy)="[^"]*"|d="M[0-9.-]+ [0-9.-]+`)
	seen := map[string]string{}
	for _, grade := range []string{"emergency", "stop", "strong", "medium", "weak", "raise", "green", "key", "note"} {
		at := strings.Index(svg, `<rect class="`+grade+`-tab"`)
		if at < 0 {
			t.Fatalf("%s is not drawn", grade)
		}
		sign := colour.ReplaceAllString(svg[at:at+strings.Index(svg[at:], "<text")], "")
		for other, s := range seen {
			if s == sign {
				t.Errorf("%s and %s have the same sign", grade, other)
			}
		}
		seen[grade] = sign
	}
}

func TestLargeQuizzesStayReadable(t *testing.T) {
	for _, steps := range []int{1, 2, 60, 200, 1000} {
		svg := draw.SVG(invented(steps, func(i int) string { return strings.Repeat("some words ", i%9+1) }))
		visible(t, svg)
		apart(t, svg)
		if n := strings.Count(svg, `class="step`); n != steps {
			t.Errorf("%d of %d steps are drawn", n, steps)
		}
		var w, h float64
		fmt.Sscanf(svg[strings.Index(svg, ` width="`):], ` width="%g" height="%g"`, &w, &h)
		if steps >= 60 && (w > 4*h || h > 4*w) {
			t.Errorf("%d steps: a picture of %g by %g is a strip", steps, w, h)
		}
	}
}

func TestAQuizInACircleIsDrawnAllTheSame(t *testing.T) {
	q := draw.Quiz{Outline: flows.Outline{Name: "circle", Start: "a", Steps: []flows.OutlineStep{
		{Name: "a", Skipped: "b", Choices: []flows.OutlineChoice{{Answer: "yes", Next: "b"}, {Answer: "no", Next: "a"}}},
		{Name: "b", Skipped: "a", Choices: []flows.OutlineChoice{{Answer: "back", Next: "a"}}},
	}}}
	text := visible(t, draw.SVG(q))
	for _, want := range []string{"yes", "no", "back"} {
		if !strings.Contains(text, want) {
			t.Errorf("the answer %q is missing", want)
		}
	}
}

func TestTextsOfEveryKindAreShownAsTheyAre(t *testing.T) {
	hostile := []string{
		`</text><script>alert(1)</script>`, `"]; click n1 "javascript:alert(1)"`, `\" ]; evil [label="x`, "line\nbreak", "a\x00b\x1b[31m", "&amp; & <b>", "]]>", "`end` %% subgraph end",
		"هل يهددك أحد بسبب هذا العمل؟", "האם מישהו מאיים עליך?", "有人因为这份工作威胁你吗？有人因为这份工作威胁你吗？有人因为这份工作威胁你吗？", "အလုပ်ကြောင့်သင့်ကိုခြိမ်းခြောက်နေသူရှိသလားအလုပ်ကြောင့်သင့်ကိုခြိမ်းခြောက်နေသူရှိသလား",
		"👩‍👩‍👧‍👦🏳️‍🌈", strings.Repeat("x", 500), "\u202eturned", "\xff\xfe broken", "",
	}
	q := invented(len(hostile), func(i int) string { return hostile[i%len(hostile)] })
	svg := draw.SVG(q)
	text := visible(t, svg)
	apart(t, svg)
	if strings.Contains(svg, "<script") || strings.Contains(svg, "\u202e") {
		t.Error("a label became a part of the picture")
	}
	for _, want := range []string{"</text><script>alert(1)</script>", "هل يهددك", "有人因为"} {
		if !strings.Contains(strings.ReplaceAll(text, "\n", ""), want) && !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if !strings.Contains(svg, `direction="rtl"`) {
		t.Error("Arabic is not set from the right")
	}
	mermaid := draw.Mermaid(q)
	line := regexp.MustCompile(`^    (n\d+(\[|\(\[|\{\{)"[^"<>\x60]*(<br/>[^"<>\x60]*)*"(\]|\]\)|\}\}):::\w+|n\d+ (-->|-\.->)\|"[^"<>\x60]*(<br/>[^"<>\x60]*)*"\| n\d+|classDef .*)$`)
	for _, l := range strings.Split(strings.TrimSpace(mermaid), "\n")[1:] {
		if !line.MatchString(l) {
			t.Errorf("Mermaid would stumble over %q", l)
		}
	}
	dot := draw.DOT(q)
	quoted := regexp.MustCompile(`"(\\.|[^"\\])*"`)
	for _, l := range strings.Split(dot, "\n") {
		if strings.ContainsAny(quoted.ReplaceAllString(l, ""), "\"\\<") {
			t.Errorf("Graphviz would stumble over %q", l)
		}
	}
}

func BenchmarkShippedQuiz(b *testing.B) {
	q := shipped(b)
	for b.Loop() {
		draw.SVG(q)
	}
}

func BenchmarkThousandSteps(b *testing.B) {
	q := invented(1000, func(i int) string { return strings.Repeat("some words ", i%9+1) })
	for b.Loop() {
		draw.SVG(q)
	}
}
