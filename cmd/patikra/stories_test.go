package main

import (
	"fmt"
	"html"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot/library"
	"patikra/bot/messenger/messengertest"
	"patikra/bot/story"
	"patikra/bot/telegram/telegramtest"
	"patikra/bot/terminal"
)

// onTelegram tells a story by typing.
type onTelegram struct{ u *telegramtest.User }

func (d onTelegram) Say(said string) (string, error) {
	var last int64
	if all := d.u.Messages(); len(all) > 0 {
		last = all[len(all)-1].ID
	}
	d.u.Say(said)
	if _, err := d.u.Next(20 * time.Second); err != nil {
		return "", err
	}
	v, err := d.u.Await(func(v telegramtest.View) bool { return len(v.Rows) > 0 }, 2*time.Second) // the buttons are on the last message
	if err != nil {
		v = d.u.Screen() // a farewell has none
	}
	var b strings.Builder
	for _, before := range d.u.Messages() { // a screen may have a message before it, which stays
		if before.Bot && before.ID > last && before.ID < v.ID {
			b.WriteString(before.Text + "\n")
		}
	}
	b.WriteString(v.Text + "\n")
	for _, row := range v.Rows {
		for _, x := range row {
			b.WriteString("[" + x.Text + "] ")
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}

// onMessenger tells a story by typing. What does not fit a quick reply is a numbered line there.
type onMessenger struct{ u *messengertest.User }

func (d onMessenger) Say(said string) (string, error) {
	if said == "/start" {
		d.u.Start("")
	} else {
		d.u.Say(said)
	}
	if _, err := d.u.Next(20 * time.Second); err != nil {
		return "", err
	}
	v := d.u.Answer()
	var b strings.Builder
	b.WriteString(numbered.ReplaceAllString(v.Text, "[$1]") + "\n")
	for _, r := range v.Replies {
		b.WriteString("[" + r.Title + "] ")
	}
	return b.String(), nil
}

// onTerminal tells a story through a pipe.
type onTerminal struct {
	in   *io.PipeWriter
	out  *io.PipeReader
	read chan string
	told bool
}

func newTerminal(l *library.Library, lang, link string) *onTerminal {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	d := &onTerminal{in: inW, out: outR, read: make(chan string, 1)}
	go func() {
		terminal.Play(l, inR, outW, terminal.Options{Locale: lang, Quiz: link})
		inR.Close()
		outW.Close()
	}()
	go func() {
		buf, text := make([]byte, 64<<10), ""
		for {
			n, err := d.out.Read(buf)
			text += string(buf[:n])
			if err != nil || strings.HasSuffix(text, "\n> ") {
				d.read <- text
				text = ""
			}
			if err != nil {
				close(d.read)
				return
			}
		}
	}()
	return d
}

// payload is that of the link which is opened in a turn of a story.
func payload(s story.Story, turn int) string {
	link, _ := strings.CutPrefix(s.Said(turn), "/start ")
	return strings.TrimPrefix(link, "/start")
}

var numbered = regexp.MustCompile(`(?m)^\d+\. (.*)$`)

func (d *onTerminal) Say(said string) (string, error) {
	if d.told || !strings.HasPrefix(said, "/start") { // the terminal begins by itself
		go fmt.Fprintln(d.in, said)
	}
	d.told = true
	select {
	case text := <-d.read:
		text = numbered.ReplaceAllString(text, "[$1]")
		var b strings.Builder
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "   ") && strings.Contains(line, " · ") {
				line = "[" + strings.ReplaceAll(strings.TrimSpace(line), " · ", "] [") + "]"
			}
			b.WriteString(line + "\n")
		}
		return b.String(), nil
	case <-time.After(10 * time.Second):
		return "", fmt.Errorf("the terminal says nothing")
	}
}

// onWeb tells a story at the web page. The page has a start of its own, so the story begins at the first question.
type onWeb struct {
	r    *reader
	lang string
}

var (
	links  = regexp.MustCompile(`</?(a|strong)\b[^>]*>`)
	tagged = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`[ \t]+`)
	ticks  = regexp.MustCompile(`<label class="tick"><input type="checkbox"[^>]*> ([^<]*)</label>`)
	alone  = regexp.MustCompile(`<label class="tick alone"><input type="checkbox"[^>]*> ([^<]*)</label>`)
	press  = regexp.MustCompile(`<button[^>]*>([^<]*)</button>`)
)

func (d onWeb) Say(said string) (string, error) {
	form := url.Values{"text": {said}}
	for _, m := range hiddenField.FindAllStringSubmatch(d.r.body, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	d.r.take(d.r.client.PostForm(d.r.base+"/"+d.lang+"/check", form))
	if d.r.code != 200 {
		return "", fmt.Errorf("status %d", d.r.code)
	}
	body := d.r.body[strings.Index(d.r.body, "<main"):]
	body = links.ReplaceAllString(body, "")
	body = strings.ReplaceAll(body, "<li>", "• ")
	body = alone.ReplaceAllString(body, "[$1] ")
	body = ticks.ReplaceAllString(body, "[☐ $1] ")
	body = press.ReplaceAllString(body, "[$1] ")
	return html.UnescapeString(blanks.ReplaceAllString(tagged.ReplaceAllString(body, " "), " ")), nil
}

func TestTheSameStoryIsTheSameConversationAtEveryDoor(t *testing.T) {
	unwatched(t)
	t.Parallel()
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	stories, err := story.Load(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	if underRace { // every ninth of them; without a door all are played in the tests of the stories
		ninth := stories[:0]
		for i := 0; i < len(stories); i += 9 {
			ninth = append(ninth, stories[i])
		}
		stories = ninth
	}
	// The options of a training stand in each conversation in an order of its own.
	stories = slices.DeleteFunc(stories, func(s story.Story) bool { return strings.HasPrefix(filepath.Base(s.File), "training-") })
	srv := telegramtest.New(t, telegramtest.Options{})
	p := launch(t, telegramFor(srv, true, "TELEGRAM_RATE=0/0/0")...)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	each := func(f func(s story.Story)) {
		for _, s := range stories {
			slots <- struct{}{}
			wg.Add(1)
			go func() {
				defer wg.Done()
				defer func() { <-slots }()
				f(s)
			}()
		}
	}
	each(func(s story.Story) {
		u := srv.User(telegramtest.Person{Language: s.Language, Name: "Person"})
		if err := s.PlayOn(onTelegram{u}); err != nil {
			t.Errorf("on Telegram: %v", err)
		}
	})
	wg.Wait()
	graph := messengertest.New(t, messengertest.Options{})
	page(t, graph)
	each(func(s story.Story) {
		if strings.Contains(s.File, "/talk-") { // these look at rows of buttons, which are not all shown there
			return
		}
		u := graph.User(messengertest.Person{Locale: map[string]string{"lt": "lt_LT", "en": "en_GB", "pl": "pl_PL", "ru": "ru_RU", "uk": "uk_UA"}[s.Language], Name: "Person"})
		if err := s.PlayOn(onMessenger{u}); err != nil {
			t.Errorf("on Messenger: %v", err)
		}
	})
	wg.Wait()
	spotless(t, graph)
	each(func(s story.Story) {
		if strings.Contains(s.File, "/talk-") { // these leave and return, which ends a terminal
			return
		}
		if err := s.PlayOn(newTerminal(lib, s.Language, payload(s, 0))); err != nil {
			t.Errorf("in the terminal: %v", err)
		}
	})
	wg.Wait()
	n := 0
	for _, s := range stories {
		if strings.Contains(s.File, "/talk-") { // these speak to the start page of the chats
			continue
		}
		n++
		r := newReader(t, p)
		r.client.Transport = spread{}
		link := payload(s, 0)
		if link == "" {
			link = payload(s, 1)
		}
		r.get("/" + s.Language + "/?from=" + link)
		r.press("next")
		if err := s.After(2).PlayOn(onWeb{r, s.Language}); err != nil { // the greeting and what is said of it are one page there
			t.Errorf("on the web: %v", err)
		}
	}
	least := 40
	if underRace {
		least = 20
	}
	if n < least {
		t.Errorf("only %d stories were told on the web", n)
	}
	clean(t, srv)
}
