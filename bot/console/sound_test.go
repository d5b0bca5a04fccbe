package console_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"patikra/bot/desk"
)

// What is heard is written down tone by tone as the page's script draws it.
func TestTheChosenSoundCallsAndDangerIsLouderAndAnother(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.enters("Rūta", "")
	hears := func() {
		t.Helper()
		eval[bool](b, `(() => {
			window.heard = [];
			AudioContext.prototype.createOscillator = (f => function () { const o = f.call(this); o.start = (f => function (at) { heard.push(o.type + " " + Math.round(o.frequency.value)); f.call(o, at); })(o.start); return o; })(AudioContext.prototype.createOscillator);
			window.loudest = 0;
			AudioParam.prototype.linearRampToValueAtTime = (f => function (v, at) { loudest = Math.max(loudest, v); return f.call(this, v, at); })(AudioParam.prototype.linearRampToValueAtTime);
			return true;
		})()`)
	}
	heard := func(button string) string {
		t.Helper()
		eval[bool](b, `(heard = [], loudest = 0, true)`)
		b.do(chromedp.Click(button))
		b.until("a sound", func() bool { return eval[int](b, `heard.length`) > 0 })
		return eval[string](b, `heard.join() + " at " + loudest`)
	}
	hears()
	b.do(chromedp.Click("h1"), chromedp.Click("#sounds summary"))
	if got := heard("#sound-try"); got != "sine 660,sine 880 at 0.3" {
		t.Errorf("nothing was chosen: %s", got)
	}
	for _, choice := range []string{`["sound-tune","bell"]`, `["sound-level","quiet"]`} {
		eval[bool](b, fmt.Sprintf(`(([id, to]) => { const s = document.getElementById(id); s.value = to; s.dispatchEvent(new Event("change", { bubbles: true })); return true; })(%s)`, choice))
	}
	if got := heard("#sound-try"); got != "sine 1047,sine 1568 at 0.12" {
		t.Errorf("a quiet bell: %s", got)
	}
	if got := heard("#sound-try-danger"); got != "square 1309,square 1960,square 1571,square 2352,square 1309,square 1960,square 1571,square 2352 at 0.5" {
		t.Errorf("danger is %s", got)
	}
	s.soon("the choice is kept", func() bool {
		all, err := s.bot.Accounts(t.Context())
		return err == nil && all.Find("ruta").Tune == "bell" && all.Find("ruta").Level == "quiet"
	})
	for _, wide := range []int64{1280, 360} {
		b.size(wide, 800)
		b.check(fmt.Sprint("sounds ", wide))
	}

	// It is the account's: a case that waits rings so on any page, and a choice that there is not is refused.
	b.click("#duty-button")
	b.open("/desk")
	hears()
	b.do(chromedp.Click("h1"))
	s.asks("anna")
	b.until("the case rings", func() bool { return eval[string](b, `heard.join()`) == "sine 1047,sine 1568" })
	ruta := s.enters("Jonas", desk.Lead)
	if ruta.post("/desk/sound", ruta.form("tune", "siren", "level", "loud")); ruta.code != 400 {
		t.Errorf("a sound that there is not: %d", ruta.code)
	}
}
