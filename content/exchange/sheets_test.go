package exchange_test

import (
	"os"
	"strings"
	"testing"

	"patikra/content/exchange"
)

// comes brings a file back into the shipped texts, with some of them changed.
func comes(name, data string, changed map[string][]byte) (*exchange.Merged, error) {
	b, err := exchange.Decode(name, []byte(data))
	if err != nil {
		return nil, err
	}
	return exchange.Merge(exchange.Over(os.DirFS("../.."), changed), name, b)
}

// po is the head of a file of a language.
func po(lang string) string {
	return "msgid \"\"\nmsgstr \"\"\n\"Language: " + lang + "\\n\"\n\"X-Source-Language: lt\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\n"
}

const aboutWork = "Darbas, kurį dirbate dabar, Lietuvoje ar kitoje šalyje."

func TestWhatMachinesHarmedIsRefusedInOneLine(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"merged.po", po("en") + "#, fuzzy\nmsgctxt \"at-work.about\"\nmsgid \"" + aboutWork + "\"\nmsgstr \"\"\n\"#-#-#-#-#  a.po (patikra)  #-#-#-#-#\\n\"\n\"The work you do now.\\n\"\n\"#-#-#-#-#  b.po (patikra)  #-#-#-#-#\\n\"\n\"The job you have now.\"\n",
			`merged.po:8: in the text "at-work.about" two versions are merged in one text (#-#-#-#-#  a.po (patikra); keep one of them`},
		{"lost.csv", "\ufeffname,lt,ru\nat-work.about,\"" + aboutWork + "\",\"??????, ??????? ?? ??????? ??????.\"\nat-work.name,Darbas,\"???? ??????\"\n",
			`lost.csv:2: in 2 texts letters have been lost, first in "at-work.about" (`},
		{"wrong.csv", "\ufeffname,lt,pl\nat-work.about,\"" + aboutWork + "\",\"Praca, ktÃ³rÄ… masz teraz.\"\n",
			`wrong.csv:2: in the text "at-work.about" letters were read in the wrong encoding (ktÃ³rÄ… masz teraz.)`},
		{"sheet.csv", "name,lt,en\nat-work.about,x,#NAME?\n", `sheet.csv:2: in the text "at-work.about" a spreadsheet computed something in place of a text (#NAME?)`},
	} {
		m, err := comes(c.name, c.data, nil)
		if m != nil || err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
}
