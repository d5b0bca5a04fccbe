package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"patikra/bot/seal"
	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// cell begins one of the list of deeds.
const cell = `<td role="cell">`

// command runs a command with the program's settings, while it runs or not.
func (p *program) command(args ...string) (code int, out, errs string) {
	p.t.Helper()
	binary := p.binary
	if binary == "" {
		binary = shipped(p.t)
	}
	c := exec.Command(binary, args...)
	var o, e strings.Builder
	c.Env, c.Dir, c.Stdout, c.Stderr = p.env, p.dir, &o, &e
	c.Run()
	return c.ProcessState.ExitCode(), o.String(), e.String()
}

// enters lets somebody in at the desk's page, by a link that the command prints.
func (p *program) enters(name string, more ...string) *reader {
	p.t.Helper()
	code, out, errs := p.command(append([]string{"invite", name, "--json"}, more...)...)
	var made struct{ Link string }
	if err := json.Unmarshal([]byte(out), &made); code != 0 || err != nil || !strings.HasPrefix(made.Link, p.base+"/desk/enter#") {
		p.t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	jar, _ := cookiejar.New(nil)
	r := &reader{t: p.t, base: p.base, client: &http.Client{Jar: jar, Timeout: 8 * time.Second}}
	r.comes(made.Link)
	if r.code != 200 || r.path != "/desk" {
		p.t.Fatalf("%s does not come in: %d at %s\n%s", name, r.code, r.path, r.body)
	}
	return r
}

// comes opens a link to the desk's page and presses its button. Nothing behind # is sent; the page's form takes it.
func (r *reader) comes(link string) {
	r.t.Helper()
	page, secret, _ := strings.Cut(strings.TrimPrefix(link, r.base), "#")
	r.get(page)
	r.hands("/desk/enter", "token", secret)
}

// hands posts the page's hidden fields and more.
func (r *reader) hands(path string, more ...string) {
	r.t.Helper()
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(r.body, -1) {
		form.Set(m[1], m[2])
	}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	r.take(r.client.PostForm(r.base+path, form))
}

var casePath = regexp.MustCompile(`/desk/case/[A-Za-z0-9_-]+`)

// acts finds the only case of the queue and does something with it.
func (r *reader) acts(more ...string) {
	r.t.Helper()
	r.get("/desk")
	path := casePath.FindString(r.body)
	if path == "" {
		r.t.Fatalf("no case:\n%s", r.body)
	}
	r.get(path)
	r.hands(path, more...)
	if r.code != 200 {
		r.t.Fatalf("%v: %d\n%s", more, r.code, r.body)
	}
}

func TestACounsellorAnswersSomebodyOnTelegramFromThePage(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		srv := telegramtest.New(t, telegramtest.Options{})
		p := launch(t, telegramFor(srv, true, append(settings(t), "PATIKRA_DESK_HOURS=always", "TELEGRAM_RATE=0/0/0")...)...)
		d := &counsellors{program: p, srv: srv}
		berta := srv.User(telegramtest.Person{Language: "en"})
		berta.Say("/human")
		d.sees(berta, "+370") // nobody can answer yet: the numbers
		ruta := p.enters("Rūta")
		anna := srv.User(telegramtest.Person{Language: "en", Name: "Annabel Secret"})
		p.within(8*time.Second, "the desk is on", func() error {
			anna.Say("/human")
			v, err := anna.Next(3 * time.Second)
			if _, ok := v.Find("human:agree"); !ok {
				return fmt.Errorf("%v\n%s", err, v)
			}
			return nil
		})
		anna.Press("human:agree")
		d.sees(anna, "code word")
		anna.Say("My passport is with the recruiter")
		p.within(5*time.Second, "the words at the desk", func() error {
			ruta.get("/desk")
			if path := casePath.FindString(ruta.body); path != "" {
				ruta.get(path)
			}
			if !strings.Contains(ruta.body, "My passport is with the recruiter") {
				return fmt.Errorf("%d", ruta.code)
			}
			return nil
		})
		if strings.Contains(ruta.body, "Annabel") || strings.Contains(ruta.body, fmt.Sprint(anna.ID)) {
			t.Errorf("the desk is told who it is:\n%s", ruta.body)
		}
		ruta.acts("do", "take")
		d.sees(anna, "A counsellor has joined")
		ruta.acts("do", "note", "note", "SECRET between us")
		ruta.acts("do", "say", "text", "Hello from the page")
		d.sees(anna, "Hello from the page")
		p.kill()
		p.start()
		p.waitReady()
		ruta.acts("do", "say", "text", "Still here after the kill")
		d.sees(anna, "Still here after the kill")
		ruta.acts("do", "close", "outcome", "unclear", "referred", "nobody")
		d.sees(anna, "has ended")
		for _, v := range anna.Messages() {
			if strings.Contains(v.Text, "SECRET") {
				t.Errorf("the person was shown\n%s", v)
			}
		}
		if log := p.log.String(); strings.Contains(log, "passport") || strings.Contains(log, "SECRET") || strings.Contains(log, "Hello from") {
			t.Errorf("the log holds words:\n%s", log)
		}
	})
}

func TestThePageAndTheGroupAreOneDesk(t *testing.T) {
	d := openDesk(t)
	vera := d.program.enters("Vera")
	anna := d.srv.User(telegramtest.Person{Language: "en"})
	topic := d.ask(anna)
	vera.acts("do", "take")
	d.soon("the card tells who holds the case", func() bool { return strings.Contains(d.card(topic).Text, "Veda Vera") })
	d.ruta.SayIn(d.group, topic, "I interrupt")
	d.topicHas(topic, "veda Vera")
	vera.acts("do", "say", "text", "Hello from the page\n// SECRET to colleagues")
	d.sees(anna, "Hello from the page")
	d.topicHas(topic, "Vera: Hello from the page") // colleagues in the group read along
	d.topicHas(topic, "SECRET to colleagues")
	vera.acts("do", "release")
	d.soon("the card waits again", func() bool { return strings.Contains(d.card(topic).Text, "Laukia nuo") })
	d.take(d.ruta, topic)
	d.ruta.SayIn(d.group, topic, "Now from the group\n// SECRET again")
	d.sees(anna, "Now from the group")
	vera.get("/desk")
	vera.get(casePath.FindString(vera.body))
	for _, want := range []string{"Now from the group", "SECRET again", "Šį pokalbį veda Ruta"} {
		if !strings.Contains(vera.body, want) {
			t.Errorf("the page lacks %q:\n%s", want, vera.body)
		}
	}
	for _, v := range anna.Messages() {
		if strings.Contains(v.Text, "SECRET") || strings.Contains(v.Text, "interrupt") {
			t.Errorf("the person was shown\n%s", v)
		}
	}
	d.clean()
}

func TestWhatIsDoneInTheGroupStandsInTheListOfDeedsUnderANameAndIsNotWashedOut(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		d := openDesk(t, settings(t)...)
		vera := d.enters("Vera", "--role", "lead")
		anna := d.srv.User(telegramtest.Person{Language: "en"})
		topic := d.ask(anna)
		d.ruta.SayIn(d.group, 0, "/duty on")
		d.take(d.ruta, topic)
		vera.get("/desk")
		vera.get(casePath.FindString(vera.body)) // an opening
		d.ruta.SayIn(d.group, topic, "/close")
		d.sees(anna, "has ended")
		for i := range 5 { // 520 presses, as fast as the page's limits allow
			r := d.enters(fmt.Sprint("Budinti ", i))
			body := r.body
			r.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			for n := range 104 {
				r.body = body
				if r.hands("/desk/duty", "do", []string{"on", "off"}[n%2]); r.code != http.StatusSeeOther {
					t.Fatalf("press %d: %d", n, r.code)
				}
			}
		}
		id := fmt.Sprint(d.ruta.ID)
		name := "Ruta " + id[max(0, len(id)-5):]
		d.within(5*time.Second, "the list of deeds", func() error {
			vera.get("/desk/deeds")
			for _, want := range []string{cell + name + "</td>" + cell + "paėmė</td>", cell + name + "</td>" + cell + "baigė</td>", cell + name + "</td>" + cell + "pradėjo budėti</td>",
				cell + "Vera</td>" + cell + "atvėrė pokalbį</td>", cell + "Budinti 4</td>" + cell + "baigė budėti</td>" + cell + "×52</td>"} {
				if !strings.Contains(vera.body, want) {
					return fmt.Errorf("%s is missing in\n%s", want, vera.body)
				}
			}
			return nil
		})
		if strings.Contains(vera.body, "telegram:") {
			t.Errorf("a bare id is shown:\n%s", vera.body)
		}
	})
}

func TestWhoLeavesTheGroupIsOutOfThePageAndTheirOpenLinkWithThem(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		d := openDesk(t, settings(t)...)
		link := func(u *telegramtest.User) string {
			u.Say("/desk")
			v := d.sees(u, "/desk/enter#")
			return strings.TrimSpace(v.Text[strings.Index(v.Text, "http"):])
		}
		jura, ruta := newReader(t, d.program), newReader(t, d.program)
		if jura.comes(link(d.jura)); jura.path != "/desk" {
			t.Fatalf("%d at %s", jura.code, jura.path)
		}
		open := link(d.ruta)
		d.group.Leave(d.jura)
		d.group.Leave(d.ruta)
		d.within(8*time.Second, "the session has ended", func() error {
			if jura.get("/desk"); jura.path != "/desk/enter" {
				return fmt.Errorf("at %s", jura.path)
			}
			return nil
		})
		d.within(8*time.Second, "the open link has ended", func() error {
			_, secret, _ := strings.Cut(open, "#")
			if ruta.get("/desk/enter?" + secret); ruta.code != http.StatusGone {
				return fmt.Errorf("%d", ruta.code)
			}
			return nil
		})
		if ruta.comes(open); ruta.code != http.StatusGone || ruta.path == "/desk" {
			t.Errorf("the open link leads to %s: %d", ruta.path, ruta.code)
		}
	})
}

func TestWhoLeftTheGroupUnseenIsOutOfThePageWhenTheGroupIsAskedNext(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.jura.Say("/desk")
	v := d.sees(d.jura, "/desk/enter#")
	jura := newReader(t, d.program)
	if jura.comes(strings.TrimSpace(v.Text[strings.Index(v.Text, "http"):])); jura.path != "/desk" {
		t.Fatalf("%d at %s", jura.code, jura.path)
	}
	d.stop()
	d.group.LeaveUnseen(d.jura)
	d.start()
	d.waitReady()
	d.within(10*time.Second, "the session has ended", func() error {
		if jura.get("/desk"); jura.path != "/desk/enter" {
			return fmt.Errorf("at %s", jura.path)
		}
		return nil
	})
}

func TestTheCommandInvitesWhetherTheProgramRunsOrNot(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		p := launch(t, settings(t)...)
		p.stop()
		code, out, errs := p.command("invite", "Rūta", "--role", "lead")
		if code != 0 || !strings.HasPrefix(out, p.base+"/desk/enter#") || strings.Count(out, "\n") != 1 || !strings.Contains(errs, "Rūta") {
			t.Fatalf("exit %d: %s%s", code, out, errs)
		}
		p.start()
		p.waitReady()
		r := newReader(t, p)
		r.comes(strings.TrimSpace(out))
		if r.path != "/desk" || !strings.Contains(r.body, "/desk/team") {
			t.Errorf("at %s: %d\n%s", r.path, r.code, r.body)
		}
		p.enters("Jūra")
		if r.get("/desk/deeds"); strings.Count(r.body, "Serverio administratorius") != 2 || strings.Count(r.body, cell+"sukūrė nuorodą") != 2 {
			t.Errorf("what commands did, while the program ran and while it did not, is not in the list of who did what:\n%s", r.body)
		}
		for _, c := range []struct {
			args []string
			code int
			says string
		}{
			{[]string{"invite"}, 2, "name is empty"}, {[]string{"invite", "A", "--role", "boss"}, 2, "no role"}, {[]string{"invite", "A", "B"}, 2, `"B" is no command, or too much here`},
			{[]string{"invite", "Ruta"}, 1, "too much alike"},
		} {
			if code, _, errs := p.command(c.args...); code != c.code || !strings.Contains(errs, c.says) {
				t.Errorf("%v: exit %d, %s", c.args, code, errs)
			}
		}
	})
}

func TestTheProgramsSocketIsForItsUserAlone(t *testing.T) {
	t.Parallel()
	p := launch(t)
	info, err := os.Stat(filepath.Join(p.dir, "data", "patikra.sock"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket {
		t.Errorf("it is %v", info.Mode())
	}
}

func TestAnOpenPageDoesNotHoldTheProgramUp(t *testing.T) {
	t.Parallel()
	p := launch(t)
	ruta := p.enters("Rūta")
	stream := &http.Client{Jar: ruta.client.Jar}
	resp, err := stream.Get(p.base + "/desk/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	begin := time.Now()
	for time.Since(begin) < 11*time.Second { // longer than a request may take
		b := make([]byte, 256)
		if _, err := resp.Body.Read(b); err != nil {
			t.Fatalf("the stream ended after %v: %v", time.Since(begin), err)
		}
		if time.Since(begin) > 2*time.Second && strings.Contains(string(b), "alive") {
			break
		}
	}
	begin = time.Now()
	if code := p.stop(); code != 0 || time.Since(begin) > 10*time.Second {
		t.Errorf("exit %d after %v", code, time.Since(begin))
	}
}

func TestWhatAnotherProcessChangesIsSeenToo(t *testing.T) {
	t.Parallel()
	redis := storetest.RedisServer(t)
	key := seal.NewKey()
	one := launch(t, "REDIS_URL="+redis.URL(), "PATIKRA_KEY="+key)
	two := launch(t, "REDIS_URL="+redis.URL(), "PATIKRA_KEY="+key)
	ruta := one.enters("Rūta")
	stream := &http.Client{Jar: ruta.client.Jar, Timeout: 15 * time.Second}
	resp, err := stream.Get(one.base + "/desk/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	time.Sleep(2500 * time.Millisecond) // a first look
	jura := two.enters("Jūra")
	jura.hands("/desk/duty", "do", "on")
	seen := ""
	for !strings.Contains(seen, "event: changed") {
		b := make([]byte, 512)
		n, err := resp.Body.Read(b)
		if err != nil {
			t.Fatalf("%v after %q", err, seen)
		}
		seen += string(b[:n])
	}
	one.within(5*time.Second, "she is on duty", func() error {
		if ruta.get("/desk"); !strings.Contains(ruta.body, "<li>Jūra") {
			return fmt.Errorf("%s", ruta.body)
		}
		return nil
	})
}
