package bot_test

import (
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/talk"
)

// nobodySees are words that promise somebody who reads along.
var nobodySees = []string{"mato pirmą", "see you first", "na początku kolejki", "первыми в очереди", "на початку черги", "before the counsellors now"}

func TestOutsideTheHoursThePersonIsToldWhenSomebodyAnswersAndNothingElse(t *testing.T) {
	b := crowded(t)[0]
	b.Always = false
	zone := b.Library().Catalog.Desk.Zone
	night := time.Date(2026, time.November, 28, 23, 0, 0, 0, zone) // a Saturday
	day := time.Date(2026, time.November, 30, 10, 0, 0, 0, zone)
	s := asks(t, b, "web", "night", bot.AnyNetwork, night)
	for lang, want := range map[string]string{"lt": "pirmadienį, nuo 09:00", "en": "Monday 09:00", "pl": "w poniedziałek, od 09:00", "ru": "в понедельник, с 09:00", "uk": "у понеділок, з 09:00", "lt-easy": "pirmadienį, nuo 09:00"} {
		text := talk.Draw(b.Library(), s, lang).Text
		if !strings.Contains(text, want) || !strings.Contains(text, "+370") || !strings.Contains(text, "112") || !strings.Contains(text, s.Case.Word) {
			t.Errorf("%s:\n%s", lang, text)
		}
	}
	if text := talk.Draw(b.Library(), asks(t, b, "web", "day", bot.AnyNetwork, day), "lt").Text; strings.Contains(text, "nuo 09:00") || !strings.Contains(text, "laukia konsultantų") {
		t.Errorf("by day:\n%s", text)
	}
	t.Run("in the morning it waits as any other does", func(t *testing.T) {
		if _, err := b.Handle(t.Context(), bot.Update{From: s.Case.Person, Kind: bot.Typed, Text: "Labas rytas", Lang: "lt", At: day}); err != nil {
			t.Fatal(err)
		}
		now, err := b.Session(t.Context(), s.Case.Person)
		if text := talk.Draw(b.Library(), now, "lt").Text; err != nil || strings.Contains(text, "Jie atsakys") {
			t.Errorf("%v\n%s", err, text)
		}
	})
	t.Run("who is given back at night waits for the morning too", func(t *testing.T) {
		ruta := bot.Actor{ID: "console:ruta", Name: "Rūta"}
		for _, word := range []string{"take", "release"} {
			if _, err := b.Handle(t.Context(), bot.Update{From: s.Case.Person, Kind: bot.Acted, Text: word, Actor: ruta, At: night.Add(time.Minute)}); err != nil {
				t.Fatal(err)
			}
		}
		again, err := b.Session(t.Context(), s.Case.Person)
		if err != nil || again.Case.Due < day.Add(-time.Hour).Unix() || !strings.Contains(talk.Draw(b.Library(), again, "lt").Text, "pirmadienį, nuo 09:00") {
			t.Errorf("%+v, %v", again.Case, err)
		}
	})
	t.Run("where the hours are not known the numbers come first", func(t *testing.T) {
		c := *s.Case
		c.Base = c.Since + 7*24*60*60
		s.Case = &c
		for _, tag := range tagsOf(b) {
			text := talk.Draw(b.Library(), s, tag).Text
			if number, word := strings.Index(text, "+370"), strings.Index(text, c.Word); number < 0 || word < number || strings.Contains(text, "09:00") {
				t.Errorf("%s:\n%s", tag, text)
			}
		}
	})
	t.Run("no text promises that somebody reads along", func(t *testing.T) {
		for _, tag := range tagsOf(b) {
			for _, name := range []string{"danger", "risen", "waiting", "waiting-later", "waiting-nobody", "folded"} {
				for _, claim := range nobodySees {
					if text := b.Library().Catalog.Language(tag).Text("desk." + name); strings.Contains(text, claim) {
						t.Errorf("%s: %s says %q", tag, name, claim)
					}
				}
			}
		}
	})
}

func tagsOf(b *desk.Desk) (tags []string) {
	for _, l := range b.Library().Catalog.Languages {
		tags = append(tags, l.Tag)
	}
	return tags
}

func TestWhileNobodyIsOnDutyTheNumbersComeFirst(t *testing.T) {
	b, at := crowded(t)[0], time.Now()
	b.Desk = engine.Reach{} // counsellors have their page alone
	token, _, err := b.Invite(t.Context(), "Rūta", desk.Lead, at)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Enter(t.Context(), token, at); err != nil {
		t.Fatal(err)
	}
	told := func(id string) string {
		t.Helper()
		s := asks(t, b, "web", id, bot.AnyNetwork, at)
		lines, err := b.Log(t.Context(), b.Key(s.Case.Person), 0)
		if err != nil || len(lines) == 0 {
			t.Fatalf("%v, %v", lines, err)
		}
		return lines[len(lines)-1].Text
	}
	if text := told("first"); !strings.Contains(text, "nebudi") || !strings.Contains(text, "+370") || !strings.Contains(text, "112") {
		t.Errorf("nobody is there, and the person reads %q", text)
	}
	if nobody, err := b.Nobody(t.Context()); !nobody || err != nil {
		t.Errorf("%v, %v", nobody, err)
	}
	if err := b.OnDuty(t.Context(), bot.Actor{ID: "console:ruta", Name: "Rūta"}, true); err != nil {
		t.Fatal(err)
	}
	if text := told("second"); strings.Contains(text, "nebudi") {
		t.Errorf("somebody is there, and the person reads %q", text)
	}
	if nobody, err := b.Nobody(t.Context()); nobody || err != nil {
		t.Errorf("%v, %v", nobody, err)
	}
}
