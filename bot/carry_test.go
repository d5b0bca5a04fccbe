package bot_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/talk"
)

// renamed are the built-in files with another name for the step age, which says what it was.
func renamed(t testing.TB) fstest.MapFS {
	t.Helper()
	files := copyOf(t)
	change := func(file, old, new string) {
		text := string(files[file].Data)
		if strings.Count(text, old) != 1 {
			t.Fatalf("%s has %q %d times", file, old, strings.Count(text, old))
		}
		files[file].Data = []byte(strings.Replace(text, old, new, 1))
	}
	change(quiz, "\n  age:", "\n  years:")
	change(quiz, "\nstart: age", "\nstart: years")
	change(quiz, "    choices:\n      - { answer: adult }", "    was: age\n    choices:\n      - { answer: adult }")
	for _, tag := range spoken[:2] {
		file := "content/" + tag + "/job-offer.yaml"
		change(file, "\nage:", "\nyears:")
	}
	return files
}

// asked is the question that a person is at, and how many answers they have given.
func asked(t testing.TB, b *desk.Desk, from bot.Address) (screen, title string, given int) {
	t.Helper()
	s, err := b.Session(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	page := talk.Draw(b.Library(), s, "")
	return page.Screen, page.Title, len(s.Given)
}

func TestAQuizUnderWayIsCarriedOverByNames(t *testing.T) {
	unwatched(t)
	next := renamed(t)
	broken := copyOf(t) // a book of an earlier version of the program, which needed fewer texts
	text := string(broken[chatLT].Data)
	at := strings.Index(text, "\nchanged:")
	broken[chatLT].Data = []byte(text[:at] + text[at+1+strings.Index(text[at+1:], "\n"):])
	if _, err := library.Open(broken); err == nil {
		t.Fatal("the broken book is whole")
	}
	for _, c := range []struct {
		name  string
		again func(store bot.Store, key string, old *desk.Desk) *desk.Desk
		kept  bool
	}{
		{"a book whose texts do not fit this program any more", func(store bot.Store, key string, old *desk.Desk) *desk.Desk {
			packed, err := engine.Pack(broken)
			if err != nil {
				t.Fatal(err)
			}
			ring, err := seal.New(key, 8)
			if err != nil {
				t.Fatal(err)
			}
			a := bot.Address{Channel: "books", ID: old.Library().ID}
			k := old.Key(a)
			if err := store.Keep(t.Context(), "books:"+a.ID, ring.Seal(k.Partition, k.Hash, 'b', packed), time.Hour); err != nil {
				t.Fatal(err)
			}
			return opened(t, store, key, next)
		}, true},
		{"a new draft", func(_ bot.Store, _ string, old *desk.Desk) *desk.Desk {
			l, err := library.Open(next)
			if err != nil {
				t.Fatal(err)
			}
			old.Redraft(l)
			return old
		}, true},
		{"a book of which nothing is left", func(store bot.Store, key string, old *desk.Desk) *desk.Desk {
			return opened(t, store, key, next)
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, err := sqlitestore.Open(t.TempDir(), 8)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			key := seal.NewKey()
			b := opened(t, store, key, copyOf(t))
			from := bot.Address{Channel: "test", ID: "one"}
			say := func(b *desk.Desk, id uint64, kind bot.Kind, text string) bot.Reply {
				t.Helper()
				reply, err := b.Handle(t.Context(), bot.Update{ID: id, From: from, Kind: kind, Text: text, Locale: "lt", At: time.Now()})
				if err != nil {
					t.Fatal(err)
				}
				return reply
			}
			for i, text := range []string{"/start job-offer", "taip", "taip", "1"} {
				say(b, uint64(i+1), bot.Typed, text)
			}
			screen, title, given := asked(t, b, from)
			if screen != "question" || given != 1 {
				t.Fatalf("at %s %q after %d answers", screen, title, given)
			}
			b = c.again(store, key, b)
			if !c.kept {
				if screen, _, _ := asked(t, b, from); screen != "start" {
					t.Errorf("at %s, not at the start", screen)
				}
				return
			}
			if now, there, n := asked(t, b, from); now != screen || there != title {
				t.Fatalf("at %s %q after %d answers, not at %q", now, there, n, title)
			}
			if reply := say(b, 20, bot.Pressed, "answer:1.0"); reply.Toast == "" {
				t.Error("a button of the old edition does something")
			}
			say(b, 21, bot.Typed, "/back")
			if _, there, n := asked(t, b, from); n != 0 || there != b.Library().Catalog.Language("lt").Text("job-offer.years.say") {
				t.Errorf("back leads to %q after %d answers", there, n)
			}
		})
	}
}

func TestWhoeverHasNotBegunAQuizThatIsGoneIsOfferedAnother(t *testing.T) {
	before, files := builtIn(t), copyOf(t)
	folders := []string{"flows/quizzes"}
	for _, tag := range spoken[:2] {
		folders = append(folders, "content/"+tag)
	}
	for _, folder := range folders {
		files[folder+"/another.yaml"] = files[folder+"/at-work.yaml"]
		delete(files, folder+"/at-work.yaml")
	}
	after, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	from := bot.Address{Channel: "test", ID: "one"}
	for _, presses := range [][]string{{"next"}, {"next", "next"}} {
		s := talk.Decide(before, bot.Session{}, bot.Update{From: from, Kind: bot.Typed, Text: "/start at-work", Locale: "lt"}).Session
		for i, word := range presses {
			l := before
			if i == len(presses)-1 {
				l = after
			}
			p := talk.Decide(l, s, bot.Update{From: from, Kind: bot.Typed, Text: "/" + word})
			if s = p.Session; len(p.Send) == 0 {
				t.Errorf("%v: nothing is shown", presses)
			}
		}
		if s.Quiz != "job-offer" {
			t.Errorf("%v: the quiz is %q", presses, s.Quiz)
		}
	}
}

func TestEveryScreenIsShownAgainWithAnotherDraft(t *testing.T) {
	before, err := library.Open(copyOf(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := library.Open(renamed(t))
	if err != nil {
		t.Fatal(err)
	}
	after := l.After(before)
	from := bot.Address{Channel: "test", ID: "one"}
	for _, locale := range []string{"", "lt"} {
		s := bot.Session{}
		for _, text := range []string{"/start", "1", "1", "1", "/why", "/number", "/back", "ne", "1", "/menu", "/erase", "/back", "/help", "/language"} {
			u := bot.Update{From: from, Kind: bot.Typed, Text: text, Locale: locale}
			p := talk.Decide(before, s, u)
			if s = p.Session; p.Erase {
				t.Fatalf("%q erases", text)
			}
			again := talk.Show(after, s, from)
			if len(p.Send) != 1 || len(again.Send) != 1 {
				t.Fatalf("after %q %d messages, then %d", text, len(p.Send), len(again.Send))
			}
			if now, then := again.Send[0].Text, p.Send[0].Text; now != then && !strings.HasSuffix(then, now) { // then may have a note above
				t.Errorf("after %q it says\n%s\nand then\n%s", text, then, now)
			}
		}
	}
}
