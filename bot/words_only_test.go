package bot_test

import (
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/talk"
)

func TestWhereOnlyWordsReachTheDeskAPersonIsToldAtOnce(t *testing.T) {
	k := newTalk(t)
	lang := k.lib.Catalog.Language("en")
	told, _, _ := strings.Cut(lang.Text("desk.only-words"), "{")
	for _, kind := range []string{"photo", "voice", "document", "location"} {
		k.person, k.desk = nil, nil
		p := k.does(bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "telegram", Kind: kind, ID: 5, Caption: "see"}, At: talkBegan, Desk: bot.Desk{On: true, Words: true}})
		if k.holds(k.person, told) != 1 || k.holds(k.desk, "["+kind+"]") != 0 {
			t.Errorf("%s: the person reads %q, the desk %q", kind, k.person, k.desk)
		}
		for _, l := range p.Log {
			if l.By == talk.ByPerson && !strings.Contains(l.Text, "see") {
				t.Errorf("%s: the counsellor reads %q", kind, l.Text)
			}
		}
	}
	k.s.Case.State = bot.Waiting
	k.person = nil
	k.does(bot.Update{Kind: bot.Typed, Text: "/back", At: talkBegan, Desk: bot.Desk{On: true, Words: true}})
	if promise := "photo"; k.holds(k.person, promise) != 0 || k.holds(k.person, "Only words") != 1 {
		t.Errorf("the person who waits reads %q", k.person)
	}
}
