package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"patikra/bot/telegram/telegramtest"
)

// asks brings somebody on Telegram to counsellors who read in a browser.
func (p *program) asks(u *telegramtest.User) {
	p.t.Helper()
	p.within(10*time.Second, "the desk is on", func() error {
		u.Say("/human")
		v, err := u.Next(3 * time.Second)
		if _, ok := v.Find("human:agree"); !ok {
			return fmt.Errorf("%v\n%s", err, v)
		}
		return nil
	})
	u.Press("human:agree")
}

func TestWhatIsSentOnTelegramIsShownInTheBrowser(t *testing.T) {
	unwatched(t)
	t.Parallel()
	voice, err := os.ReadFile("../../bot/testdata/recording.ogg")
	if err != nil {
		t.Fatal(err)
	}
	srv := telegramtest.New(t, telegramtest.Options{})
	p := launch(t, telegramFor(srv, true, "PATIKRA_DESK_HOURS=always", "TELEGRAM_RATE=0/0/0")...)
	ruta := p.enters("Rūta")
	anna := srv.User(telegramtest.Person{Language: "en"})
	p.asks(anna)
	d := &counsellors{program: p, srv: srv}
	if v := d.sees(anna, "code word"); !v.Holds("a photo, a voice message or your place") {
		t.Errorf("the person reads\n%s", v)
	}
	anna.Send(telegramtest.Media{Kind: "photo", Data: placedPhoto(t), Caption: "the offer"})
	anna.Send(telegramtest.Media{Kind: "voice", Data: voice})
	anna.SendDocument("IMG.jpg", "image/jpeg", placedPhoto(t), "")
	anna.SendLocation(54.687237, 25.279651)
	p.within(20*time.Second, "all of it at the desk", func() error {
		if ruta.opens(); len(ruta.shownFiles()) != 3 || !strings.Contains(ruta.body, "54.68724, 25.27965") {
			return fmt.Errorf("%v", ruta.shownFiles())
		}
		return nil
	})
	for what, n := range map[string]int{"<img class=\"thumb\"": 2, "<audio controls preload=\"none\"": 1, `href="geo:54.68724,25.27965"`: 1,
		`href="https://www.openstreetmap.org/?mlat=54.68724&amp;mlon=25.27965#map=17/54.68724/25.27965" target="_blank" rel="noopener noreferrer"`: 1, "the offer": 1} {
		if got := strings.Count(ruta.body, what); got != n {
			t.Errorf("%s stands there %d times in\n%s", what, got, ruta.body)
		}
	}
	kinds := map[string]int{}
	for _, path := range ruta.shownFiles() {
		resp, err := ruta.client.Get(p.base + path)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		kinds[resp.Header.Get("Content-Type")]++
		if told := exiftool(t, data); strings.Contains(told, "GPS") {
			t.Errorf("%s tells\n%s", path, told)
		}
	}
	if kinds["image/jpeg"] != 2 || kinds["audio/ogg"] != 1 {
		t.Errorf("%v", kinds)
	}
	anna.SendDocument("contract.pdf", "application/pdf", []byte("%PDF-1.7\n"), "")
	d.sees(anna, "I do not pass on PDF")
	anna.Say("/erase")
	d.sees(anna, "erase:yes")
	anna.Press("erase:yes")
	p.within(5*time.Second, "nothing is left", func() error { return noFiles(t, p, nil) })
}

// hostileForms are bodies that no browser sends, or that are made to harm.
func hostileForms(r *reader) map[string][2]string {
	r.t.Helper()
	kind, good := r.form("a.jpg", []byte("\xff\xd8\xff"), "")
	boundary := strings.TrimPrefix(kind, "multipart/form-data; boundary=")
	field := func(name string) string {
		return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\nx\r\n"
	}
	file := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"
	return map[string][2]string{
		"no boundary":              {"multipart/form-data", string(good)},
		"another boundary":         {"multipart/form-data; boundary=other", string(good)},
		"a boundary of a page":     {"multipart/form-data; boundary=" + strings.Repeat("b", 5000), string(good)},
		"many parts":               {kind, strings.Repeat(field("x"), 5000) + "--" + boundary + "--\r\n"},
		"the file before the form": {kind, file + strings.Repeat("y", 5<<20) + "\r\n" + field("form") + "--" + boundary + "--\r\n"},
		"a header without an end":  {kind, "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + strings.Repeat("z", 9<<20)},
		"a field without an end":   {kind, "--" + boundary + "\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n" + strings.Repeat("z", 9<<20)},
		"nothing":                  {kind, ""},
		"nested":                   {kind, strings.Replace(string(good), "image/jpeg", "multipart/mixed; boundary=inner", 1)},
	}
}

// TestHostileFilesForTheBrowserTakeLittleMemory lets people on the web page and on Telegram send files that are made to harm, all at once, to
// counsellors who read in a browser, and watches what the program and its children hold.
func TestHostileFilesForTheBrowserTakeLittleMemory(t *testing.T) {
	unwatched(t)
	if _, err := os.Stat("/proc/self/statm"); err != nil {
		t.Skip("memory is measured where the system tells of it")
	}
	srv := telegramtest.New(t, telegramtest.Options{})
	p := launch(t, telegramFor(srv, true, "PATIKRA_DESK_HOURS=always", "TELEGRAM_RATE=0/0/0")...)
	p.enters("Rūta")
	files := append(bombs(t), nil, []byte{0xff}, []byte("<html><script>"), []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), []byte("GIF89a%PDF-1.7\n1 0 obj<</Author(Anna)>>"),
		placedPhoto(t)[:9000], []byte("PK\x03\x04"), []byte("OggS"), []byte("\x00\x00\x00\x18ftypheic"))
	web := make([]*reader, senders)
	chat := make([]*telegramtest.User, senders)
	for i := range senders {
		web[i] = newReader(t, p)
		web[i].client.Timeout = 3 * time.Minute
		web[i].talks()
		chat[i] = srv.User(telegramtest.Person{Language: "en", Name: fmt.Sprint("Sender ", i)})
		p.asks(chat[i])
	}
	rest := tree(p.cmd.Process.Pid)
	most := p.heaviest()
	start := time.Now()
	var all sync.WaitGroup
	var taken atomic.Int64 // on the page
	for i, r := range web {
		chat[i].SendDocument(fmt.Sprintf("offer %d.jpg", i), "image/jpeg", files[i%len(files)], "")
		kind, body := r.form("offer.jpg", files[(i+3)%len(files)], fmt.Sprintf("words of sender %d;", i))
		all.Go(func() {
			resp, err := r.client.Post(r.base+"/lt/check", kind, bytes.NewReader(body))
			if err != nil {
				t.Errorf("sender %d: %v", i, err)
				return
			}
			defer resp.Body.Close()
			page, _ := io.ReadAll(resp.Body)
			said := strings.Count(string(page), "eperdaviau") + strings.Count(string(page), "Nuotrauką perdaviau") + strings.Count(string(page), "dabar perduoti nepavyko") +
				strings.Count(string(page), "daugiau nuotraukų perduoti negaliu")
			taken.Add(int64(strings.Count(string(page), "Nuotrauką perdaviau")))
			if resp.StatusCode != http.StatusOK || said == 0 || !strings.Contains(string(page), fmt.Sprintf("words of sender %d;", i)) {
				t.Errorf("sender %d is answered %d, and is not told:\n%s", i, resp.StatusCode, page)
			}
		})
	}
	all.Wait()
	pages := time.Since(start)
	for name, form := range hostileForms(web[0]) {
		resp, err := web[0].client.Post(p.base+"/lt/check", form[0], strings.NewReader(form[1]))
		if err != nil {
			continue // the connection was cut
		}
		resp.Body.Close()
		if resp.StatusCode/100 != 4 && name != "nested" {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
	p.within(4*time.Minute, "every file from Telegram is kept, or given up for what it is", func() error {
		n := filesOf(t, p) - int(taken.Load())
		for _, u := range chat {
			for _, v := range u.Messages() {
				if v.Bot && strings.Contains(v.Text, "could not be passed on to the counsellors") {
					n++
					break
				}
			}
		}
		if n != senders {
			return fmt.Errorf("%d", n)
		}
		return nil
	})
	beyond := most() - rest
	t.Logf("%d files of up to 20 MB on each door: the web page answers all in %v, all are dealt with in %v; %d are kept; at most %d MB beyond rest (%d MB)",
		senders, pages.Round(time.Millisecond), time.Since(start).Round(time.Millisecond), filesOf(t, p), beyond>>20, rest>>20)
	if beyond > 200<<20 {
		t.Errorf("%d MB beyond rest", beyond>>20)
	}
	if code, _ := p.get("/readyz"); code != http.StatusOK {
		t.Errorf("afterwards it is not ready: %d", code)
	}
}

// filesOf counts the files in the embedded store.
func filesOf(t *testing.T, p *program) (n int) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, "data", "patikra.db")+"?mode=ro&_pragma=busy_timeout(3000)")
	if err == nil {
		defer db.Close()
		err = db.QueryRow("SELECT count(*) FROM file").Scan(&n)
	}
	if err != nil {
		t.Log(err)
	}
	return n
}

func TestInABrowserAPictureIsSentSeenAndErased(t *testing.T) {
	unwatched(t)
	t.Parallel()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("Chromium is needed under CI=true")
		}
		t.Skip("Chromium is not installed")
	}
	p := launch(t, "PATIKRA_DESK_HOURS=always")
	photo := filepath.Join(t.TempDir(), "photo.jpg")
	if err := os.WriteFile(photo, placedPhoto(t), 0o600); err != nil {
		t.Fatal(err)
	}
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("accept-lang", "lt"))...)
	t.Cleanup(cancel)
	open := func() *tab {
		ctx, cancel := chromedp.NewContext(alloc)
		t.Cleanup(cancel)
		if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
			t.Fatal(err)
		}
		alloc = ctx // the next is a tab of the same browser
		return &tab{p, ctx}
	}
	_, out, _ := p.command("invite", "Rūta")
	link := out[strings.Index(out, p.base):]
	link, _, _ = strings.Cut(link, "\n")
	desk, person := open(), open()
	desk.do(chromedp.Navigate(link))
	desk.press("form button.main")
	person.do(chromedp.Navigate(p.base + "/lt/"))
	person.press("button.main")
	person.press(`button[value^="next"]`)
	person.js(`(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
	person.press(`button[value="human"]`)
	person.press(`button[value="human:agree"]`)
	person.do(chromedp.SendKeys("#text", "Toks skelbimas"), chromedp.SetUploadFiles("#file", []string{photo}))
	person.until(`(() => {
		let label = document.querySelector(".attach label"), send = document.querySelector(".write button.main"), file = document.getElementById("file").getBoundingClientRect();
		return label.innerText === "Pridėti nuotrauką" && file.width <= 2 && send.getBoundingClientRect().bottom <= label.getBoundingClientRect().top && document.getElementById("chosen").textContent === "photo.jpg";
	})()`) // no word of the browser's own, and the button to send stands by the words
	person.press(".write button.main")
	person.until(`document.querySelector(".note").innerText.includes("Nuotrauką perdaviau") && document.getElementById("talk").innerText.includes("[nuotrauka]")`)
	desk.until(`!!document.querySelector('a[href^="/desk/case/"]')`)
	desk.js(`(location.href = document.querySelector('a[href^="/desk/case/"]').href, true)`)
	desk.until(`(() => { let i = document.querySelector("img.thumb"); return !!i && i.complete && i.naturalWidth > 0 && i.getBoundingClientRect().width <= 260 })()`)
	another, err := filepath.Abs("../../bot/media/testdata/progressive.jpg") // the same within the same second is the same press
	if err != nil {
		t.Fatal(err)
	}
	person.do(chromedp.SetUploadFiles("#file", []string{another}))
	person.press(".write button.main")
	desk.until(`document.querySelectorAll("img.thumb").length === 2`) // by itself
	person.do(chromedp.SetUploadFiles("#file", []string{os.Args[0]}), chromedp.SendKeys("#text", "žodžiai lieka"), chromedp.SendKeys("#text", kb.End))
	person.press(".write button.main")
	person.until(`document.querySelector(".note").innerText.includes("eperdaviau") && document.getElementById("talk").innerText.includes("žodžiai lieka")`)
	src := desk.text(`document.querySelector("img.thumb").src`)
	person.js(`fetch(location.pathname, {method: "POST", body: new URLSearchParams({form: document.querySelector("[name=form]").value, do: "erase:yes"})}).then(() => true)`)
	desk.until(`fetch(` + fmt.Sprintf("%q", src) + `).then(r => r.status === 404)`)
	desk.until(`document.querySelectorAll("img.thumb").length === 0`)
	p.within(5*time.Second, "nothing is left", func() error { return noFiles(t, p, nil) })
}
