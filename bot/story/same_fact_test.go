package story_test

import (
	"slices"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/talk"
)

// speaks are, for every reason, the points and good signs of the same fact, as a reader sees them.
var speaks = []struct {
	reasons []string
	points  []string
	good    []string
}{
	{[]string{"no-contract", "contract-on-arrival", "contract-refused", "contract-language", "blank-signature", "two-contracts"}, []string{"contract"}, []string{"contract"}},
	{[]string{"employer-unknown", "employer-hidden", "nickname-only", "unlicensed"}, []string{"employer"}, nil},
	{[]string{"employer-unknown", "employer-hidden", "nickname-only"}, nil, []string{"known-employer"}},
	{[]string{"no-address"}, []string{"address"}, []string{"address"}},
	{[]string{"no-money-home"}, []string{"way-home"}, []string{"way-home"}},
	{[]string{"low-pay", "high-pay", "share-only"}, []string{"pay"}, nil},
	{[]string{"vague-job", "job-not-told"}, []string{"work"}, []string{"clear-answers"}},
	{[]string{"evasive"}, nil, []string{"clear-answers"}},
	{[]string{"unclear-rent"}, []string{"costs"}, []string{"no-fee"}},
	{[]string{"parent-knows-little"}, []string{"parent"}, []string{"parent-agrees"}},
	{[]string{"afraid-to-leave", "debt-first"}, []string{"leave"}, []string{"free-to-leave"}},
	{[]string{"wages-late", "wages-withheld", "underpaid"}, []string{"wages"}, []string{"paid-in-full"}},
}

func TestNoFactIsAReasonAndAnOpenPointOrAGoodSignInOneResult(t *testing.T) {
	lib, _ := shipped(t)
	failed, met := map[string]bool{}, 0
	results(t, lib, randomSheets, func(about, lang string, s bot.Session) {
		text := talk.Draw(lib, s, lang).Text
		words := lib.Catalog.Language(lang)
		has := func(key string) bool { return words.Has(key) && strings.Contains(text, "\n• "+words.Text(key)) }
		_, reasons, _ := talk.Outcome(lib, &s)
		for _, same := range speaks {
			if !slices.ContainsFunc(reasons[:min(3, len(reasons))], func(r string) bool { return slices.Contains(same.reasons, r) }) {
				continue
			}
			met++
			for _, p := range same.points {
				if key := "flags.points." + p + "."; has(key+"name") && strings.Contains(text, talk.Fill(lib, words.Text(key+"ask"))) && !failed[lang+key] {
					failed[lang+key] = true
					t.Errorf("%s in %s: %s is a reason (%s) and an open point", about, lang, p, strings.Join(reasons, ", "))
				}
			}
			for _, g := range same.good {
				for _, key := range []string{"flags.green." + g + ".name", "flags.other." + g + ".name"} {
					if has(key) && !failed[lang+key] {
						failed[lang+key] = true
						t.Errorf("%s in %s: %s is a good sign beside %s", about, lang, g, strings.Join(reasons, ", "))
					}
				}
			}
		}
	})
	if met < 50 {
		t.Errorf("only %d results named such a reason", met)
	}
}
