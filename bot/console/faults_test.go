package console_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/console"
	"patikra/bot/desk"
	"patikra/bot/library"
	"patikra/bot/web"
)

// house is a desk and the page that people come by, behind one address: two counsellors, a lead and three people, each in a browser of
// their own.
type house struct {
	*site
	page  *web.Web
	day   *library.Library // the desk is open
	night *library.Library // it is not
	known map[bot.Key]bool

	ruta, jonas, vida   *tab // counsellors, and a lead
	anna, berta, carla  *tab
	ofAnna, ofBerta, of bot.Key
}

// hours is the built-in files with other hours of the desk.
type hours struct {
	fs.FS
	desk string
}

func (h hours) Open(name string) (fs.File, error) {
	if name == "content/desk.yaml" {
		return fstest.MapFS{name: {Data: []byte(h.desk), Mode: 0o644}}.Open(name)
	}
	return h.FS.Open(name)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{site: newSite(t), known: map[bot.Key]bool{}}
	desk, err := fs.ReadFile(library.BuiltIn(), "content/desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	days := fmt.Sprintf("holidays: [%q, %q, ", now.Add(-12*time.Hour).Format("01-02"), now.Add(12*time.Hour).Format("01-02"))
	shut := strings.Replace(string(desk), "holidays: [", days, 1)
	open, _, _ := strings.Cut(string(desk), "hours:")
	_, rest, _ := strings.Cut(string(desk), "first-answer:")
	for _, l := range []struct {
		to   **library.Library
		desk string
	}{{&h.day, open + "hours:\n  - mon-sun 00:00-24:00\nholidays: []\nfirst-answer:" + rest}, {&h.night, shut}} {
		if *l.to, err = library.Open(hours{library.BuiltIn(), l.desk}); err != nil {
			t.Fatal(err)
		}
	}
	h.bot.Always, h.bot.Draws = false, map[string]bool{web.Name: true}
	h.bot.Publish(h.day)
	set := console.Settings{URL: h.url, Secrets: h.ring.Secrets}
	if h.page, err = web.New(web.Settings{URL: h.url, Secrets: h.ring.Secrets, NoLimit: true, Writes: func(at bot.Address) { h.console.Typing(at) }}, h.bot, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	set.Writes, set.Sight = h.page.Types, h.page.Sight
	if h.console, err = console.New(set, h.bot, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	run, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.console.Run(run) }()
	t.Cleanup(func() { cancel(); <-done })
	h.srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, console.Path) {
			h.console.ServeHTTP(w, r)
		} else {
			h.page.ServeHTTP(w, r)
		}
	})
	b := chromium(t, h.site)
	h.ruta, h.jonas, h.vida, h.anna, h.berta, h.carla = b, b.apart(), b.apart(), b.apart(), b.apart(), b.apart()
	return h
}

// apart is a tab of somebody else, who shares nothing with this one.
func (b *tab) apart() *tab { b.t.Helper(); return b.more(chromedp.WithNewBrowserContext()) }

// more is a further tab.
func (b *tab) more(opts ...chromedp.ContextOption) *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, opts...)
	b.t.Cleanup(cancel)
	c := &tab{t: b.t, s: b.s, ctx: ctx}
	c.size(1280, 800)
	return c
}

// fills puts words into a field: of keys that are pressed fast, a browser under load loses some.
func (b *tab) fills(field, words string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(document.querySelector(%q).value = %q, true)`, field, words))
}

// sends presses the button by the words, wherever it stands.
func (b *tab) sends() {
	b.t.Helper()
	b.turns(func() { eval[bool](b, `(document.querySelector(".write button").click(), true)`) })
}

// leaves has the page gone, without a word.
func (b *tab) leaves() { b.t.Helper(); b.do(chromedp.Navigate("about:blank")) }

// label presses the button of that name, or ticks what stands beside it.
func (b *tab) label(words string) {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf(`(function () {
		var all = [].slice.call(document.querySelectorAll("button, .tick"));
		var it = all.find(function (e) { return e.textContent.trim() === %q; });
		if (it) (it.querySelector("input") || it).click();
		return !!it;
	})()`, words)) {
		b.t.Fatalf("there is no %q on\n%s", words, b.text())
	}
}

// begins takes a person to the first question.
func (b *tab) begins(lang string) {
	b.t.Helper()
	b.open("/" + lang + "/")
	b.click("button.main")
	b.click(`button[value^="next"]`)
}

// reach opens what is folded and presses a button.
func (b *tab) reach(data string) {
	b.t.Helper()
	eval[bool](b, `(document.querySelectorAll("details").forEach(function (d) { d.open = true; }), true)`)
	b.click(`button[value="` + data + `"]`)
}

// asks has a person on the page ask for a human, and finds the case that was not there before.
func (h *house) asks(b *tab) bot.Key {
	h.t.Helper()
	b.reach("human")
	b.click(`button[value="human:agree"]`)
	return h.newest()
}

func (h *house) newest() bot.Key {
	h.t.Helper()
	cases, err := h.bot.Cases(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	var found []bot.Key
	for _, m := range cases {
		if !h.known[m.Key] {
			found = append(found, m.Key)
			h.known[m.Key] = true
		}
	}
	if len(found) != 1 {
		h.t.Fatalf("%d cases are new", len(found))
	}
	return found[0]
}

func (h *house) case_(k bot.Key) bot.Session {
	h.t.Helper()
	s, err := h.bot.Case(context.Background(), k)
	if err != nil || s.Case == nil {
		h.t.Fatalf("no case: %v", err)
	}
	return s
}

// log is what was said in a case.
func (h *house) log(k bot.Key) string {
	h.t.Helper()
	lines, err := h.bot.Log(context.Background(), k, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprint(lines)
}

// due lets the case's next time come at once.
func (h *house) due(k bot.Key) {
	h.t.Helper()
	c := h.case_(k).Case
	if _, err := h.bot.Handle(context.Background(), bot.Update{From: c.Person, Kind: bot.Due, At: time.Unix(c.Due, 0)}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) at(k bot.Key) string { return console.CasePath(h.console, k) }

// takes opens a case at the desk and takes it.
func (h *house) takes(b *tab, k bot.Key) {
	h.t.Helper()
	b.open(h.at(k))
	b.click("#do-take")
}

// writes has a counsellor write to the person.
func (h *house) writes(b *tab, words string) {
	h.t.Helper()
	b.fills("#text", words)
	b.do(chromedp.Click(`button[value="say"]`))
	b.until("the words are in the talk", func() bool {
		return strings.Contains(eval[string](b, `document.getElementById("log").innerText`), words)
	})
}

// called reports what calls a counsellor's page.
func (b *tab) called() string {
	return eval[string](b, `document.getElementById("news").dataset.calls || ""`)
}

// shown waits until a person's page holds some words: by itself, or in a short walk when it is loaded anew.
func (h *house) shown(b *tab, words string) {
	h.t.Helper()
	if !everyFault {
		b.open("/lt/check")
	}
	b.sees(words)
}

// long goes through a part of the walk that is left out of a short one.
func (h *house) long(f func()) {
	if everyFault {
		f()
	}
}

// Each part is a fault by which people were lost or told what was not true, with what happens in its place. Pictures have a test of their
// own, and so has an hour without a press, for which a clock must be turned.
func TestTwoCounsellorsALeadAndThreePeopleThroughEveryFaultOfTheDesk(t *testing.T) {
	h := newHouse(t)
	h.ruta.enters("Rūta", "")
	h.vida.enters("Vida", desk.Lead)
	h.ruta.click("#duty-button")

	h.anna.begins("lt")
	h.anna.label("18 arba daugiau")
	h.anna.until("what has happened is asked", func() bool { return eval[bool](h.anna, `!!document.querySelector(".tick")`) })
	h.anna.label("Man arba mano artimiesiems grasina")
	h.anna.click(`button[value^="next"]`)
	h.ofAnna = h.asks(h.anna)
	h.neverASecondTalk()
	h.callsUntilItIsTaken()
	h.heldByWhoHasGone()
	h.long(h.aWayBack)
	h.signedOutAloud()
	h.long(h.theCountryOfThePerson)
	h.long(h.aCallInTheCounsellorsLanguage)
	h.lastWords()
}

// neverASecondTalk: whatever address is opened, the talk goes on, and there is no second one.
func (h *house) neverASecondTalk() {
	words := h.case_(h.ofAnna).Case.Word
	second := h.anna.more()
	for i, at := range []struct {
		b    *tab
		path string
	}{{h.anna, "/lt/"}, {second, "/en/"}, {second, "/uk/?start=at-work"}, {h.anna, "/lt/?from=radio"}, {second, "/"}} {
		if !everyFault && i > 2 {
			break
		}
		at.b.open(at.path)
		if n := eval[int](at.b, `document.querySelectorAll("main button.way, main button[value^='menu']").length`); n > 0 {
			h.t.Errorf("%s offers %d other things to begin", at.path, n)
		}
		if eval[string](at.b, `document.querySelector("main").dataset.screen`) == "start" {
			at.b.click("button.main")
		}
		at.b.sees(words)
	}
	h.anna.open("/lt/check")
	h.anna.fills("#text", "Jis jau prie durų")
	h.anna.sends()
	h.ruta.sees("(1)")
	if cases, err := h.bot.Cases(context.Background()); err != nil || len(cases) != 1 {
		h.t.Errorf("%d cases, %v", len(cases), err)
	}
	if log := h.log(h.ofAnna); !strings.Contains(log, "prie durų") {
		h.t.Errorf("what she wrote after all that is not in the talk:\n%s", log)
	}
}

// callsUntilItIsTaken: whoever waits in danger calls who is on duty, then the lead too, on and on; no line has a hole in it.
func (h *house) callsUntilItIsTaken() {
	h.ruta.until("it calls whoever is on duty", func() bool { return h.ruta.called() == "danger" })
	if !strings.HasPrefix(eval[string](h.ruta, `document.title`), "(1)") {
		h.t.Error("the title has no number")
	}
	if got := h.vida.called(); got != "" {
		h.t.Errorf("the lead is called at once: %q", got)
	}
	for range 3 {
		h.due(h.ofAnna)
	}
	if c := h.case_(h.ofAnna).Case; c.State != bot.Lapsed {
		h.t.Fatalf("after three times it is %v", c.State)
	}
	h.vida.until("it calls the lead too", func() bool { return h.vida.called() == "danger" })
	h.due(h.ofAnna)
	h.shown(h.anna, "Konsultantai kol kas užimti")
	h.ruta.open(h.at(h.ofAnna))
	h.ruta.sees("Žmogui pasakyta paskambinti")
	if text := eval[string](h.ruta, `document.getElementById("log").innerText`); strings.ContainsAny(text, "{}") {
		h.t.Errorf("a line has a hole in it:\n%s", text)
	}
	if h.ruta.called() != "danger" {
		h.t.Error("it calls no more, and nobody has taken it")
	}
}

// heldByWhoHasGone: whoever signs out gives each talk back, and whoever does not answer loses it; the person is told the truth.
func (h *house) heldByWhoHasGone() {
	h.takes(h.ruta, h.ofAnna)
	h.shown(h.anna, "Su jumis kalba konsultantas")
	h.ruta.until("it calls nobody", func() bool { return h.ruta.called() != "danger" })
	h.jonas.enters("Jonas", "")
	h.takes(h.jonas, h.beginsBerta())
	h.jonas.click(`form[action="/desk/out"] button`)
	h.jonas.sees("Jūs dar kalbate su žmonėmis")
	h.jonas.click("#give-back")
	h.shown(h.berta, "Konsultantas turėjo pasitraukti")
	h.vida.sees(h.case_(h.ofBerta).Case.Word)

	h.ruta.leaves() // her page is gone, and she says nothing
	h.anna.fills("#text", "Ar jūs dar čia?")
	h.anna.sends()
	h.due(h.ofAnna)
	h.due(h.ofAnna)
	h.vida.until("the lead is called to a talk that nobody answers", func() bool { return h.vida.called() == "answer" })
	h.due(h.ofAnna)
	if c := h.case_(h.ofAnna).Case; c.State != bot.Waiting {
		h.t.Fatalf("a talk that nobody answers is %v", c.State)
	}
	h.shown(h.anna, "Jūsų žinutė laukia konsultantų")
	if log := h.log(h.ofAnna); !strings.Contains(log, "Konsultantas kol kas neatsako. Jūs vėl eilėje") {
		h.t.Errorf("she is not told why:\n%s", log)
	}
	h.due(h.ofAnna)
	h.due(h.ofAnna)
	h.vida.until("the lead is called for whoever waits again", func() bool { return h.vida.called() == "danger" })
}

// beginsBerta has the second person ask.
func (h *house) beginsBerta() bot.Key {
	h.berta.begins("lt")
	h.ofBerta = h.asks(h.berta)
	return h.ofBerta
}

// aWayBack: who is told to wait for the morning is told the truth, and can close the browser.
func (h *house) aWayBack() {
	h.bot.Publish(h.night)
	dora := h.anna.apart()
	dora.begins("lt")
	k := h.asks(dora)
	dora.sees("Dabar konsultantų nėra. Jie atsakys")
	if text := dora.text(); strings.Contains(text, "mato pirmą eilėje") || !strings.Contains(text, "8 800") && !strings.Contains(text, "+370") {
		h.t.Errorf("at night she reads\n%s", text)
	}
	dora.click(`button[value="human:return"]`)
	words, digits := eval[string](dora, `document.querySelector(".returned span").textContent`), eval[string](dora, `document.querySelector(".returned strong").textContent`)
	dora.leaves()
	h.bot.Publish(h.day)
	h.takes(h.vida, k)
	h.writes(h.vida, "Labas rytas, skaitau, ką parašėte.")
	back := h.anna.apart() // another browser, on another day
	back.open("/lt/return")
	back.fills("#words", words)
	back.fills("#digits", digits)
	back.click("button.main")
	back.sees("Labas rytas, skaitau, ką parašėte.")
	h.vida.open("/desk")
}

// signedOutAloud: a session that ends says so above everything, and whoever waits is shown to somebody else.
func (h *house) signedOutAloud() {
	ctx, now := context.Background(), time.Now()
	token, _, err := h.bot.Invite(ctx, "Jonas", desk.Counsellor, now.Add(-712*time.Minute))
	if err != nil {
		h.t.Fatal(err)
	}
	_, cookie, err := h.bot.Enter(ctx, token, now.Add(-712*time.Minute))
	for ago := 700 * time.Minute; ago >= 0 && err == nil; ago -= 30 * time.Minute {
		_, _, err = h.bot.Visitor(ctx, cookie, true, now.Add(-ago))
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.jonas.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: h.console.Name(), Value: cookie, URL: h.url})
		return chromedp.Void{}, err
	})
	h.jonas.open("/desk")
	h.jonas.sees("baigsis ilgiausias prisijungimo laikas")
	if !strings.HasPrefix(eval[string](h.jonas, `document.title`), "⚠") {
		h.t.Error("the title of a page whose session is about to end says nothing")
	}
	if err := h.bot.SignOut(ctx, cookie, time.Now()); err != nil { // as its time does
		h.t.Fatal(err)
	}
	h.berta.fills("#text", "Ar kas nors yra?")
	h.berta.sends()
	h.jonas.sees("Jūs atsijungę, todėl čia niekas jūsų nepasiekia")
	if text := h.jonas.text(); strings.Contains(text, h.case_(h.ofBerta).Case.Word) {
		h.t.Error("people's words stay on a page whose session has ended")
	}
}

// theCountryOfThePerson: who is in another country is told its number by everybody.
func (h *house) theCountryOfThePerson() {
	h.carla.begins("lt")
	h.carla.reach("numbers")
	h.carla.label("Pasirinkti šalį")
	h.carla.until("a country is asked for", func() bool { return eval[bool](h.carla, `!!document.querySelector("#text[list]")`) })
	h.carla.fills("#text", "Jungtinės Valstijos")
	h.carla.sends()
	h.carla.sees("911")
	h.carla.reach("back:here")
	h.of = h.asks(h.carla)
	h.takes(h.vida, h.of)
	h.vida.until("the number for danger is her country's", func() bool {
		return strings.Contains(eval[string](h.vida, `document.querySelector(".danger-number").innerText`), "911")
	})
	for _, o := range eval[[]string](h.vida, `[].map.call(document.querySelectorAll("#reply option"), function (o) { return o.dataset.text || ""; })`) {
		if strings.Contains(o, "112") {
			h.t.Errorf("a prepared reply names another number: %s", o)
		}
	}
	h.vida.open("/desk")
}

// aCallInTheCounsellorsLanguage: what a person chose in Ukrainian is read in Lithuanian, and the number is dialled by a press.
func (h *house) aCallInTheCounsellorsLanguage() {
	olena := h.anna.apart()
	olena.begins("uk")
	olena.reach("human")
	olena.click(`button[value="human:call"]`)
	olena.fills("#text", "+380 67 123 4567")
	olena.sends()
	olena.click(`button[value^="human:hours"]`)
	olena.click(`button[value="human:voice.1"]`)
	olena.click(`button[value="human:else.0"]`)
	olena.click(`button[value="human:send"]`)
	h.takes(h.vida, h.newest())
	card := eval[string](h.vida, `document.getElementById("card").innerText`)
	if !strings.Contains(card, "Kada: Kai tik galėsite") || !strings.Contains(card, "Jei atsilieptų kitas: Suklydome numeriu") {
		h.t.Errorf("the counsellor reads\n%s", card)
	}
	if !eval[bool](h.vida, `!!document.querySelector('#card a[href="tel:+380671234567"]')`) {
		h.t.Error("the number cannot be dialled by a press")
	}
	h.vida.open("/desk")
}

// lastWords: what a counsellor wrote last can be read after the end, and a counsellor learns whether it was.
func (h *house) lastWords() {
	h.takes(h.vida, h.ofBerta)
	h.writes(h.vida, "Nueikite į Gedimino g. 5, ten jūsų lauks")
	h.shown(h.berta, "Gedimino g. 5")
	h.long(func() { h.vida.sees("Viskas, ką rašėte, jam parodyta") })
	h.writes(h.vida, "Antras aukštas, kairėje")
	h.vida.do(chromedp.Click("#closing summary"), chromedp.Click("#outcome-unclear"), chromedp.Click("#referred-nobody"))
	h.vida.click("#do-close")
	h.shown(h.berta, "baigtas")
	h.berta.open("/lt/check")
	if !strings.Contains(h.berta.text(), "Antras aukštas") {
		h.berta.click(`button[value="human:last"]`)
	}
	h.berta.sees("Antras aukštas, kairėje")
	h.long(func() {
		h.vida.click("#do-reopen")
		h.berta.open("/lt/check")
		h.berta.sees("Antras aukštas, kairėje")
		if got := eval[string](h.berta, `document.querySelector("main").dataset.screen`); got != "talk" {
			h.t.Errorf("the talk is open again, and she sees %q", got)
		}
	})
}
