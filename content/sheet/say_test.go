package sheet

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

func TestASentenceIsDrawnInTheLanguageOfWhoReadsIt(t *testing.T) {
	where := Say(" in %q", "steps.fee")
	for _, c := range []struct {
		said   Text
		en, lt string
	}{
		{"the file is empty", "the file is empty", "failas tuščias"},
		{Say("the text %q is missing", `a "b"`), `the text "a \"b\"" is missing`, `trūksta teksto „a "b"“`},
		{Say("unknown key %q%s", "begin", where), `unknown key "begin" in "steps.fee"`, "vardo „begin“ čia („steps.fee“) programa nepažįsta"},
		{Say("the file has more than %d values", 5), "the file has more than 5 values", "faile daugiau kaip 5 reikšmių"},
		{Say("call it %s", "50 %s\x00\x01a\x01b"), "call it 50 %s\x00\x01a\x01b", "pavadinkite 50 %s\x00\x01a\x01b"},
		{Say("letter %d of the name %q is the Cyrillic %c (%s)", 2, "хa", 'х', "→х←a"), "letter 2 of the name \"хa\" is the Cyrillic х (→х←a)", "vardo „хa“ raidė nr. 2 (→х←a) yra kirilicos х, nors atrodo kaip lotyniška"},
		{Say("%s: nobody has this wording", "x"), "x: nobody has this wording", "x: nobody has this wording"},
		{Say("the folder %s cannot be read: %v", "f", &fs.PathError{Op: "open", Path: "f", Err: fs.ErrNotExist}),
			"the folder f cannot be read: open f: no such file or directory", "aplanko f atverti nepavyksta: f: tokio failo ar aplanko nėra"},
		{Say("%s: %v", "x", fmt.Errorf("odd: %w", Text("the file is empty"))), "x: odd: the file is empty", "x: odd: the file is empty"},
		{Say("nothing was changed: %v", Problems{{File: "a", Message: "the file is empty", Remedy: "split it"}, {File: "b", Line: 2, Message: "the file is empty", Remedy: "split it"}}),
			"nothing was changed: a:1: the file is empty; split it\nb:2: the file is empty; split it", "nieko nepakeista: a:1: failas tuščias; padalykite\nb:2: failas tuščias; padalykite"},
	} {
		if en, lt := c.said.In(English), c.said.In(Lithuanian); en != c.en || lt != c.lt {
			t.Errorf("%q\n%q", en, lt)
		}
	}
	long := Say("call it %s", strings.Repeat("ą", 1000)).brief().In(Lithuanian)
	if len(long) > mostFilled+30 || !strings.HasSuffix(long, "ą…") {
		t.Errorf("%d bytes: %s", len(long), long)
	}
}

func FuzzSay(f *testing.F) {
	f.Add("a", "b\x00s", "\x01a%q")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		all := Say("%s %s", Say("%s %s", a, b), c)
		if got := all.In(English); got != a+" "+b+" "+c {
			t.Errorf("%q", got)
		}
		all.brief().In(Lithuanian)
	})
}
