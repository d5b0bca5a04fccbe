package bot

import (
	"slices"
)

// Finding is what a talk came to, as the counsellor sees it when it is over. It leaves the program as a count alone.
type Finding uint8

// The findings.
const (
	NoFinding     Finding = iota // nobody has said
	Exploitation                 // is likely
	Fraud                        // somebody wants money or data
	LabourDispute                // pay, hours or a contract, and nothing worse
	NoSign                       // nothing speaks against the offer
	Unclear
	Nobody // a test, silence or abuse
)

// FindingNames are the findings' names in acts, texts and counts, by Finding.
var FindingNames = [...]string{"", "exploitation", "fraud", "labour", "no-sign", "unclear", "test"}

// String is the finding's name in acts, texts and counts; empty for NoFinding.
func (f Finding) String() string { return FindingNames[min(int(f), len(FindingNames)-1)] }

// Findings lists what can be said of a talk.
func Findings() []Finding {
	return []Finding{Exploitation, Fraud, LabourDispute, NoSign, Unclear, Nobody}
}

// FindingNamed returns the finding of a name; NoFinding when there is none.
func FindingNamed(name string) Finding {
	if i := slices.Index(FindingNames[:], name); i > 0 {
		return Finding(i)
	}
	return NoFinding
}

func FindingCounts(f Finding, level string, flags []string) []string {
	name := "outcome." + f.String()
	if level == "" {
		level = "none"
	}
	out := []string{name, name + ".level." + level}
	for _, flag := range flags {
		out = append(out, name+".flag."+flag)
	}
	return out
}
