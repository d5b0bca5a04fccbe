package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"patikra/bot/telegram/telegramtest"
)

// papers are PDFs of one person's, each with a name: one printed by Chromium with a photo of a phone that tells a place, the same in object
// streams as qpdf makes them, and one as a phone's scanner writes it, with brackets in its author's name.
func papers(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, name := range []string{"chromium.pdf", "object-streams.pdf", "phone.pdf"} {
		data, err := os.ReadFile(filepath.Join("testdata", "pdf", name))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = data
	}
	return out
}

// TestThePapersOfTheTestHoldWhatMustNotBePassedOn looks with a reader that is not ours, so that the next test shows something.
func TestThePapersOfTheTestHoldWhatMustNotBePassedOn(t *testing.T) {
	reader, err := exec.LookPath("exiftool")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("needs exiftool")
	}
	for name, data := range papers(t) {
		cmd := exec.Command(reader, "-a", "-G", "-")
		cmd.Stdin = bytes.NewReader(data)
		out, _ := cmd.CombinedOutput()
		if !strings.Contains(string(out), "XYZZY") {
			t.Errorf("%s names nobody:\n%s", name, out)
		}
		if name == "phone.pdf" {
			continue
		}
		photo := data[max(0, bytes.Index(data, []byte("\xff\xd8\xff"))):]
		cmd = exec.Command(reader, "-a", "-G", "-")
		cmd.Stdin = bytes.NewReader(photo)
		if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), "GPS Latitude") {
			t.Errorf("the photo in %s tells no place:\n%s", name, out)
		}
	}
}

func TestOfAPDFNothingIsPassedOnAndBothSidesAreTold(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	u := d.srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	topic := d.ask(u)
	d.take(d.ruta, topic)
	const mime = "application/pdf"
	passed := func(to string, seen []telegramtest.View, from int64, data []byte) {
		t.Helper()
		for _, v := range seen {
			if !v.Bot || v.From == from {
				continue
			}
			if v.Kind == "document" || v.Kind == "photo" || len(v.File) > 0 || v.Holds("XYZZY") || v.Holds(string(data[:8])) {
				t.Errorf("%s is shown %s %q", to, v, v.FileName)
			}
		}
	}
	for name, data := range papers(t) {
		for _, as := range []string{mime, "image/jpeg"} { // what it is, and what it is called by who wants it through
			t.Run(name+" as "+as, func(t *testing.T) {
				u.SendDocument("XYZZY "+name, as, data, "")
				u.Say("after " + name + " as " + as)
				d.topicHas(topic, "after "+name+" as "+as)
				passed("the group", d.group.All(), 0, data)
			})
		}
		t.Run(name+" of a counsellor", func(t *testing.T) {
			d.ruta.SendDocumentIn(d.group, topic, "XYZZY "+name, mime, data, "")
			d.ruta.SayIn(d.group, topic, "a counsellor after "+name)
			d.sees(u, "a counsellor after "+name)
			passed("the person", u.Messages(), u.ID, data)
		})
	}
	for what, want := range map[string]int{"perduoti negalima": 3, "perduoti nepavyko": 3, "PDF nufotografuokite": 3} {
		d.soon(fmt.Sprint(want, " times ", what), func() bool { return d.shows(what) >= want })
	}
	for what, want := range map[string]int{"could not be passed on": 1, "PDF": 1} {
		d.soon("the person reads "+what, func() bool {
			n := 0
			for _, v := range u.Messages() {
				if v.Bot && strings.Contains(v.Text, what) {
					n++
				}
			}
			return n >= want
		})
	}
	d.clean()
}
