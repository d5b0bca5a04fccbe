package console_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"
	"go.uber.org/zap"

	"patikra/bot/console"
	"patikra/bot/desk"
	"patikra/bot/push"
	"patikra/bot/push/pushtest"
)

// caller is a site whose browsers are called by a push service on this machine.
type caller struct {
	*site
	push    *push.Pusher
	service *pushtest.Service
}

func newCaller(t *testing.T) *caller {
	t.Helper()
	s := &caller{site: newSite(t), service: pushtest.New(t)}
	s.push = push.New(push.Settings{Subject: "https://patikra.example", Services: []string{s.service.Host()}, Roots: s.service.Roots(), Inside: true,
		Open: func(account string) bool { return s.console.Open(account) }}, s.bot, zap.NewNop())
	s.bot.Calls = s.push.Call
	before := s.console
	var err error
	if s.console, err = console.New(console.Settings{URL: s.url, Secrets: s.ring.Secrets, Pusher: s.push}, s.bot, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	before.Close()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { s.push.Run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return s
}

// switches sends what the page's script sends.
func (s *caller) switches(b *browser, do string, x desk.Browser, away string) {
	s.t.Helper()
	b.get("/desk")
	b.post("/desk/push", url.Values{"form": {b.form().Get("form")}, "do": {do}, "endpoint": {x.Endpoint}, "key": {x.Key}, "auth": {x.Auth}, "away": {away}})
}

func TestTheSwitchTakesABrowserOfAPushServiceAndNothingElse(t *testing.T) {
	s := newCaller(t)
	ruta := s.enters("Rūta", "")
	key, _ := s.push.Key()
	x := s.service.Subscribe(key)
	if !strings.Contains(ruta.body, `data-key="`+key+`"`) {
		t.Fatalf("the page has no switch:\n%s", ruta.body)
	}
	answers := func(do string, x desk.Browser, away string, code int, body string) {
		t.Helper()
		if s.switches(ruta, do, x, away); ruta.code != code || !strings.Contains(ruta.body, body) {
			t.Errorf("%s: %d %s", do, ruta.code, ruta.body)
		}
	}
	answers("look", x, "", 200, `{"on":false,"away":false}`)
	answers("on", x, "no", 200, `{"on":true,"away":false}`)
	answers("on", x, "yes", 200, `{"on":true,"away":true}`)
	answers("look", x, "", 200, `{"on":true,"away":true}`)
	answers("other", x, "", 400, "do is")
	inside := x
	inside.Endpoint = "https://169.254.169.254/latest/meta-data"
	answers("on", inside, "", 400, "not known")
	answers("off", x, "", 200, `{"on":false,"away":false}`)
	answers("on", x, "no", 200, `{"on":true`)
	ruta.get("/desk")
	form := ruta.form()
	form.Set("form", "made-up")
	form.Set("do", "off")
	if ruta.post("/desk/push", form); ruta.code != 403 {
		t.Errorf("a form of elsewhere: %d", ruta.code)
	}
	editor := s.enters("Vita", desk.Editor)
	if strings.Contains(editor.body, "data-key") {
		t.Error("whoever sees no cases has a switch")
	}
	stranger := s.visit()
	if stranger.post("/desk/push", form); stranger.code != 401 {
		t.Errorf("a stranger: %d", stranger.code)
	}
	ruta.get("/desk")
	ruta.post("/desk/out", ruta.form())
	if all, err := s.bot.Browsers(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("after signing out %d browsers are called %v", len(all), err)
	}
	lead := s.enters("Jonas", desk.Lead)
	lead.get("/desk/deeds")
	lead.has("įjungė kvietimą uždarius langą", "išjungė kvietimą uždarius langą")
}

// A real browser has the worker and shows what comes; its maker's service is one on this machine.
func TestACounsellorIsCalledInABrowserWhosePageIsClosed(t *testing.T) {
	s := newCaller(t)
	b := chromium(t, s.site)
	for _, name := range []string{"notifications", "push"} {
		if _, err := chromedp.CallBrowser(b.ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{Origin: s.url, Setting: cdpbrowser.PermissionSettingGranted,
			Permission: &cdpbrowser.PermissionDescriptor{Name: name, UserVisibleOnly: true}}); err != nil {
			t.Fatal(err)
		}
	}
	workers := make(chan serviceworker.RegistrationID, 20)
	if err := chromedp.Listen(b.ctx, func(ev any) {
		if e, ok := ev.(*serviceworker.EventWorkerRegistrationUpdated); ok {
			for _, r := range e.Registrations {
				if r.ScopeURL == s.url+"/desk/" {
					workers <- r.RegistrationID
				}
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, serviceworker.Enable, struct{}{}); err != nil {
		t.Fatal(err)
	}
	b.enters("Rūta", "")
	b.click("#duty-button")
	b.sees("Kviesti mane ir tada, kai šis langas uždarytas")
	worker := <-workers

	// The page's script subscribes; the service that answers is the test's.
	key, _ := s.push.Key()
	x := s.service.Subscribe(key)
	eval[bool](b, fmt.Sprintf(`(() => {
		const bytes = t => Uint8Array.from(atob(t.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0)).buffer;
		PushManager.prototype.subscribe = async function (o) {
			window.asked = o.userVisibleOnly + " " + o.applicationServerKey.length;
			return { endpoint: %q, options: o, getKey: n => bytes(n === "auth" ? %q : %q), unsubscribe: async () => true };
		};
		return true;
	})()`, x.Endpoint, x.Auth, x.Key))
	b.do(chromedp.Click("#push-button"))
	b.until("the switch is on", func() bool {
		return eval[string](b, `document.querySelector("#push-button").textContent`) == "Jus kviečiame ir uždarius langą. Išjungti"
	})
	if got := eval[string](b, `window.asked`); got != "true 65" {
		t.Errorf("subscribed with %s", got)
	}
	for _, wide := range []int64{1280, 360} {
		b.size(wide, 800)
		b.check(fmt.Sprint("called with the page closed ", wide))
	}

	// A page that takes this one's place has the switch too.
	eval[bool](b, `(document.querySelector("#push").marked = true)`)
	b.do(chromedp.Click(`header .brand a`))
	b.until("the switch on the next page", func() bool {
		return eval[bool](b, `(f => !!f && !f.marked && !f.hidden)(document.querySelector("#push"))`)
	})

	// The page is closed; somebody comes.
	b.do(chromedp.Navigate("about:blank"))
	s.soon("the page is closed", func() bool { return !s.console.Open("ruta") })
	at := s.asks("anna")
	s.soon("the call", func() bool { return len(s.service.Got(x)) == 1 })
	if r := s.service.Refused(); len(r) > 0 {
		t.Errorf("refused: %q", r)
	}
	if _, err := chromedp.Call(b.ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: s.url, RegistrationID: worker, Data: s.service.Got(x)[0].Words}); err != nil {
		t.Fatal(err)
	}
	b.open(at)
	b.sees("Pakviesta per naršyklę, nors langas uždarytas: Rūta. Naršyklių: 1.")
	b.until("the notification", func() bool {
		return eval[string](b, `navigator.serviceWorker.getRegistration("/desk/").then(r => r.getNotifications()).then(all => all.map(n => n.title + "|" + n.body + "|" + n.tag).join())`) == "Konsultantų lange kažkas laukia.||desk-calls"
	})

	// Signing out ends it, here and at the server.
	b.open("/desk") // on a phone the talk has the whole window
	b.click(`form[action="/desk/out"] button`)
	s.soon("nobody is called", func() bool { all, err := s.bot.Browsers(context.Background()); return err == nil && len(all) == 0 })
	b.until("the worker goes", func() bool {
		return eval[int](b, `navigator.serviceWorker.getRegistrations().then(r => r.length)`) == 0
	})
}
