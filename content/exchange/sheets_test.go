package exchange_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"patikra/content"
	"patikra/content/exchange"
)

// few are some of the files that came with the program: enough to see every kind of text, and quickly read.
var few = sync.OnceValue(func() fstest.MapFS {
	out := fstest.MapFS{}
	for _, name := range []string{"at-work", "chat", "results", "language", "sources"} {
		files, _ := filepath.Glob("../../content/*/" + name + ".yaml")
		for _, f := range files {
			if data, err := os.ReadFile(f); err == nil {
				out[filepath.ToSlash(strings.TrimPrefix(f, "../../"))] = &fstest.MapFile{Data: data, Mode: 0o644}
			}
		}
	}
	return out
})

// comes brings a file back into the texts, with some of them changed.
func comes(name, data string, changed map[string][]byte) (*exchange.Merged, error) {
	b, err := exchange.Decode(name, []byte(data), content.Folders(few())...)
	if err != nil {
		return nil, err
	}
	files := maps.Clone(few())
	for f, data := range changed {
		files[f] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	return exchange.Merge(files, name, b)
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

// entry is one of a PO file.
func entry(key, source, target string) string {
	return fmt.Sprintf("msgctxt %q\nmsgid %q\nmsgstr %q\n\n", key, source, target)
}

// taken brings a file in, and expects it to be taken over: these texts changed, and these notes.
func taken(t *testing.T, name, data string, changed map[string][]byte, want map[string]string, notes ...string) *exchange.Merged {
	t.Helper()
	m, err := comes(name, data, changed)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return &exchange.Merged{}
	}
	got := map[string]string{}
	for _, c := range m.Changed {
		got[c.Key] = c.New
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: %s", name, d)
	}
	said := ""
	for _, n := range m.Notes {
		said += n.Error() + "\n"
	}
	for _, n := range notes {
		if !strings.Contains(said, n) {
			t.Errorf("%s: no note %q in\n%s", name, n, said)
		}
	}
	if len(notes) == 0 && strings.Contains(said, "left out") {
		t.Errorf("%s: %s", name, said)
	}
	return m
}

// refused brings a file in, and expects one line that begins so.
func refused(t *testing.T, name, data string, changed map[string][]byte, want string) {
	t.Helper()
	m, err := comes(name, data, changed)
	if m != nil || err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %v\nwant %s", name, err, want)
	}
}

func TestWhatIsNoTranslationYetIsLeftOutAndSaid(t *testing.T) {
	guess := po("en") + "#, fuzzy\n#| msgctxt \"at-work.name\"\n#| msgid \"Darbas\"\n" + entry("at-work.about", aboutWork, "The job you have now.")
	taken(t, "guess.po", guess, nil, map[string]string{}, `guess.po:10: left out, because a program guessed them from other texts (fuzzy): "at-work.about"`)
	obsolete := po("en") + "#~ msgctxt \"at-work.about\"\n#~ msgid \"x\"\n#~ msgstr \"Old.\"\n\n" + entry("at-work.about", aboutWork, "The job you have now.")
	taken(t, "obsolete.po", obsolete, nil, map[string]string{"at-work.about": "The job you have now."})
	taken(t, "same.po", po("en")+entry("at-work.about", aboutWork, text(t, "lt", "at-work.about")), nil, map[string]string{}, `same.po:7: left out, because they read as lt: "at-work.about"`)
	taken(t, "uk.po", po("uk")+entry("at-work.about", aboutWork, text(t, "ru", "at-work.about")), nil, map[string]string{}, `uk.po:7: left out, because they read as ru: "at-work.about"`)

	half := xliff("en", `<unit id="u1" name="at-work.about"><segment id="s1" state="translated"><source>Darbas, kurį dirbate dabar, </source><target>The job you have now, </target></segment><segment id="s2"><source>Lietuvoje ar kitoje šalyje.</source></segment></unit>`)
	taken(t, "half.xlf", half, nil, map[string]string{}, `left out, because only some of their segments are translated: "at-work.about"`)

	// a language that is begun: what the program guessed for a text that is missing is no translation either
	files, err := exchange.Begin(few(), "lv")
	if err != nil {
		t.Fatal(err)
	}
	taken(t, "lv.po", po("lv")+"#, fuzzy\n"+entry("at-work.about", aboutWork, "Darbs, ko jūs tagad darāt."), files, map[string]string{}, "left out, because the translator's program says that they are not done")
}

func TestAFileOfAnotherLanguageIsRefused(t *testing.T) {
	fsys := few()
	for _, c := range []struct{ from, to, want string }{
		{"ru", "uk", "texts cannot be meant for uk: they read as ru, first"},
		{"lt", "pl", "texts cannot be meant for pl: they read as lt, first"},
		{"pl", "en", "texts cannot be meant for en: they read as pl, first"},
	} {
		b := collect(t, fsys, c.to)
		wrong := map[string]string{}
		entries, err := content.Entries(fsys, c.from)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			wrong[e.Key()] = e.Value
		}
		for i := range b.Units {
			if u := &b.Units[i]; wrong[u.Key] != "" {
				u.Target = wrong[u.Key]
			}
		}
		if _, err := back(t, fsys, b, "csv"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s as %s: %.300v", c.from, c.to, err)
		}
	}
}

func TestFormsAreMatchedByTheFilesOwnFormula(t *testing.T) {
	const four = "\"Plural-Forms: nplurals=4; plural=(n==1 ? 0 : (n%10>=2 && n%10<=4) && (n%100<12 || n%100>14) ? 1 : n!=1 && (n%10>=0 && n%10<=1) || (n%10>=5 && n%10<=9) || (n%100>=12 && n%100<=14) ? 2 : 3);\\n\"\n\n"
	forms := func(texts ...string) string {
		out := "msgctxt \"chat.more-reasons\"\nmsgid \"Ir dar {count} ženklas:\"\nmsgid_plural \"Ir dar {count} ženklų:\"\n"
		for i, s := range texts {
			out += fmt.Sprintf("msgstr[%d] %q\n", i, s)
		}
		return out
	}
	taken(t, "pl.po", strings.TrimSuffix(po("pl"), "\n")+four+forms("I jeszcze {count} znak (A):", "I jeszcze {count} znaki (B):", "I jeszcze {count} znaków (C):", "I jeszcze {count} znaku (D):"), nil,
		map[string]string{"chat.more-reasons[one]": "I jeszcze {count} znak (A):", "chat.more-reasons[few]": "I jeszcze {count} znaki (B):", "chat.more-reasons[many]": "I jeszcze {count} znaków (C):"})

	files, err := exchange.Begin(few(), "lv")
	if err != nil {
		t.Fatal(err)
	}
	const older = "\"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2);\\n\"\n\n"
	taken(t, "lv.po", strings.TrimSuffix(po("lv"), "\n")+older+forms("Vēl {count} pazīme (1, 21):", "Vēl {count} pazīmes (2, 3):", "Vēl {count} pazīmju (0):"), files,
		map[string]string{"chat.more-reasons[one]": "Vēl {count} pazīme (1, 21):", "chat.more-reasons[other]": "Vēl {count} pazīmes (2, 3):", "chat.more-reasons[zero]": "Vēl {count} pazīmju (0):"})

	refused(t, "bad.po", strings.TrimSuffix(po("pl"), "\n")+"\"Plural-Forms: nplurals=2; plural=m;\\n\"\n\n"+forms("a {count}", "b {count}"), nil, "bad.po:1: the formula of Plural-Forms cannot be read")
}

func TestALineOfAListStandsWhereItsSourceStands(t *testing.T) {
	grown := map[string][]byte{}
	for _, lang := range []string{"lt", "en"} {
		data, err := os.ReadFile("../../content/" + lang + "/results.yaml")
		if err != nil {
			t.Fatal(err)
		}
		grown["content/"+lang+"/results.yaml"] = []byte(strings.Replace(string(data), "  next:\n", "  next:\n    - \"New in "+lang+".\"\n", 1))
	}
	const first, third = "Būkite ten, kur yra kitų žmonių.", "Vienam artimam žmogui pasakykite, kur esate."
	m := taken(t, "en.csv", "name,lt,en\nresults.emergency.next[1],\""+strings.ReplaceAll(first, ",", ";")+"\",Be where other people are.\nresults.emergency.next[3],\""+third+"\",Tell a friend where you are.\n", grown,
		map[string]string{"results.emergency.next[2]": "Be where other people are.", "results.emergency.next[4]": "Tell a friend where you are."}, `the list "results.emergency.next" has changed since the export`)
	if got := string(m.Files["content/en/results.yaml"]); !strings.Contains(got, "New in en.") || strings.Count(got, "Stay where other") != 1 {
		t.Error(got)
	}
	refused(t, "en.csv", "name,lt,en\nresults.emergency.next[1],\""+first+"\",Be where other people are.\nresults.emergency.next[2],Dingo.,Gone.\n", grown,
		`en.csv:3: the list "results.emergency.next" has changed since the export, and the line "Dingo." is no longer there; export the language again`)

	lt, _ := os.ReadFile("../../content/lt/results.yaml")
	longer := map[string][]byte{"content/lt/results.yaml": []byte(strings.Replace(string(lt), third+"\n", third+"\n    - Nauja eilutė viena.\n    - Nauja eilutė dvi.\n", 1))}
	m = taken(t, "en.po", po("en")+entry("results.emergency.next[4]", "Nauja eilutė viena.", "New line one."), longer, map[string]string{"results.emergency.next[4]": "New line one."})
	if got := string(m.Files["content/en/results.yaml"]); !strings.Contains(got, "where you are.\n    - New line one.\nhigh:") {
		t.Error(got)
	}
	refused(t, "en.po", po("en")+entry("results.emergency.next[5]", "Nauja eilutė dvi.", "New line two."), longer, `en.po:7: of the list "results.emergency.next" line 4 is missing too`)
}

// xliff is a file of one language.
func xliff(lang, units string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="lt" trgLang="` + lang + `">` + "\n" + `<file id="f1">` + units + "</file>\n</xliff>\n"
}

func TestXLIFFSaysHowBlanksAndOrderAreMeant(t *testing.T) {
	pretty := xliff("en", `
  <unit id="u1" name="at-work.results.emergency.text">
   <originalData><data id="d1">{emergency}</data><data id="d2">{helpline}</data></originalData>
   <segment id="s1">
    <source>x</source>
    <target>Your answers show danger already now. Call
     <ph id="1" dataRef="d1" disp="{emergency}"/>
     . If calling is hard now, call
     <ph id="2" dataRef="d2" disp="{helpline}"/>
     when you can.
    </target>
   </segment>
  </unit>
`)
	taken(t, "pretty.xlf", pretty, nil, map[string]string{"at-work.results.emergency.text": "Your answers show danger already now. Call {emergency}. If calling is hard now, call {helpline} when you can."})
	// others leave letters as they are, and put a line end before each placeholder alone
	said := strings.Replace(text(t, "en", "chat.heard"), "It is good", "Good", 1)
	shown := strings.NewReplacer("{emergency}", "\n     <ph id=\"1\" disp=\"{emergency}\"/>", "{helpline}", "\n     <ph id=\"2\" disp=\"{helpline}\"/>")
	before := xliff("en", `<unit id="chat.heard"><segment><source>x</source><target>`+shown.Replace(said)+`</target></segment></unit>`)
	taken(t, "before.xlf", before, nil, map[string]string{"chat.heard": said})
	bold := xliff("en", `<unit id="at-work.results.emergency.text"><segment><source>x</source><target>Call (`+"\n <ph disp=\"{emergency}\"/>), then \n <ph disp=\"{helpline}\"/>"+`.</target></segment></unit>`)
	taken(t, "bold.xlf", bold, nil, map[string]string{"at-work.results.emergency.text": "Call ({emergency}), then {helpline}."})
	folded := xliff("en", `<unit id="chat.private"><segment><source>x</source><target>**Can you read this in quiet now?** Think.</target></segment></unit>`)
	taken(t, "folded.xlf", folded, nil, map[string]string{}, `folded.xlf:3: left out, because their line ends were lost on the way: "chat.private"`)
	order := xliff("en", `<unit id="u1" name="at-work.danger.why">
<segment id="s1"><source xml:space="preserve">Jei pavojus yra dabar, klausimai palauks. </source><target order="2" xml:space="preserve">questions wait if danger is now.</target></segment>
<segment id="s2"><source xml:space="preserve">Tada svarbiausia, kad greitai padėtų žmogus.</source><target order="1" xml:space="preserve">A person helps first: </target></segment></unit>`)
	taken(t, "order.xlf", order, nil, map[string]string{"at-work.danger.why": "A person helps first: questions wait if danger is now."})
	id := xliff("en", `<unit id="at-work.about"><segment><source>x</source><target>The job you have.</target></segment></unit>`)
	taken(t, "id.xlf", id, nil, map[string]string{"at-work.about": "The job you have."})
	nameless := xliff("en", `<unit id="u2"><segment><source>a</source><target>A</target></segment></unit><unit id="u3"><segment><source>b</source><target>B</target></segment></unit>`)
	refused(t, "nameless.xlf", nameless, nil, "nameless.xlf:3: 2 texts have no name; keep the attribute name of the unit")
	older := `<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="x" source-language="lt" target-language="en" datatype="po"><body>` +
		`<trans-unit id="1" resname="at-work.about"><source>x</source><target state="translated">The job you have.</target><alt-trans><source>y</source><target>No.</target></alt-trans></trans-unit></body></file></xliff>`
	taken(t, "older.xlf", older, nil, map[string]string{"at-work.about": "The job you have."})
}

func TestATableIsReadAsSpreadsheetsWriteIt(t *testing.T) {
	const job = "The job you have now."
	row := "at-work.about;" + aboutWork + ";" + job + "\n"
	want := map[string]string{"at-work.about": job}
	for name, data := range map[string]string{
		"sep.csv":     "\ufeffsep=;\nname;lt;en\n" + row,
		"remarks.csv": "\ufeffname;Komentaras;lt;en\nat-work.about;gerai;" + aboutWork + ";" + job + "\n",
		"mac.csv":     strings.ReplaceAll("name,lt,en\nat-work.about,\""+aboutWork+"\","+job+"\n", "\n", "\r"),
		"swapped.csv": "name;en;lt\nat-work.about;" + job + ";" + aboutWork + "\n",
		"title.csv":   "Patikra, 2026;;\n;;\nName;LT;EN\n" + row,
		"country.csv": "name;lt-LT;en_GB\n" + row,
		"named.xlf":   "name;lt;en\n" + row,
		"quoted.csv":  "\"name\",\"lt\",\"en\"\n\"at-work.about\",\"" + aboutWork + "\",\"" + job + "\"\n",
		"table.txt":   "name\tlt\ten\n" + strings.ReplaceAll(row, ";", "\t"),
	} {
		taken(t, name, data, nil, want)
	}
	taken(t, "remarks.csv", "name;Komentaras;lt;en\nat-work.about;gerai;"+aboutWork+";"+job+"\n", nil, want, `remarks.csv:1: not looked at: the columns "Komentaras"`)
	taken(t, "gone.csv", "name;lt;en\n"+row+"at-work.gone.yes;Taip;Yes\n", nil, want, `gone.csv:3: left out, because there are no texts of these names: "at-work.gone.yes"`)
	refused(t, "two.csv", "name;lt;en;pl\n", nil, `two.csv:1: the file has the columns "en" and "pl": which is the translation?`)
	refused(t, "open.csv", "name,lt,en\nat-work.about,\"never closed,x\nat-work.name,a,b\n", nil, `open.csv:2: this line cannot be read`)
	refused(t, "baltic.csv", "name,lt,en\nat-work.about,Darbas kur\xe1,"+job+"\n", nil, "baltic.csv:2: the file is not written in UTF-8: it reads as Windows-1257, of a Baltic Windows; save it as UTF-8")
}

func TestALanguageWithItsCountryIsKnown(t *testing.T) {
	for _, tag := range []string{"pl_PL", "pl-PL", "PL"} {
		taken(t, "pl.po", po(tag)+entry("at-work.about", aboutWork, "Praca, którą masz teraz, w Litwie lub w innym kraju."), nil, map[string]string{"at-work.about": "Praca, którą masz teraz, w Litwie lub w innym kraju."})
	}
	refused(t, "de.po", po("de_DE")+entry("at-work.about", aboutWork, "Die Arbeit."), nil, `de.po:1: there is no language "de-de"`)
}

// text is what a language says.
func text(t *testing.T, tag, key string) string {
	t.Helper()
	entries, err := content.Entries(few(), tag)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Key() == key {
			return e.Value
		}
	}
	t.Fatalf("%s has no %s", tag, key)
	return ""
}

func TestAColumnThatHasSlippedIsRefused(t *testing.T) {
	b := collect(t, few(), "en")
	for i := len(b.Units) - 1; i > 0; i-- {
		b.Units[i].Target = b.Units[i-1].Target
	}
	if _, err := back(t, few(), b, "csv"); err == nil || !strings.Contains(err.Error(), "texts would get the words of other texts, first") {
		t.Errorf("%.500v", err)
	}
}

// What gettext's own programs make of an export comes back without a letter changed; what msgmerge guesses is left out.
func TestGettextGivesBackWhatItGot(t *testing.T) {
	for _, program := range []string{"msgfmt", "msgcat", "msgattrib", "msgmerge"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("gettext is not here: ", err)
		}
	}
	dir := t.TempDir()
	for _, tag := range []string{"en", "pl", "ru"} {
		data, err := exchange.Encode(collect(t, few(), tag), "po")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, tag+".po")
		os.WriteFile(file, data, 0o644)
		for _, args := range [][]string{{"msgfmt", "-c", "-o", os.DevNull, file}, {"msgcat", "--no-wrap", file}, {"msgcat", "--sort-output", "-w", "60", file}, {"msgattrib", "--no-obsolete", file}, {"msgmerge", "--quiet", "--no-fuzzy-matching", file, file}} {
			cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
			var errs strings.Builder
			cmd.Stderr = &errs
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %v %.500s", args, err, errs.String())
			}
			if args[0] != "msgfmt" {
				taken(t, tag+".po", string(out), nil, map[string]string{})
			}
		}
	}
	// a text that is new: msgmerge takes the words of another for it
	old, fresh := filepath.Join(dir, "old.po"), filepath.Join(dir, "new.pot")
	os.WriteFile(old, []byte(po("en")+entry("at-work.name", aboutWork, "The job you have now.")), 0o644)
	os.WriteFile(fresh, []byte(po("en")+entry("at-work.about", aboutWork+" Taip.", "")), 0o644)
	out, err := exec.CommandContext(t.Context(), "msgmerge", "--quiet", "--previous", old, fresh).Output()
	if err != nil {
		t.Fatal(err)
	}
	taken(t, "guess.po", string(out), nil, map[string]string{}, "left out, because a program guessed them from other texts (fuzzy)")
}
