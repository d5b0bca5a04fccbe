package bot_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/talk"
)

// inBrowser is a desk that reads in a browser, where files are kept.
var inBrowser = bot.Desk{On: true, Words: true, Files: true}

func TestWhereCounsellorsReadInABrowserPicturesVoicesAndPlacesReachThem(t *testing.T) {
	k := newTalk(t)
	for _, c := range []struct {
		media bot.Media
		file  uint8
		text  string
	}{
		{bot.Media{Net: "telegram", Kind: "photo", ID: 5, Fetch: "one", Caption: "see"}, 1, "[nuotrauka] see"},
		{bot.Media{Net: "telegram", Kind: "voice", ID: 6, Fetch: "two"}, 2, "[balso žinutė]"},
		{bot.Media{Net: "telegram", Kind: "location", ID: 7, Place: "54.68724,25.27965", Caption: "Hotel"}, 0, "[vieta] Hotel\n54.68724, 25.27965"},
		{bot.Media{Net: "messenger", Kind: "photo", File: "https://x", Fetch: "https://x"}, 3, "[nuotrauka]"},
	} {
		k.person = nil
		p := k.does(bot.Update{Kind: bot.Attached, Media: c.media, At: talkBegan, Desk: inBrowser})
		if len(p.Log) != 1 || p.Log[0].File != c.file || p.Log[0].Place != c.media.Place || p.Log[0].Text != c.text || len(k.person) > 0 {
			t.Errorf("%s: %+v; the person reads %q", c.media.Kind, p.Log, k.person)
		}
		fetched := slices.DeleteFunc(slices.Clone(p.Desk), func(m bot.Message) bool { return m.To.Channel != bot.FilesName })
		if c.file == 0 && len(fetched) == 0 {
			continue
		}
		if len(fetched) != 1 || fetched[0].Media.Number != c.file || fetched[0].Media.Fetch != c.media.Fetch || fetched[0].Case != k.s.Case.Person || !fetched[0].Human {
			t.Errorf("%s: is to be fetched: %+v", c.media.Kind, fetched)
		}
	}
	for _, kind := range []string{"video_note", ""} {
		k.person = nil
		p := k.does(bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "telegram", Kind: kind, ID: 5}, At: talkBegan, Desk: inBrowser})
		if k.holds(k.person, "I do not pass on PDF") != 1 || len(p.Log) != 1 || p.Log[0].By != talk.ByNote {
			t.Errorf("%q: the person reads %q, the desk %+v", kind, k.person, p.Log)
		}
	}
}

func TestAVoiceOfMessengerIsHeardInABrowserAndNowhereElse(t *testing.T) {
	voice := bot.Media{Net: "messenger", Kind: "voice", File: "https://x", Fetch: "https://x"}
	for _, c := range []struct {
		desk        string
		at          bot.Desk
		fetched     int
		group, told string
	}{
		{"in a browser", bot.Desk{On: true, Words: true, Files: true, Photos: true}, 1, "", ""},
		{"in a browser and a group", bot.Desk{On: true, Files: true, Group: true, Photos: true}, 1, "išklausyti konsultantų puslapyje", ""},
		{"in a group alone", bot.Desk{On: true, Group: true, Photos: true}, 0, "Žmogus atsiuntė tai, ko perduoti negalima", "Here I can pass on words, photos and links"},
	} {
		k := newTalk(t)
		p := k.does(bot.Update{Kind: bot.Attached, Media: voice, At: talkBegan, Desk: c.at})
		fetched := 0
		for _, m := range p.Desk {
			if m.To.Channel == bot.FilesName {
				fetched++
			} else if m.Media.Kind != "" {
				t.Errorf("%s: the group gets %+v", c.desk, m)
			}
		}
		if fetched != c.fetched || c.group != "" && k.holds(k.desk, c.group) != 1 || c.told != "" && k.holds(k.person, c.told) != 1 || c.told == "" && len(k.person) > 0 {
			t.Errorf("%s: %d to be fetched; the desk reads %q, the person %q", c.desk, fetched, k.desk, k.person)
		}
	}
}

func TestAFileIsKeptOnceAndOnlyInItsOwnTalk(t *testing.T) {
	k := newTalk(t)
	k.does(bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "telegram", Kind: "photo", ID: 5, Fetch: "one"}, At: talkBegan, Desk: inBrowser})
	came := bot.Update{Kind: bot.Fetched, Media: bot.Media{Number: 1}, Text: k.s.Case.Word, Data: []byte("picture"), At: talkBegan, Desk: inBrowser}
	for name, change := range map[string]func(u *bot.Update){"of another talk": func(u *bot.Update) { u.Text = "Lake Stone" },
		"that nobody sent": func(u *bot.Update) { u.Media.Number = 2 }, "without a number": func(u *bot.Update) { u.Media.Number = 0 }} {
		u := came
		change(&u)
		if p := k.does(u); len(p.Files) > 0 || k.s.Case.Has(1) {
			t.Errorf("a file %s is kept", name)
		}
	}
	if p := k.does(came); len(p.Files) != 1 || p.Files[0].Number != 1 || !k.s.Case.Has(1) || k.s.Case.Bytes != 7 {
		t.Errorf("%+v, %+v", p.Files, k.s.Case)
	}
	if p := k.does(came); len(p.Files) != 0 || k.s.Case.Bytes != 7 {
		t.Error("it is kept twice")
	}
	p := talk.Decide(k.lib, bot.Session{}, came)
	if len(p.Files) > 0 || !p.Erase {
		t.Errorf("of an erased talk something is kept: %+v", p)
	}
}

func TestATalkHasABoundOfFilesAndThePersonIsToldAtOnce(t *testing.T) {
	send := func(k *chatting, n int, web bool) (kept int) {
		k.person = nil
		for range n {
			u := bot.Update{Kind: bot.Attached, Media: bot.Media{Net: bot.Uploaded, Kind: "photo"}, Data: bytes.Repeat([]byte{1}, 100_000), At: talkBegan, Desk: inBrowser}
			if web {
				u.Network = bot.AnyNetwork
			}
			kept += len(k.does(u).Files)
		}
		return kept
	}
	k := newTalk(t)
	if n := send(k, 33, true); n != talk.MostFiles || k.holds(k.person, "no room") != 3 {
		t.Errorf("%d are kept, the person reads %q", n, k.person)
	}
	if k = newTalk(t); k.s.Case.Bytes == 0 {
		k.s.Case.Bytes = talk.MostFileBytes - 250_000
	}
	if n := send(k, 4, true); n != 2 || k.holds(k.person, "no room") != 2 {
		t.Errorf("%d are kept, the person reads %q", n, k.person)
	}
	k = newTalk(t)
	k.s.Case.State = bot.Waiting
	if n := send(k, 5, true); n != 3 || k.holds(k.person, "Until a counsellor answers") != 2 {
		t.Errorf("before a counsellor has come %d are kept, the person reads %q", n, k.person)
	}
	k = newTalk(t)
	k.s.Case.State = bot.Waiting
	if n := send(k, 5, false); n != 5 {
		t.Errorf("from a chat %d are kept", n)
	}
	k = newTalk(t)
	k.s.Case.State, k.s.Case.Folded = bot.Waiting, true
	if n := send(k, 1, true); n != 0 {
		t.Error("of a case that was put aside a file is kept")
	}
}

func TestWhatCanBeSentIsSaidForEachDoorAndEachKindOfDesk(t *testing.T) {
	all := []string{"a photo, a voice message or your place", "You can send a photo. Write a place as an address", "Only words can be sent here", "a photo or a voice message"}
	for _, c := range []struct {
		name string
		desk bot.Desk
		want int // of all
	}{
		{"a chat, and a group", bot.Desk{On: true}, 0},
		{"a chat, and a browser", inBrowser, 0},
		{"pictures alone, and a group", bot.Desk{On: true, Photos: true}, 1},
		{"pictures and voices, and a browser", bot.Desk{On: true, Words: true, Files: true, Photos: true}, 3},
		{"a desk that takes words", bot.Desk{On: true, Words: true}, 2},
	} {
		for _, state := range []bot.CaseState{bot.Waiting, bot.Taken} {
			k := newTalk(t)
			k.s.Case.State = state
			k.does(bot.Update{Kind: bot.Typed, Text: "/back", At: talkBegan, Desk: c.desk})
			for i, says := range all {
				if got := k.holds(k.person, says); got != map[bool]int{true: 1}[i == c.want] {
					t.Errorf("%s, %s: %q stands there %d times in %q", c.name, state, says, got, k.person)
				}
			}
			if k.holds(k.person, "{") > 0 {
				t.Errorf("%q", k.person)
			}
			page := talk.Draw(k.lib, k.s, "en")
			for _, says := range append(all, "{send}") {
				if strings.Contains(page.Text, says) || slices.ContainsFunc(page.Blocks, func(b talk.Block) bool { return strings.Contains(strings.Join(b.Text, " "), says) }) {
					t.Errorf("the page, which says it beside its form, says %q too", says)
				}
			}
		}
	}
}

func TestAPlaceIsWrittenSoThatItCanBeFound(t *testing.T) {
	for _, c := range []struct {
		north, east float64
		want        string
	}{{54.687237, 25.279651, "54.68724,25.27965"}, {-33.5, -70, "-33.50000,-70.00000"}, {91, 0, ""}, {0, 181, ""}, {math.NaN(), 0, ""}, {0, math.Inf(1), ""}} {
		if got := talk.Coordinates(c.north, c.east); got != c.want {
			t.Errorf("%v %v: %q", c.north, c.east, got)
		}
	}
	if got := talk.MapLink("54.68724,25.27965"); got != "https://www.openstreetmap.org/?mlat=54.68724&mlon=25.27965#map=17/54.68724/25.27965" {
		t.Error(got)
	}
}

func TestAPlaceThatCannotBeCopiedReachesTheGroupAsWords(t *testing.T) {
	k := newTalk(t)
	k.does(bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "messenger", Kind: "location", Place: "54.68724,25.27965"}, At: talkBegan, Desk: bot.Desk{On: true}})
	if k.holds(k.desk, "54.68724, 25.27965") != 1 || k.holds(k.desk, "openstreetmap.org") != 1 || k.holds(k.desk, "[location]") != 0 {
		t.Errorf("the group reads %q", k.desk)
	}
}
