package flows

import (
	"slices"
	"strings"
	"testing"
)

// How grave a sign is, and which signs follow from one fact, stand here a second time: a slip in flags.yaml changes what people are
// told, and no story may go over that very sign. Whoever means it changes both.
func TestGraveSignsAndFactsAreWhatTheyWereDecidedToBe(t *testing.T) {
	b := shipped(t)
	names := func(of func(*Flag) bool) string {
		var out []string
		for i := range b.Flags {
			if of(&b.Flags[i]) {
				out = append(out, b.Flags[i].Name)
			}
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		grade Grade
		want  string
	}{
		{EmergencyGrade, "danger-now locked-in threats violence young-carry young-damage young-pictures"},
		{Stop, "accounts-in-name bank-access cannot-leave cheques crime documents-taken family-used forced-tasks intimate-pictures made-to-break-law money-mule no-way-to-refuse out-of-reach parcels sabotage scam-centre sham-marriage task-deposit told-to-lie war-work young-bank"},
		{Raise, "already-gone leaving-soon"},
		{Strong, "absent-from-register begging blank-signature body-for-money changed-terms complaints cut-off debt debt-first deceived-again documents-held documents-kept endless-debt far-unknown fee hunger kit-to-buy long-hours one-hand-unknown other-work pay-to-another secrecy secret-contact tourist-entry two-contracts watched written-differs young-away young-model"},
	} {
		if got := names(func(f *Flag) bool { return f.Grade == c.grade }); got != c.want {
			t.Errorf("of grade %d are\n%s, not\n%s", c.grade, got, c.want)
		}
	}
	facts := map[string]string{
		"contract": "bogus-status contract-language contract-on-arrival contract-refused contract-unread no-contract undeclared",
		"debt":     "advance debt debt-first endless-debt",
		"employer": "employer-hidden employer-unknown nickname-only unlicensed workplace-unknown",
		"evasive":  "chat-only evasive",
		"fee":      "fee fee-asked kit-to-buy task-deposit",
		"health":   "injured no-doctor",
		"hours":    "long-hours unpaid-hours",
		"housing":  "no-address unclear-rent",
		"identity": "id-before-contract id-early",
		"job":      "job-not-told vague-job",
		"money":    "bank-access cheques money-mule",
		"pay":      "high-pay low-pay share-only",
		"promise":  "deceived-again other-work promised-more",
		"room":     "bad-housing no-bed rent-from-boss",
		"threats":  "permit-threat pressed",
		"unasked":  "no-interview unasked",
		"wages":    "costs-eat-pay piece-rate underpaid wages-late wages-withheld",
	}
	for group, want := range facts {
		at := slices.Index(b.Risk.Groups, group)
		if got := names(func(f *Flag) bool { return f.Group == at }); at < 1 || got != want {
			t.Errorf("of the fact %s are %s, not %s", group, got, want)
		}
	}
	if n := len(b.Risk.Groups) - 1; n != len(facts) {
		t.Errorf("there are %d facts, not %d", n, len(facts))
	}
}
