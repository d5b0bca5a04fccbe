package exchange

import (
	"fmt"
	"strings"
	"testing"

	"patikra/content"
)

// TestTheFormulasOfPOAgreeWithTheCLDR works each formula out for a thousand numbers.
func TestTheFormulasOfPOAgreeWithTheCLDR(t *testing.T) {
	for _, tag := range []string{"lt", "en", "pl", "ru", "uk", "be", "lv", "et", "fi", "de", "fr", "cs", "sk", "ro", "sl", "ar", "zh", "vi", "tr", "pt", "hi", "bn"} {
		rule := poRule(tag)
		forms := content.Forms(tag)
		if rule == "" {
			t.Errorf("%s has no formula", tag)
			continue
		}
		var count int
		fmt.Sscanf(rule, "nplurals=%d;", &count)
		if count != len(forms) {
			t.Errorf("%s: %d forms, the formula has %d", tag, len(forms), count)
			continue
		}
		formula := strings.TrimSuffix(strings.SplitN(rule, "plural=", 3)[1], ";")
		for i, f := range forms {
			for _, n := range f.Numbers {
				e := expression{text: strings.ReplaceAll(formula, " ", ""), n: n}
				if got := e.choice(); got != i || e.at != len(e.text) {
					t.Fatalf("%s: %d takes %s, the %dth form; the formula says %d", tag, n, f.Name, i, got)
				}
			}
		}
	}
}

// expression works out gettext's C.
type expression struct {
	text string
	at   int
	n    int
}

func (e *expression) take(s string) bool {
	if strings.HasPrefix(e.text[e.at:], s) {
		e.at += len(s)
		return true
	}
	return false
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (e *expression) choice() int {
	v := e.or()
	if !e.take("?") {
		return v
	}
	a := e.choice()
	e.take(":")
	if b := e.choice(); v == 0 {
		return b
	}
	return a
}

func (e *expression) or() int {
	v := e.and()
	for e.take("||") {
		w := e.and()
		v = yes(v != 0 || w != 0)
	}
	return v
}

func (e *expression) and() int {
	v := e.compare()
	for e.take("&&") {
		w := e.compare()
		v = yes(v != 0 && w != 0)
	}
	return v
}

func (e *expression) compare() int {
	v := e.rest()
	switch {
	case e.take("=="):
		return yes(v == e.rest())
	case e.take("!="):
		return yes(v != e.rest())
	case e.take("<="):
		return yes(v <= e.rest())
	case e.take(">="):
		return yes(v >= e.rest())
	case e.take("<"):
		return yes(v < e.rest())
	case e.take(">"):
		return yes(v > e.rest())
	}
	return v
}

func (e *expression) rest() int {
	v := e.atom()
	for e.take("%") {
		v %= e.atom()
	}
	return v
}

func (e *expression) atom() int {
	if e.take("(") {
		v := e.choice()
		e.take(")")
		return v
	}
	if e.take("n") {
		return e.n
	}
	v := 0
	for e.at < len(e.text) && e.text[e.at] >= '0' && e.text[e.at] <= '9' {
		v = v*10 + int(e.text[e.at]-'0')
		e.at++
	}
	return v
}
