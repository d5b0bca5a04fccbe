package sheet

import "testing"

func TestAMisspeltNameIsToldWithTheOneThatIsMeant(t *testing.T) {
	known := []string{"young", "complaints", "fee", "age", "wage", "stop", "step"}
	for name, want := range map[string]string{
		"yuong": "young", "complaint": "complaints", "complaintss": "complaints", "wagee": "wage", "youngster": "", "": "", "xyz": "", "stap": "", "feee": "fee",
	} {
		got := Near(name, known, "split it")
		if told := Say("perhaps %q is meant; otherwise %s", want, Text("split it")); want == "" && got != "split it" || want != "" && got != told {
			t.Errorf("%q: %s", name, got.Error())
		}
	}
}
