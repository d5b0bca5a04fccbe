package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"patikra/bot"
	"patikra/bot/talk"
)

// inView reports whether something can be seen without scrolling the page.
func (b *tab) inView(selector string) bool {
	b.t.Helper()
	return eval[bool](b, fmt.Sprintf(`(function () {
		var e = document.querySelector(%q), r = e && e.checkVisibility() && e.getBoundingClientRect();
		return !!r && r.height > 0 && r.top >= 0 && r.top < innerHeight && document.elementsFromPoint(r.left + r.width / 2, r.top + Math.min(r.height, 20) / 2).includes(e);
	})()`, selector))
}

func TestInABrowserStepsAreTickedAndPlacesFoundWhileWordsAreHalfTyped(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.enters("Rūta", "")
	s.ticks("dora", threatened)
	at := s.asks2("dora")
	b.open(at)
	b.click("#do-take")
	b.do(chromedp.SendKeys("#text", "Half a thought"))
	step := talk.Protocols(s.bot.Library(), s.session("dora"), "lt")[0].Steps[0].ID
	ticked := func() bool { return slices.Contains(ticksOf(s.case_("dora")), step) }

	// A step is ticked and unticked without the page; what is typed stays.
	for _, size := range [][2]int64{{1280, 800}, {360, 640}} {
		b.size(size[0], size[1])
		if size[0] == 360 { // as somebody comes to it by telephone
			eval[bool](b, `(document.getElementById("text").value = "", true)`) // else the browser asks before it leaves
			b.open(at)
			b.do(chromedp.SendKeys("#text", "Half a thought"))
		}
		name := fmt.Sprintf("steps %d", size[0])
		if !b.inView("#step-"+step) || !b.inView("#text") {
			t.Errorf("%s: the first step in danger, or the box, is out of view", name)
		}
		for _, want := range []bool{true, false} {
			b.do(chromedp.Click("#tick-" + step))
			b.until("the step is ticked, or not", func() bool {
				return ticked() == want && eval[string](b, `document.getElementById("tick-`+step+`").textContent.trim().charAt(0)`) == map[bool]string{true: "☑", false: "☐"}[want]
			})
		}
		if got := eval[string](b, `document.getElementById("text").value`); got != "Half a thought" {
			t.Errorf("%s: the box holds %q", name, got)
		}
		b.check(name)
		eval[bool](b, `(["card-box", "protocols", "open-questions"].forEach(function (id) { var d = document.getElementById(id); if (d) d.open = true; }),
			document.querySelectorAll("#protocols details").forEach(function (d) { d.open = true; }), true)`)
		b.check(name + " all open")
	}

	// The directory is searched with the letters that are at hand, and a press writes into the box.
	b.size(1280, 800)
	b.do(chromedp.Click("#directory summary"))
	finds := func(words string) []string {
		t.Helper()
		eval[bool](b, `(document.getElementById("find").value = "", true)`)
		b.do(chromedp.SendKeys("#find", words))
		return eval[[]string](b, `[].filter.call(document.querySelectorAll("#places li"), function (li) { return li.checkVisibility(); }).map(function (li) { return li.innerText.trim(); })`)
	}
	all := finds(" ")
	for words, want := range map[string]string{"vaiku lin": "Vaikų linija", "NORVEG": "Norvegija", "116 111": "116111"} {
		got := finds(words)
		if len(got) == 0 || len(got) >= len(all) || !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%q finds %q of %d", words, got, len(all))
		}
	}
	if got := finds("nothing like it"); len(got) != 0 {
		t.Errorf("%q is found", got)
	}
	finds("vaiku")
	b.check("directory")
	b.do(chromedp.Click(`#places button[value="child"]`))
	if got := eval[string](b, `document.activeElement.id + ": " + document.getElementById("text").value`); !strings.HasPrefix(got, "text: Half a thought\nChild line: ") {
		t.Errorf("a place leaves %q", got)
	}
	if got := s.people.got("dora"); strings.Contains(got, "Half a thought") {
		t.Error("it was sent")
	}
}

// ticksOf are the steps of a case that are done, as they are named in acts.
func ticksOf(c *bot.Case) (out []string) {
	for _, n := range c.Ticked {
		out = append(out, fmt.Sprint(n))
	}
	return out
}

func TestATalkIsClosedInOnePanelWithOneLastPress(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.enters("Rūta", "")
	at := s.asks("anna")
	b.open(at)
	b.click("#do-take")
	for _, wide := range []int64{1280, 360} {
		b.size(wide, 740)
		b.open(at)
		b.do(chromedp.Click("#closing summary"), chromedp.Click("#outcome-fraud"))
		b.do(chromedp.Click("#do-close")) // something is missing: the browser says so, and nothing is sent
		if got := eval[int](b, `document.querySelectorAll("#closing button").length`); got != 1 || !s.case_("anna").Active() {
			t.Errorf("at %d: %d buttons, the talk is open: %v", wide, got, s.case_("anna").Active())
		}
		s.says("anna", fmt.Sprint("words at ", wide))
		b.sees(fmt.Sprint("words at ", wide))
		if !eval[bool](b, `document.getElementById("outcome-fraud").checked`) {
			t.Errorf("at %d: what was chosen is lost when words come in", wide)
		}
		b.check(fmt.Sprint("closing ", wide))
	}
	place := eval[string](b, `(function () { var s = document.getElementById("where"); s.selectedIndex = 1; s.dispatchEvent(new Event("change", { bubbles: true })); return s.value; })()`)
	if !eval[bool](b, `document.getElementById("referred-listed").checked`) {
		t.Error("a place of the list is chosen, and the list is not")
	}
	b.click("#do-close")
	if c := s.case_("anna"); c.State != bot.Closed || c.Outcome != bot.Fraud || c.Place != place {
		t.Errorf("it is %v, came to %v, referred to %q", c.State, c.Outcome, c.Place)
	}
}
