package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"patikra/bot/messenger/messengertest"
	"patikra/bot/telegram/telegramtest"
)

// voiced is a folder in which the first question of the offer is recorded in Lithuanian.
func voiced(t *testing.T) (dir string, voice []byte) {
	t.Helper()
	dir = staffs(t)
	voice, err := os.ReadFile("../../bot/testdata/recording.ogg")
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(dir, "content/lt/audio/job-offer")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, "age.ogg"), voice, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, voice
}

// standing is what stands in a chat.
func standing(u *telegramtest.User) (list []string) {
	for _, v := range u.Messages() {
		list = append(list, v.Text)
	}
	return list
}

func TestARecordedQuestionIsHeardAtEveryDoor(t *testing.T) {
	dir, voice := voiced(t)
	t.Run("Telegram", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		launch(t, telegramFor(srv, true, "TELEGRAM_RATE=0/0/0", "PATIKRA_FILES="+dir)...)
		u := srv.User(telegramtest.Person{Language: "lt", Name: "Person"})
		u.Say("/start")
		next(t, u)
		u.Press("Pradėti")
		u.Wait(func(v telegramtest.View) bool { return strings.Contains(v.Text, "skaityti ramiai") }, 8*time.Second)
		u.Press("Taip, galiu")
		question := u.Wait(func(v telegramtest.View) bool { return strings.HasPrefix(v.Text, "1/13") }, 8*time.Second)
		u.PressOn(question.ID, "♪ Klausyti")
		heard := func() *telegramtest.View {
			for _, v := range u.Messages() {
				if v.Kind == "voice" {
					return &v
				}
			}
			return nil
		}
		for deadline := time.Now().Add(10 * time.Second); heard() == nil; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("no voice came; there is\n%s", strings.Join(u.History(), "\n"))
			}
		}
		if v := heard(); !v.Bot || !bytes.Equal(v.File, voice) {
			t.Errorf("what came has %d bytes", len(v.File))
		}
		below := u.Wait(func(v telegramtest.View) bool { return strings.HasPrefix(v.Text, "1/13") && v.ID > heard().ID }, 8*time.Second)
		for deadline := time.Now().Add(10 * time.Second); strings.Count(strings.Join(standing(u), "\n"), "1/13") > 1; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the question stands there twice")
			}
		}
		u.PressOn(below.ID, "18 arba daugiau")
		u.Wait(func(v telegramtest.View) bool { return strings.HasPrefix(v.Text, "2/13") }, 8*time.Second)
		u.Say("/exit")
		for deadline := time.Now().Add(10 * time.Second); heard() != nil; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the voice stays in the chat after the quick exit")
			}
		}
		clean(t, srv)
	})
	t.Run("web", func(t *testing.T) {
		p := launch(t, "PATIKRA_FILES="+dir)
		r := newReader(t, p)
		r.get("/lt/")
		r.press("next")
		r.press("next")
		_, rest, ok := strings.Cut(r.body, `<audio controls preload="none" src="`)
		src, _, _ := strings.Cut(rest, `"`)
		if !ok {
			t.Fatalf("the page plays nothing:\n%s", r.body)
		}
		req, _ := http.NewRequest(http.MethodGet, p.base+src, nil)
		req.Header.Set("Range", "bytes=0-3")
		for _, want := range []int{http.StatusPartialContent, http.StatusOK} {
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			data, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != want || resp.Header.Get("Content-Type") != "audio/ogg" || !bytes.HasPrefix(voice, data) || want == http.StatusOK && len(data) != len(voice) {
				t.Errorf("%s: %s, %s, %d bytes", src, resp.Status, resp.Header.Get("Content-Type"), len(data))
			}
			req.Header.Del("Range")
		}
		if resp, err := http.Get(p.base + "/lt/voice/job-offer/age-00000000.ogg"); err != nil || resp.StatusCode != http.StatusNotFound {
			t.Errorf("a voice that is not there: %v %v", resp, err)
		}
	})
	t.Run("Messenger", func(t *testing.T) {
		srv := messengertest.New(t, messengertest.Options{})
		page(t, srv, "PATIKRA_FILES="+dir, "PATIKRA_URL=https://example.org")
		u := srv.User(messengertest.Person{Locale: "lt_LT", Name: "Person"})
		u.Start("")
		answered(t, u)
		for _, said := range []string{"Pradėti", "Taip, galiu"} {
			u.Say(said)
			answered(t, u)
		}
		u.Press("♪ Klausyti")
		heard := regexp.MustCompile(`bot: ♪ https://example\.org/lt/voice/job-offer/age-[0-9a-f]{8}\.ogg\nbot: 1/13 .*\[18 arba daugiau\]`)
		for deadline := time.Now().Add(8 * time.Second); !heard.MatchString(strings.Join(u.History(), "\n")); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the talk is\n%s", strings.Join(u.History(), "\n"))
			}
		}
		spotless(t, srv)
	})
	t.Run("Messenger without an address", func(t *testing.T) {
		srv := messengertest.New(t, messengertest.Options{})
		page(t, srv, "PATIKRA_FILES="+dir)
		u := srv.User(messengertest.Person{Locale: "lt_LT", Name: "Person"})
		u.Start("")
		answered(t, u)
		for _, said := range []string{"Pradėti", "Taip, galiu"} {
			u.Say(said)
			if v := answered(t, u); strings.Contains(v.String(), "Klausyti") {
				t.Errorf("it offers what cannot be heard:\n%s", v)
			}
		}
	})
	t.Run("terminal", func(t *testing.T) {
		t.Setenv("PATIKRA_FILES", dir)
		_, out, _ := command("pradėti\ntaip\nklausyti\n", "chat", "--lang", "lt")
		if !strings.Contains(out, "♪ lt/job-offer/age-") {
			t.Errorf("the terminal says\n%s", out)
		}
	})
}
