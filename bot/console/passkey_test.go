package console_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"go.uber.org/zap"

	"patikra/bot/console"
	"patikra/bot/desk"
)

// A real browser with a device of its own, which shows a finger to whoever asks.
func TestAPasskeyIsAWayBackInAndNothingOfItCanBeUsedTwice(t *testing.T) {
	s := newSite(t)
	s.url = strings.Replace(s.url, "127.0.0.1", "localhost", 1) // passkeys belong to a name
	before := s.console
	var err error
	if s.console, err = console.New(console.Settings{URL: s.url, Secrets: s.ring.Secrets}, s.bot, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	before.Close()
	b := chromium(t, s)
	if _, err := chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	device, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	if err != nil {
		t.Fatal(err)
	}
	keeps := func() { // what the page sends stays to be sent again
		eval[bool](b, `(window.fetch = (f => (to, o) => { if (o && String(o.body).includes("answer=")) sessionStorage.setItem("sent", String(o.body)); return f(to, o); })(window.fetch), true)`)
	}
	sent := func() url.Values {
		t.Helper()
		form, err := url.ParseQuery(eval[string](b, `sessionStorage.getItem("sent") || ""`))
		if err != nil || form.Get("answer") == "" {
			t.Fatalf("nothing was sent: %v %v", form, err)
		}
		return form
	}
	again := func(path string, form url.Values) int {
		t.Helper()
		return eval[int](b, `fetch("`+path+`", { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: "`+form.Encode()+`" }).then(r => r.status)`)
	}
	keys := func() int {
		t.Helper()
		all, err := s.bot.Accounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(all.Find("ruta").Keys)
	}

	b.enters("Rūta", desk.Lead)
	eval[bool](b, `(document.querySelector("#add-key").marked = true)`)
	b.do(chromedp.Click(`header .brand a`)) // a page that takes another's place has the buttons too
	b.until("the button on the next page", func() bool {
		return eval[bool](b, `(f => !!f && !f.marked && !f.hidden)(document.querySelector("#add-key"))`)
	})
	keeps()
	b.do(chromedp.Click("#passkeys summary"))
	b.click("#add-key-button")
	b.sees("Prieigos raktai (1)")
	if keys() != 1 {
		t.Fatalf("%d passkeys are kept", keys())
	}
	b.do(chromedp.Click("#passkeys summary"))
	b.sees("Pridėtas")
	for _, wide := range []int64{1280, 360} {
		b.size(wide, 800)
		b.check("passkeys " + map[int64]string{1280: "wide", 360: "phone"}[wide])
	}
	if code := again("/desk/key", sent()); code != 409 || keys() != 1 {
		t.Errorf("added twice by one answer: %d, %d passkeys", code, keys())
	}
	b.click(`form[action="/desk/out"] button`)

	// Back in, without a link.
	b.sees("Prisijungti prieigos raktu")
	b.check("enter with a passkey")
	keeps()
	b.click("#enter-key-button")
	b.sees("Mano pokalbiai")
	used := sent()
	if code := again("/desk/enter/key", used); code != 403 {
		t.Errorf("entered twice by one answer: %d", code)
	}
	b.open("/desk/deeds")
	b.sees("prisijungė prieigos raktu")
	b.sees("pridėjo prieigos raktą")
	b.open("/desk/team")
	b.sees("Prieigos raktų: 1")
	b.check("team with passkeys")
	if high := eval[int](b, `document.querySelector(".entry strong").offsetHeight`); high > 40 {
		t.Errorf("a name is %d px high beside the buttons", high)
	}
	b.click(`form[action="/desk/out"] button`)

	// Who the device did not make sure of, and who has not signed, stay outside.
	yes := true
	for what, bits := range map[string]webauthn.SetResponseOverrideBitsParams{"no finger": {IsBadUV: &yes}, "no signature": {IsBogusSignature: &yes}} {
		bits.AuthenticatorID = device.AuthenticatorID
		if _, err := chromedp.Call(b.ctx, webauthn.SetResponseOverrideBits, bits); err != nil {
			t.Fatal(err)
		}
		b.open("/desk/enter")
		b.do(chromedp.Click("#enter-key-button"))
		b.sees("Prisijungti prieigos raktu nepavyko")
		if b.open("/desk"); !strings.Contains(b.text(), "Prisijungimas") {
			t.Errorf("%s: they are in", what)
		}
	}
	if _, err := chromedp.Call(b.ctx, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: device.AuthenticatorID}); err != nil {
		t.Fatal(err)
	}

	// A lead takes it away: it opens nothing any more, and what it had opened is closed.
	lead := s.enters("Jonas", desk.Lead)
	lead.get("/desk/team")
	lead.post("/desk/team", lead.form("do", "unkey", "id", "ruta"))
	if keys() != 0 {
		t.Fatalf("%d passkeys are left", keys())
	}
	b.open("/desk/enter")
	b.do(chromedp.Click("#enter-key-button"))
	b.sees("Prisijungti prieigos raktu nepavyko")
}

func TestAPasskeyAnswersOnlyTheSessionThatAsked(t *testing.T) {
	s := newSite(t)
	token := s.bot.SealCeremony("one session", []byte("challenge"))
	if got, err := s.bot.OpenCeremony("one session", token); err != nil || string(got) != "challenge" {
		t.Errorf("%q %v", got, err)
	}
	for of, token := range map[string]string{"another": token, "one session": "A" + token, "": token, "enter": ""} {
		if got, err := s.bot.OpenCeremony(of, token); err == nil {
			t.Errorf("%s opens %q", of, got)
		}
	}
	// There are none where the program's address is a number.
	if b := s.enters("Rūta", ""); strings.Contains(b.body, `id="passkeys"`) {
		t.Error("passkeys for a number")
	}
}
