package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"patikra/content/sheet"
)

// helped visits everything that the help says.
func helped(n *kong.Node, visit func(english string)) {
	visit(n.Help)
	for _, f := range n.Flags {
		visit(f.Help)
	}
	for _, p := range n.Positional {
		visit(p.Help)
	}
	for _, c := range n.Children {
		helped(c, visit)
	}
}

func TestEverythingThatTheHelpSaysIsThereInLithuanian(t *testing.T) {
	used := map[string]bool{}
	visit := func(english string) {
		used[english] = true
		if english != "" && inHelp[english] == "" {
			t.Errorf("helpwords.go lacks %q", english)
		}
	}
	helped(kong.Must(&commands{}, kong.Description(description)).Model.Node, visit)
	for _, s := range table {
		visit(s.meaning)
		if strings.Contains(s.standard, " ") || inHelp[s.standard] != "" {
			visit(s.standard)
		}
	}
	for english := range inHelp {
		if !used[english] {
			t.Errorf("helpwords.go: the help no longer says %q", english)
		}
	}
}

// What the library says of itself is put into our words: of each kind of mistake no English is left, in any of the languages nothing of the library.
func TestACallThatCannotBeReadIsAnsweredInTheLanguageOfWhoCalls(t *testing.T) {
	t.Setenv("LC_ALL", "lt_LT.UTF-8")
	for _, c := range []struct{ call, want string }{
		{"chek", "patikra: „chek“ čia nėra komanda; gal norėjote chat, check?\n"},
		{"check a b", "patikra: „b“ nėra komanda arba čia nereikalinga\n"},
		{"check --al", "patikra: parinkties --al čia nėra; gal norėjote --all?\n"},
		{"check --json --flags", "patikra: parinkčių --json ir --flags kartu rašyti negalima\n"},
		{"places due --days x", "patikra: po --days rašomas sveikasis skaičius, o „x“ nėra toks\n"},
		{"texts gaps --lang", "patikra: po --lang turi būti žodis\n"},
		{"texts", "patikra: parašykite vieną iš šių: book, gaps, export, import, fresh, ...\n"},
	} {
		code, out, errs := command("", strings.Fields(c.call)...)
		if code != misuse || !strings.HasPrefix(errs, c.want) || out != "" {
			t.Errorf("%s: exit %d\n%s%s", c.call, code, out, errs)
		}
	}
	if got := unread(errors.New("something new")).In(sheet.English); got != "something new" {
		t.Errorf("%q", got)
	}
	for _, call := range []string{"--help", "check --help", "serve --help", "texts --help", "help"} {
		_, out, _ := command("", strings.Fields(call)...)
		for _, english := range []string{"Usage", "Commands", "Flags:", "Arguments", "Run \"", "Show ", "<command>", "The ", "built"} {
			if strings.Contains(out, english) {
				t.Errorf("%s still says %q:\n%s", call, english, out)
			}
		}
	}
}

func TestWhatIsWrongWithTheSettingsIsSaidInTheLanguageOfWhoCalls(t *testing.T) {
	t.Setenv("LC_ALL", "lt_LT.UTF-8")
	dir := t.TempDir()
	t.Chdir(dir)
	told := func(dotenv string) string {
		if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
		get, err := environment(".env")
		if err == nil {
			_, err = read(get)
		}
		if err == nil {
			return ""
		}
		return sheet.In(sheet.Lithuanian, err)
	}
	for dotenv, want := range map[string]string{
		"PATIKRA_LOG json\n":                          ".env:1: ši eilutė nėra VARDAS=reikšmė; taip ir parašykite arba pradėkite ją ženklu #",
		"PATIKRA_LOG=x\nPATIKRA_IDLE=1s\n":            "PATIKRA_LOG: rašykite json arba console\nPATIKRA_IDLE: rašykite laiką nuo 10m (minučių) iki 168h (valandų), pavyzdžiui, 24h",
		"PATIKRA_KEY=x\n":                             "PATIKRA_KEY: tai ne raktas; naują parodo „patikra key“",
		"PATIKRA_URL_FILE=none\n":                     "PATIKRA_URL: failo, kurį nurodo PATIKRA_URL_FILE, nepavyksta perskaityti; pataisykite kelią arba nustatykite patį PATIKRA_URL",
		"TELEGRAM_RATE=1\n":                           "TELEGRAM_RATE: rašykite tris skaičius, pavyzdžiui, 30/1/20; 0 – be ribos",
		"PATIKRA_LOG=\xe0\n":                          ".env:1: failas išsaugotas ne UTF-8 koduote",
		"MESSENGER_TOKEN=x\nMESSENGER_APP_SECRET=x\n": "MESSENGER_VERIFY_TOKEN: trūksta; „Messenger“ reikia visų trijų",
		"PATIKRA_TRANSLATE=x\n":                       "PATIKRA_TRANSLATE: tai ne svetainės adresas; rašykite http://vardas:prievadas",
	} {
		if got := told(dotenv); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %s", dotenv, got)
		}
	}
	os.WriteFile(filepath.Join(dir, ".env"), []byte("PATIKRA_FILES\n"), 0o600)
	for _, call := range []string{"check", "doctor", "books", "publish"} {
		if _, out, errs := command("", call); !strings.Contains(out+errs, "ši eilutė nėra VARDAS=reikšmė") {
			t.Errorf("%s: %s%s", call, out, errs)
		}
	}
	if code := run(t.Context(), []string{"serve"}, nil, io.Discard, io.Discard); code != misuse {
		t.Errorf("serve: exit %d", code)
	}
}
