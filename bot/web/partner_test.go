package web_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"patikra/bot/engine"
)

// frame is the frame that a tab shows. The page around it is of another site, so the browser keeps it apart from that.
func (b *tab) frame() *tab {
	b.t.Helper()
	var in *tab
	b.until("the frame", func() bool {
		all, err := chromedp.Targets(b.ctx)
		if err != nil {
			return false
		}
		for _, x := range all {
			if x.Type == "iframe" {
				ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(x.TargetID))
				b.t.Cleanup(cancel)
				in = &tab{t: b.t, s: b.s, ctx: ctx}
				return true
			}
		}
		return false
	})
	return in
}

// says evaluates in a page that may be about to go away.
func (b *tab) says(js string) string {
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](js, func(p *runtime.EvaluateParams) {
		pressed := true
		p.UserGesture = &pressed
	}))
	if err != nil {
		return ""
	}
	return v
}

// touch presses what fits the selector, as soon as it is there, and waits until that page is another.
func (b *tab) touch(selector string) {
	b.t.Helper()
	b.until(selector, func() bool {
		return b.says(fmt.Sprintf(`document.readyState === "complete" && document.querySelector(%q) ? (window.marked = "yes") : ""`, selector)) == "yes"
	})
	b.says(fmt.Sprintf(`(document.querySelector(%q).click(), "")`, selector))
	b.until("the page after "+selector, func() bool { return b.says(`window.marked ? "" : document.readyState`) == "complete" })
}

func TestOnAnotherSiteATalkTakesPlaceInItsFrameOnlyWhereThatIsListed(t *testing.T) {
	s := newSite(t)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	l := listen(t)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	// The page itself is at 127.0.0.1. A browser takes each of these names for a site of its own.
	listed, unlisted := "http://localhost:"+port, "http://miestas.localhost:"+port
	s.bot.Library().Catalog.Site.Frames = []string{listed}
	s.bot.Library().Catalog.Site.Exit = "http://orai.localhost:" + port + "/orai"
	town := http.Server{ReadTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		body := fmt.Sprintf(`<script src="%s/embed.js" data-lang="lt" async></script>`, s.url)
		switch r.URL.Path {
		case "/orai":
			body = "Orai"
		case "/forced":
			body = fmt.Sprintf(`<iframe src="%s/in/lt/" onload="document.title='loaded'"></iframe>`, s.url)
		}
		fmt.Fprintf(w, `<!doctype html><html lang="lt"><title>Miestas</title><body>%s</body></html>`, body)
	})}
	go town.Serve(l)
	t.Cleanup(func() { town.Close() })
	b := chromium(t, s, chromedp.Flag("disable-features", "Translate"), chromedp.Flag("site-per-process", true))
	load := func(site string) *tab {
		t.Helper()
		b.do(chromedp.Navigate(site + "/"))
		b.until("the button", func() bool { return b.says(`document.querySelector("button") ? "yes" : ""`) == "yes" })
		b.says(`(document.querySelector("button").click(), "")`)
		return b.frame()
	}
	asks := func(in *tab) {
		t.Helper()
		for _, button := range []string{`button[value="next"]`, `button[value="next"], button[value^="next:"]`, `button[value="human"]`} {
			in.touch(button)
		}
	}

	in := load(listed)
	asks(in)
	in.touch(`button[value="human:agree"]`)
	if got := in.says(`location.pathname + " " + !!document.querySelector("#talk")`); got != "/in/lt/check true" {
		t.Fatalf("a listed site has no talk in its frame, but %s\n%s", got, in.text())
	}
	id := in.says(`document.querySelector("input[name=session]").value`)
	in = load(listed) // the cookie of this site is kept
	if text := in.text(); !strings.Contains(text, "Tęsti pokalbį") {
		t.Errorf("loaded again the frame shows\n%s", text)
	}
	in.says(`(document.querySelector('[formaction="/out"], .exit').click(), "")`)
	b.until("the way out of the frame and its page", func() bool { return b.says(`location.pathname`) == "/orai" })
	s.gone(t, id, "out of a frame")

	in = load(unlisted)
	asks(in)
	if got := in.says(`location.pathname.split("/")[1] + " " + !!document.querySelector("#talk, button[value='human:agree']") + " " + !!document.querySelector('form[action="/f/lt/own"]')`); got != "f false true" {
		t.Errorf("another site is shown in its frame: %s\n%s", got, in.text())
	}
	b.open("/f/lt/check") // the same address at the top is another site's place for cookies
	if b.screen() != "start" {
		t.Errorf("the cookie of the frame is good outside of it: %s", b.text())
	}
	for site, want := range map[string]string{listed: "http:", unlisted: "chrome-error:"} {
		b.do(chromedp.Navigate(site + "/forced"))
		b.until("the frame's answer", func() bool { return b.says(`document.title`) == "loaded" })
		if got := b.frame().says(`location.protocol`); got != want {
			t.Errorf("%s frames the page where a talk may take place: %s, not %s", site, got, want)
		}
	}
}
