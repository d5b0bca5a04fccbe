package content_test

import (
	"testing"

	"patikra/content"
)

func TestAPhoneNumberInATextIsFoundAndNothingElseIs(t *testing.T) {
	for text, want := range map[string]string{
		"Skambinkite +370 616 91119.":           "+370 616 91119",
		"Skambinkite +37061691119":              "+37061691119",
		"tel. 8 700 77887, visą parą":           "8 700 77887",
		"tel. (8-5) 212 1600":                   "(8-5) 212 1600",
		"0 800 91119 – nemokamai":               "0 800 91119",
		"0037061691119":                         "0037061691119",
		"Skambinkite 112!":                      "112",
		"Skambinkite 112.":                      "112",
		"Vaikų linija 116 111":                  "116 111",
		"Call +44 800 012 1700":                 "+44 800 012 1700",
		"Skambinkite {helpline}":                "",
		"I-327, 1V-1015, A1-758: jų 2 skyriuje": "",
		"2026-11-27 17:00":                      "",
		"nuo 2026 m. 1 153 eurų, 112 eurų ne":   "",
		"1112 eurų, 112,50 euro, 2112":          "",
		"Projektas 2013–2015, 08 09 10":         "",
		"100 000 000":                           "",
		"18 arba daugiau":                       "",
		"09:00-17:00":                           "",
	} {
		if got := content.Phone(text); got != want {
			t.Errorf("%s: %q, not %q", text, got, want)
		}
	}
}

func TestAWordThatJudgesOrPromisesIsFoundWithWhatToSay(t *testing.T) {
	for _, c := range []struct{ tag, text, word string }{
		{"lt", "Ar esate AUKA?", "AUKA"}, {"lt", "Tai saugu.", "saugu"}, {"lt", "prekyba žmonėmis", "prekyba žmonėmis"}, {"lt", "Prekybos centras, kiti žmonėmis", ""},
		{"lt", "Saugokite pasą. Auksas.", ""}, {"lt-easy", "Jūs – vergas", "vergas"}, {"en", "You are safe", "safe"}, {"en", "unsafe", ""}, {"lt", "safe", ""},
		{"ru", "Это безопасно", "безопасно"}, {"ru", "работа", ""}, {"uk", "жертвою", "жертвою"}, {"pl", "Ofiara", "Ofiara"}, {"xx", "auka", ""},
	} {
		if word, remedy := content.NeverSaid(c.tag, c.text); word != c.word || (word == "") != (remedy == "") {
			t.Errorf("%s: %q %q", c.text, word, remedy)
		}
	}
}

func BenchmarkNeverSaid(b *testing.B) {
	for b.Loop() {
		content.NeverSaid("lt", "Ar jie sako, kad būsite ten pasiekti ir kad dokumentai bus saugūs jų rankose?")
		content.Phone("Ar jie sako, kad būsite ten pasiekti ir kad dokumentai bus saugūs jų rankose 2026?")
	}
}
