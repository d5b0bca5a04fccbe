package console_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"patikra/bot"
)

// keys presses keys one after the other, as somebody does who has no mouse: a key that the page takes for itself writes no letter.
func (b *tab) keys(all ...string) {
	b.t.Helper()
	for _, k := range all {
		for _, r := range k {
			b.stroke(r, 0)
		}
	}
}

// chord presses a key while Ctrl is held (2) or Alt (1).
func (b *tab) chord(key string, held int64) {
	b.t.Helper()
	for _, r := range key {
		b.stroke(r, held)
	}
}

func (b *tab) stroke(r rune, held int64) {
	b.t.Helper()
	events := kb.Encode(r)
	for i := range events {
		e := *events[i]
		e.Modifiers |= held
		switch {
		case e.Type == input.DispatchKeyEventTypeChar:
			continue
		case e.Type == input.DispatchKeyEventTypeKeyDown || e.Type == input.DispatchKeyEventTypeRawKeyDown:
			e.Type = input.DispatchKeyEventTypeRawKeyDown
			if i+1 < len(events) && events[i+1].Type == input.DispatchKeyEventTypeChar && held == 0 {
				e.Type, e.Text, e.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, events[i+1].Text, events[i+1].UnmodifiedText
			}
		}
		b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, e)
			return chromedp.Void{}, err
		})
	}
}

// focused is the id of what has the focus.
func (b *tab) focused() string { b.t.Helper(); return eval[string](b, `document.activeElement.id`) }

// at is the path that the address line shows.
func (b *tab) at() string { b.t.Helper(); return eval[string](b, `location.pathname`) }

func TestAWholeShiftOfTenTalksByKeyboardAlone(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.open(s.invite("Rūta", ""))
	for b.focused() == "" && !eval[bool](b, `document.activeElement.matches("form button.main")`) {
		b.keys(kb.Tab)
	}
	b.turns(func() { b.keys(kb.Enter) })
	b.sees("Mano pokalbiai")
	var people []string
	for i := range 10 {
		id := fmt.Sprint("person", i)
		people = append(people, id)
		s.asks(id)
	}
	b.sees("(10)")
	who := func() string {
		t.Helper()
		path := b.at()
		i := slices.IndexFunc(people, func(id string) bool { return s.page(id) == path })
		if i < 0 {
			t.Fatalf("the page is %s", path)
		}
		return people[i]
	}

	// The map of the keys opens and closes. Letters act once she has chosen so there: nobody's talk is taken by a stray key.
	b.keys("n", "?")
	b.sees("kitas pokalbis, kuriame yra neskaitytų žinučių")
	if b.at() != "/desk" {
		t.Fatal("n takes somebody before she has chosen it")
	}
	b.check("keys")
	for b.focused() != "keys-on" {
		b.keys(kb.Tab)
	}
	b.keys(" ", kb.Escape)

	// Three at once: the list leads from one to the other, also while something is half written, which waits there.
	for range 3 {
		b.turns(func() { b.keys("n") })
	}
	third := who()
	b.keys("r", "Half a thought for "+third)
	b.turns(func() { b.chord(kb.ArrowDown, 1) })
	other := who()
	if other == third {
		t.Fatal("it is still the same talk")
	}
	b.keys("r", "Hello "+other)
	b.chord(kb.Enter, 2)
	s.soon("the words", func() bool { return strings.Contains(s.people.got(other), "Hello "+other) })
	s.says(third, "Are you there?")
	b.until("the mark of what is unread", func() bool { return eval[int](b, `document.querySelectorAll("nav.talks a.unread").length`) == 1 })
	b.sees("Are you there?") // the last words, in the list
	b.keys(kb.Escape)
	b.turns(func() { b.keys("u") })
	if who() != third {
		t.Fatalf("u leads to %s", who())
	}
	if got := eval[string](b, `document.getElementById("text").value`); got != "Half a thought for "+third {
		t.Errorf("the box holds %q", got)
	}
	b.keys("r")
	b.chord(kb.Enter, 2)
	s.soon("the thought", func() bool { return strings.Contains(s.people.got(third), "Half a thought for "+third) })
	b.until("the box is empty", func() bool { return eval[string](b, `document.getElementById("text").value`) == "" })
	b.keys(kb.Escape)

	// Each gets a prepared reply, found by its letters, and the talk ends; then comes the next.
	done := map[string]bool{}
	for {
		id := who()
		b.keys("r", "/")
		b.until("the prepared replies", func() bool { return b.focused() == "picker-find" })
		b.keys("aciu, kad")
		b.keys(kb.Enter)
		if got := eval[string](b, `document.getElementById("text").value`); !strings.HasPrefix(got, "Thank you for writing") {
			t.Fatalf("the box holds %q", got)
		}
		b.chord(kb.Enter, 2)
		s.soon("the reply", func() bool { return strings.Contains(s.people.got(id), "Thank you for writing") })
		b.until("the box is empty", func() bool { return eval[string](b, `document.getElementById("text").value`) == "" })
		b.keys(kb.Escape, "m", "A note about "+id)
		b.chord(kb.Enter, 2)
		s.soon("the note", func() bool { return strings.Contains(s.log(id), "A note about "+id) })
		b.keys(kb.Escape, "x")
		b.until("the question", func() bool { return strings.HasPrefix(b.focused(), "outcome-") })
		b.keys(" ", kb.Tab, " ") // what it came to, and that nobody else is needed
		if got := b.focused(); got != "referred-nobody" {
			t.Fatalf("after the outcome comes %q", got)
		}
		for b.focused() != "do-close" {
			b.keys(kb.Tab)
		}
		b.turns(func() { b.keys(kb.Enter) })
		b.sees("Pokalbis baigtas")
		done[id] = true
		if len(done) == 10 {
			break
		}
		if len(done) < 3 {
			b.turns(func() { b.keys("j") })
		} else {
			b.turns(func() { b.keys("n") })
		}
	}
	b.turns(func() { b.keys("q") })
	b.sees("Niekas nelaukia.")
	for _, id := range people {
		if s.case_(id).State != bot.Closed || strings.Contains(s.people.got(id), "A note") {
			t.Errorf("%s: %v\n%s", id, s.case_(id).State, s.people.got(id))
		}
	}
	// Whom single letters disturb, as those who speak to their machine, switches them off.
	b.keys("?")
	b.do(chromedp.Click("#keys-on"))
	b.keys(kb.Escape, "n")
	time.Sleep(300 * time.Millisecond)
	if strings.Contains(b.text(), "Niekas nelaukia.\n\nNiekas") {
		t.Error("n still asks for the next person")
	}
}

func TestATalkOpensAtItsEndWithTheBoxInView(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	at := s.asks("anna")
	ruta.act(at, "do", "take")
	for i := range 16 {
		s.says("anna", fmt.Sprintf("Line %d of what happened to me, and it is a long one, so that it takes some room.", i))
	}
	b := chromium(t, s)
	inView := func(selector string) bool {
		return eval[bool](b, fmt.Sprintf(`(function () { var r = document.querySelector(%q).getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight + 1 && r.height > 0; })()`, selector))
	}
	b.enters("Rūta", "")
	for _, size := range [][2]int64{{360, 640}, {1280, 800}, {740, 360}} {
		for _, scripts := range []bool{true, false} {
			b.size(size[0], size[1])
			b.scripts(scripts)
			b.open("/desk")
			b.open(at)
			b.scripts(true)
			name := fmt.Sprintf("%dx%d, scripts %v", size[0], size[1], scripts)
			if !inView("#text") {
				t.Errorf("%s: the box is out of view", name)
			}
			if size[1] > 600 && !inView("#log li:last-child") {
				t.Errorf("%s: the last words are out of view", name)
			}
		}
	}
}

// The figure for the desk's promise: with fifty talks in the list, what one key stroke costs the page, beside what it costs with one. It
// is measured where MEASURE is set, and told; no test holds a machine to it.
func TestFiftyTalksAtOnce(t *testing.T) {
	if os.Getenv("MEASURE") == "" {
		t.Skip("MEASURE is not set")
	}
	for _, talks := range []int{1, 50} {
		s := newSite(t)
		ruta := s.enters("Rūta", "")
		for i := range talks {
			id := fmt.Sprint("p", i)
			at := s.asks(id)
			ruta.act(at, "do", "take")
			for n := range 20 {
				s.says(id, fmt.Sprint("Words ", n))
			}
		}
		b := chromium(t, s)
		b.enters("Rūta", "")
		b.open(s.page("p0"))
		b.sees(fmt.Sprint("Mano pokalbiai: ", talks))
		eval[bool](b, `(window.handled = [], window.shown = [],
			document.addEventListener("keydown", function () {
				var at = performance.now();
				requestAnimationFrame(function () { var c = new MessageChannel(); c.port1.onmessage = function () { window.shown.push(performance.now() - at); }; c.port2.postMessage(0); });
				window.begin = at;
			}, true),
			window.addEventListener("input", function () { window.handled.push(performance.now() - window.begin); }), true)`)
		b.do(chromedp.Click("#text"))
		for i := range 300 {
			b.keys("a")
			time.Sleep(10 * time.Millisecond)
			if i%20 == 0 {
				s.says(fmt.Sprint("p", i%talks), "And more words, while she writes")
			}
		}
		for _, kind := range []string{"handled", "shown"} {
			took := eval[[]float64](b, `window.`+kind)
			slices.Sort(took)
			t.Logf("%d talks, %s: %d key strokes: median %.1f ms, p99 %.1f ms, longest %.1f ms", talks, kind, len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
		}
		if talks > 1 {
			begin := time.Now()
			b.turns(func() { b.keys(kb.Escape, "j") })
			t.Logf("to the next talk: %v", time.Since(begin))
		}
	}
}
