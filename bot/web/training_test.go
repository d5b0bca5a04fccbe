package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

func TestATrainingInABrowserEndsWithACertificateThatKeepsTheNameToItself(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	press := func(selector string) {
		b.click(selector)
		time.Sleep(120 * time.Millisecond) // a reader's pace: the limit is ten requests a second
	}
	b.open("/lt/?from=recognise")
	press("button.main")
	b.check("training intro")
	press(`button[value^="next"]`)
	n, told := 0, 0
	for ; n < 60 && b.screen() != "result"; n++ {
		if b.screen() == "question" {
			if n == 0 || n == 5 {
				b.check(fmt.Sprint("training question ", n))
			}
			press(".answers button:last-child")
			continue
		}
		if told++; told == 1 {
			b.check("training explanation")
		}
		press(`button[value^="next"]`)
	}
	if b.screen() != "result" || told != 8 {
		t.Fatalf("after %d screens and %d explanations:\n%s", n, told, b.text())
	}
	b.check("training end")
	if !strings.Contains(b.text(), "+370") {
		t.Errorf("no number at the end:\n%s", b.text())
	}
	link := eval[string](b, `document.querySelector("a.open").getAttribute("href")`)
	b.open(link)
	b.check("certificate")
	if !strings.Contains(b.text(), "Atpažinti") && !strings.Contains(b.text(), "požym") {
		t.Errorf("the certificate does not name its module:\n%s", b.text())
	}

	// A name is typed: nothing is asked of the server any more, nothing is kept in the browser, and the name is on the paper.
	const name = "Rasa Rasaitė"
	eval[bool](b, `(window.asked = 0, new PerformanceObserver(l => window.asked += l.getEntries().length).observe({type: "resource"}), true)`)
	b.do(chromedp.SendKeys("#who", name))
	if got := eval[string](b, `document.getElementById("who").value`); got != name {
		t.Errorf("the name reads %q", got)
	}
	time.Sleep(300 * time.Millisecond)
	if asked := eval[int](b, `window.asked`); asked != 0 {
		t.Errorf("after the name was typed %d things were fetched", asked)
	}
	if kept := eval[string](b, `JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie + location.href`); strings.Contains(kept, "Rasa") {
		t.Errorf("the browser keeps the name: %s", kept)
	}
	if form := eval[bool](b, `!!document.querySelector("form")`); form {
		t.Error("there is a form that could send the name")
	}
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return chromedp.Void{}, err
	})
	if shown := eval[string](b, `[...document.querySelectorAll(".screen-only, .print")].filter(e => e.offsetParent !== null).map(e => e.textContent).join()`); shown != "" {
		t.Errorf("on paper stands %q", shown)
	}
	if there := eval[bool](b, `document.getElementById("who").offsetParent !== null`); !there {
		t.Error("the name is not on the paper")
	}
	b.picture("certificate on paper")
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "certificate.txt"), []byte(b.text()), 0o600); err != nil {
			t.Error(err)
		}
	}

	for _, wrong := range []string{"x", link[strings.LastIndex(link, "/")+1:] + "x", "recognise.2026-11-23.aaaaaaaaaaaaaaaaaaaaaa", strings.Replace(link[strings.LastIndex(link, "/")+1:], "recognise", "respond", 1)} {
		b.open("/lt/certificate/" + wrong)
		if strings.Contains(b.text(), "Pažym") && b.screen() == "certificate" || !strings.Contains(b.text(), "+370") {
			t.Errorf("%s is shown as a certificate:\n%s", wrong, b.text())
		}
	}
}
