package main

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
)

// tab is a tab of a browser.
type tab struct {
	p   *program
	ctx context.Context
}

func (g *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	g.p.t.Helper()
	for _, step := range steps {
		ctx, cancel := context.WithTimeout(g.ctx, 30*time.Second)
		err := chromedp.Do(ctx, step)
		cancel()
		if err != nil {
			g.p.t.Fatal(err)
		}
	}
}

// js evaluates what is true or false.
func (g *tab) js(script string) bool {
	ok, err := chromedp.Run(g.ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
	return err == nil && ok
}

func (g *tab) text(script string) string {
	g.p.t.Helper()
	s, err := chromedp.Run(g.ctx, chromedp.Evaluate[string](script))
	if err != nil {
		g.p.t.Fatal(err)
	}
	return s
}

// until waits for a script to say true.
func (g *tab) until(script string) {
	g.p.t.Helper()
	for end := time.Now().Add(30 * time.Second); !g.js(script); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			g.p.t.Fatalf("%s: never; the page is\n%s", script, g.text(`document.body.innerText`))
		}
	}
}

// press presses a button and waits for the page after it.
func (g *tab) press(selector string) {
	g.p.t.Helper()
	g.js(fmt.Sprintf(`(window.marked = true, document.querySelector(%q).scrollIntoView({block: "center"}), true)`, selector)) // not under what sticks to the end of the window
	g.do(chromedp.Click(selector))
	g.until(`window.marked !== true && document.readyState === "complete"`)
}
