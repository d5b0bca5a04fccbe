package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
)

func TestCasesFromManyAddressesOfOneIPv6NetworkAreBoundedAsOne(t *testing.T) {
	s := newSiteWith(t, settingsLimited)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	s.bot.Draws = map[string]bool{"web": true}
	folded := func() int {
		t.Helper()
		_, all, err := s.bot.FromWeb(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	for i := range 11 { // so many wait that a network's hour counts: six of others, then five of the network itself
		network := fmt.Sprintf("2001:db8:9:%x::/64", i)
		if i >= 6 {
			network = "2001:db8:1:2::/64"
		}
		at := time.Now().Add(-time.Duration(30-i) * time.Minute)
		for _, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Typed, Text: "/next"}, {Kind: bot.Pressed, Text: "human"}, {Kind: bot.Pressed, Text: "human:agree"}} {
			u.From, u.Lang, u.Network, u.At = bot.Address{Channel: "web", ID: fmt.Sprint("earlier ", i)}, "lt", network, at
			if _, err := s.bot.Handle(context.Background(), u); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := folded(); n != 0 {
		t.Fatalf("%d of those before are put aside", n)
	}
	for _, c := range []struct {
		from  string
		aside int
	}{{"2001:db8:1:2::1", 0}, {"2001:db8:1:2:ffff::2", 1}, {"2001:db8:1:2:abcd:1:2:3", 2}, {"2001:db8:1:3::1", 2}} {
		b := s.visit(t)
		b.from = c.from
		b.begin("lt")
		b.press("human")
		b.press("human:agree")
		if n := folded(); n != c.aside {
			t.Errorf("after one from %s %d are put aside, not %d", c.from, n, c.aside)
		}
	}
}
