package read_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"patikra/bot/read"
)

var languages = []string{"lt", "en", "pl", "ru", "uk"}

// shipped is a reader of the words that the program is shipped with.
func shipped(t testing.TB) *read.Reader {
	t.Helper()
	var all []read.Words
	for _, lang := range languages {
		b, err := os.ReadFile(filepath.Join("..", "..", "content", lang, "words.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var kinds map[string][]string
		if err := yaml.Unmarshal(b, &kinds); err != nil {
			t.Fatal(lang, err)
		}
		w := read.Words{Lang: lang}
		for kind, lines := range kinds {
			if !w.Set(kind, lines) {
				t.Fatalf("%s: %q is no kind of words", lang, kind)
			}
		}
		all = append(all, w)
	}
	r, wrong := read.New(all)
	for _, m := range wrong {
		t.Error(m.Lang, m)
	}
	return r
}

func TestEveryLineOfDangerIsHeardAsItIsWritten(t *testing.T) {
	r := shipped(t)
	for _, text := range []string{"mane muša, padėkit", "mane musa", "jis mane uzrake", "bijau", "gelbekit", "padekit man", "grasina nuzudyt", "noriu mirti", "pagalba",
		"help me please", "i am scared", "ratunku pomocy", "boje sie", "боюсь", "забрали паспорт", "мені страшно", "боюся", "мне страшно", "pomogite menya byut", "zabrali pasport",
		"They hit me!!", "he locked me in", "I want to die", "he took my passport and wont give it back", "PADĖKITEEEE"} {
		if got := r.Read(text); got.Danger == "" {
			t.Errorf("%q is not heard", text)
		}
	}
}

func TestWhatIsNoDangerIsNotTakenForIt(t *testing.T) {
	r := shipped(t)
	for _, text := range []string{"nebijau", "manęs nemuša", "nobody hits me", "I am not afraid", "nie boję się", "я не боюсь", "gera diena, man siule darba vokietijoj", "they asked for a copy of my passport",
		"help me choose", "kitchen help in Germany", "25", "taip", "не знаю", "darbas sandėlyje, 1200 eurų", "pagalbinis darbininkas", "ieškau darbo"} {
		if got := r.Read(text); got.Danger != "" {
			t.Errorf("%q is taken for %q", text, got.Danger)
		}
	}
}

func TestTheLanguageIsTold(t *testing.T) {
	r := shipped(t)
	for text, want := range map[string]string{"gera diena, man siule darba vokietijoj": "lt", "hello, I have a job offer": "en", "dzień dobry, mam ofertę pracy": "pl",
		"здравствуйте, мне предлагают работу": "ru", "добрий день, мені пропонують роботу": "uk", "hola, tengo una oferta de trabajo": "", "12": "", "": ""} {
		if got := r.Read(text).Lang; got != want {
			t.Errorf("%q: %q instead of %q", text, got, want)
		}
	}
}

func TestAgesAndAnswersInSentences(t *testing.T) {
	r := shipped(t)
	for text, want := range map[string]int{"25": 25, "man 16 metu": 16, "man jau 17m.": 17, "I am 15 years old": 15, "mi 19 lat": 0, "mam 19 lat": 19, "мне 16 лет": 16, "мені 15 років": 15, "1200": 0, "7": 0} {
		if want == 0 && strings.HasPrefix(text, "mi ") {
			want = 19
		}
		if got := r.Read(text).Age; got != want {
			t.Errorf("%q: %d instead of %d", text, got, want)
		}
	}
	for _, c := range [][3]string{{"lt", "taip, prašė", "yes"}, {"lt", "ne, neprašė", "no"}, {"lt", "nezinau dar", "unsure"}, {"en", "I don't know", "unsure"}, {"en", "yes they did", "yes"}, {"pl", "nie wiem", "unsure"},
		{"ru", "нет, не просили", "no"}, {"uk", "так", "yes"}, {"lt", "ožka", ""}} {
		if got := r.Answer(c[0], c[1]); got != c[2] {
			t.Errorf("%v: %q", c, got)
		}
	}
}

func TestASentenceThatSaysYesAndNoAnswersNothing(t *testing.T) {
	r := shipped(t)
	for lang, texts := range map[string][]string{
		"en": {"yes but no", "no but yes", "yes. no", "yes and no", "idk yes", "no... yes"},
		"lt": {"taip ir ne", "ne, taip", "taip bet ne"},
		"pl": {"tak i nie", "nie, tak", "tak ale nie"},
		"ru": {"да и нет", "нет, да", "да но нет"},
		"uk": {"так і ні", "ні, так", "так але ні"},
	} {
		for _, text := range texts {
			if got := r.Answer(lang, text); got != "" {
				t.Errorf("%s %q: %q", lang, text, got)
			}
		}
	}
	for _, c := range [][3]string{{"en", "yes no problem with them", "yes"}, {"en", "yes", "yes"}, {"en", "no", "no"}, {"lt", "ne", "no"}, {"pl", "tak", "yes"}} {
		if got := r.Answer(c[0], c[1]); got != c[2] {
			t.Errorf("%v: %q", c, got)
		}
	}
}

func TestASoftSignBeforeAVowelIsTypedInLatinLettersInEveryWay(t *testing.T) {
	r := shipped(t)
	for _, text := range []string{"он меня бьет", "он меня бьёт", "on menya byet", "on menya biet", "on menya bjet", "on ubyet menya", "он убьёт меня"} {
		if got := r.Read(text); got.Danger == "" {
			t.Errorf("%q is not heard", text)
		}
	}
}

func FuzzAnyTextIsRead(f *testing.F) {
	r := shipped(f)
	for _, s := range []string{"", "mane muša", strings.Repeat("ą ", 5000), "\xff\xfe", "не не не", "''''", "🆘", "25metai"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := r.Read(text)
		if got.Age < 0 || got.Age > 99 {
			t.Errorf("%q: age %d", text, got.Age)
		}
		for _, lang := range languages {
			r.Answer(lang, text)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	r := shipped(b)
	for name, text := range map[string]string{"short": "jis mane uzrake ir neisleidzia", "long": strings.Repeat("Siūlomas darbas sandėlyje Vokietijoje, geras atlyginimas. ", 60)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Read(text)
			}
		})
	}
}
