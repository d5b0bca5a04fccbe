package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// change replaces words in a file of a folder.
func change(t *testing.T, dir, name, old, with string) {
	t.Helper()
	file := filepath.Join(dir, name)
	data, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %q: %v", name, old, err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(data), old, with, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read1(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTheShippedTranslationsAreComplete(t *testing.T) {
	code, out, errs := command("", "texts", "gaps", "../..", "--json")
	var doc struct {
		Languages []struct {
			Language                   string
			Missing, Stale, Unreviewed []struct{ Name, File string }
			Percent                    struct{ Missing, Stale, Unreviewed float64 }
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 || errs != "" || len(doc.Languages) < 2 {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	for _, l := range doc.Languages {
		if len(l.Missing) > 0 {
			t.Errorf("%s: missing %v", l.Language, l.Missing)
		}
		for _, g := range l.Stale { // no mistake: somebody should look at it and then note so
			t.Logf("stale: %s; after a look: go run ./cmd/patikra texts fresh %s . --text %s", g.Name, l.Language, g.Name)
		}
	}
}

func TestAChangeOfTheSourceMakesTheTranslationStaleUntilSomebodyLooks(t *testing.T) {
	dir := staffs(t)
	change(t, dir, "content/lt/chat.yaml", "begin: Pradėti", "begin: Pradėkime")
	code, out, _ := command("", "texts", "gaps", dir, "--lang", "en")
	if code != 0 || !strings.Contains(out, "stale 1 (") || !strings.Contains(out, "stale       chat.begin (content/en/chat.yaml:") || strings.Contains(out, "lt:") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if code, out, errs := command("", "texts", "fresh", "en", dir, "--text", "chat.begin"); code != 0 || !strings.Contains(out, "chat.begin\nnoted: 1") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if _, out, _ := command("", "texts", "gaps", dir, "--lang", "en"); !strings.Contains(out, "stale 0 (") {
		t.Error(out)
	}
	if code, out, _ := command("", "check", dir); code != 0 {
		t.Errorf("check refuses what was written:\n%s", out)
	}
}

func TestATranslatorGetsWhatIsMissingAlone(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	change(t, dir, "content/lt/chat.yaml", "begin: Pradėti", "begin: Pradėkime")
	change(t, dir, "content/en/chat.yaml", "private-no: Better later\n", "")
	code, out, errs := command("", "texts", "export", "en", dir, "--missing", "--format", "csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out, "\ufeff"))).ReadAll()
	if code != 0 || err != nil || len(rows) != 3 || rows[1][0] != "chat.begin" || rows[1][3] != "needs review" || rows[2][0] != "chat.private-no" || rows[2][3] != "new" {
		t.Errorf("exit %d %v\n%s%s", code, err, out, errs)
	}
	file := filepath.Join(t.TempDir(), "en.csv")
	rows[1][2], rows[2][2] = "Let us begin", "Better later"
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.WriteAll(rows)
	os.WriteFile(file, []byte(b.String()), 0o644)
	if code, out, errs := command("", "texts", "import", file, dir); code != 0 || !strings.Contains(out, "changed: 2;") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if _, out, _ := command("", "texts", "gaps", dir, "--lang", "en"); !strings.Contains(out, "missing 0 (0 %), stale 0 (0 %)") {
		t.Errorf("%.400s", out)
	}
}

// A flag that the quiz of an easy-to-read variant raises is wanted there too: check demands it.
func TestWhatTheEasyWordsLackIsExported(t *testing.T) {
	unwatched(t)
	const file = "content/lt-easy/flags.yaml"
	dir := allStaffs(t)
	easy := read1(t, dir, file)
	i := strings.Index(easy, "  fee:\n")
	if i < 0 {
		t.Fatal("no such flag")
	}
	end := i + len("  fee:\n")
	for strings.HasPrefix(easy[end:], "    ") {
		end += strings.IndexByte(easy[end:], '\n') + 1
	}
	os.WriteFile(filepath.Join(dir, file), []byte(easy[:i]+easy[end:]), 0o644)
	if code, out, _ := command("", "check", dir); code != 1 || !strings.Contains(out, file+":1: the texts of \"flags.fee\" are missing") {
		t.Errorf("check: exit %d\n%.500s", code, out)
	}
	_, out, _ := command("", "texts", "export", "lt-easy", dir, "--missing")
	for _, key := range []string{"flags.flags.fee.name", "flags.flags.fee.why", "flags.flags.fee.do"} {
		if !strings.Contains(out, "msgctxt \""+key+"\"") {
			t.Errorf("%s is not exported", key)
		}
	}
	if _, out, _ := command("", "texts", "gaps", dir, "--lang", "lt-easy"); !strings.Contains(out, "missing     flags.flags.fee.name") {
		t.Errorf("gaps: %.500s", out)
	}
}

func TestATranslatorsFileIsTakenWholeOrNotAtAll(t *testing.T) {
	unwatched(t)
	for _, format := range []string{"po", "xliff", "csv"} {
		dir := staffs(t)
		code, out, errs := command("", "texts", "export", "en", dir, "--format", format)
		if code != 0 || errs != "" {
			t.Fatalf("exit %d %s", code, errs)
		}
		file := filepath.Join(t.TempDir(), "en."+format)
		put := func(text string) { os.WriteFile(file, []byte(text), 0o644) }
		before := read1(t, dir, "content/en/chat.yaml")
		put(out)
		if code, got, errs := command("", "texts", "import", file, dir); code != 0 || !strings.HasPrefix(got, "nothing to change") {
			t.Errorf("%s unchanged: exit %d\n%s%s", format, code, got, errs)
		}
		put(strings.Replace(strings.Replace(out, "Better later", "Rather later", 1), "It takes about 5 minutes.", "It takes **ages.", 1))
		code, got, _ := command("", "texts", "import", file, dir)
		if code != 1 || !strings.Contains(got, "en."+format+":") || strings.Count(got, "\n") != 1 || read1(t, dir, "content/en/chat.yaml") != before {
			t.Errorf("%s with a mistake: exit %d\n%s", format, code, got)
		}
		put(strings.Replace(out, "Better later", "Rather \u201clater\u201d: soon", 1))
		code, got, errs = command("", "texts", "import", file, dir)
		if code != 0 || !strings.Contains(got, "changed chat.private-no") || !strings.Contains(got, "changed: 1;") {
			t.Errorf("%s: exit %d\n%s%s", format, code, got, errs)
		}
		if after := read1(t, dir, "content/en/chat.yaml"); after != strings.Replace(before, "private-no: Better later", "private-no: \"Rather \u201clater\u201d: soon\"", 1) {
			t.Errorf("%s: more than that text changed", format)
		}
		if code, out, _ := command("", "check", dir); code != 0 {
			t.Errorf("%s: check refuses it\n%s", format, out)
		}
	}
}

func TestAWorkbookIsWrittenOnceAndComesBack(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	file := filepath.Join(t.TempDir(), "en.xlsx")
	export := []string{"texts", "export", "en", dir, "--out", file}
	if code, out, errs := command("", export...); code != 0 || out != "" || errs != "" {
		t.Fatalf("exit %d %s%s", code, out, errs)
	}
	if code, _, errs := command("", export...); code != 1 || !strings.Contains(errs, "is there already: remove it, or give another name") {
		t.Errorf("what a translator may be working in is written over: exit %d %s", code, errs)
	}
	if code, out, errs := command("", "texts", "import", file, dir); code != 0 || !strings.HasPrefix(out, "nothing to change") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	whole := filepath.Join(t.TempDir(), "en.doc")
	if code, _, errs := command("", "texts", "export", "en", dir, "--out", whole); code != 2 || !strings.Contains(errs, `there is no format "doc"; there are po, xliff, csv, xlsx`) {
		t.Errorf("exit %d %s", code, errs)
	}
	if code, _, errs := command("", "texts", "export", "en", dir, "--out", filepath.Join(whole, "en.xlsx")); code != 1 || !strings.Contains(errs, "en.xlsx") {
		t.Errorf("a folder that is not there: exit %d %s", code, errs)
	}
}

func TestTwoAnswersThatReadTheSameAreRefusedByTheImportToo(t *testing.T) {
	dir := staffs(t)
	_, out, _ := command("", "texts", "export", "en", dir)
	label := regexp.MustCompile(`(msgctxt "job-offer.job.usual"\nmsgid ".*"\nmsgstr) ".*"`)
	file := filepath.Join(t.TempDir(), "en.po")
	os.WriteFile(file, []byte(label.ReplaceAllString(out, `$1 "I don't know!"`)), 0o644)
	before := read1(t, dir, "content/en/job-offer.yaml")
	code, got, _ := command("", "texts", "import", file, dir)
	if code != 1 || !strings.Contains(got, "two answers of a step read the same") || read1(t, dir, "content/en/job-offer.yaml") != before {
		t.Errorf("exit %d\n%s", code, got)
	}
}

func TestANewLanguageIsKeptFromPeopleUntilItIsReady(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	if code, out, errs := command("", "texts", "new", "pl", dir); code != 0 || !strings.Contains(out, "content/pl") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	code, out, _ := command("", "check", dir)
	if code != 0 || !strings.Contains(out, "warning: content/pl/language.yaml:1: the language pl is not shown to people") {
		t.Errorf("check: exit %d\n%s", code, out)
	}
	l, err := open(dir)
	if err != nil || l.Catalog.Language("pl") != nil || len(l.Catalog.Languages) != 2 {
		t.Errorf("people can choose it: %v", err)
	}
	code, out, _ = command("", "texts", "gaps", dir, "--lang", "pl")
	if code != 0 || !strings.Contains(out, "pl, not ready") || !strings.Contains(out, "missing     chat.begin (content/pl/chat.yaml:") {
		t.Errorf("gaps: exit %d\n%.300s", code, out)
	}
	if code, _, errs := command("", "texts", "new", "pl", dir); code != 1 || !strings.Contains(errs, "there already") {
		t.Errorf("twice: exit %d, %s", code, errs)
	}
	// a translator writes every text, with its placeholders
	_, csv, _ := command("", "texts", "export", "pl", dir, "--format", "csv")
	_, en, _ := command("", "texts", "export", "en", dir, "--format", "csv")
	file := filepath.Join(t.TempDir(), "pl.csv")
	os.WriteFile(file, []byte(translate(t, csv, en)), 0o644) // it sends the English texts back
	if code, out, _ := command("", "texts", "import", file, dir); code != 1 || !strings.Contains(out, "texts cannot be meant for pl: they read as en, first") {
		t.Fatalf("import of another language: exit %d\n%.500s", code, out)
	}
	_, pl, _ := command("", "texts", "export", "pl", "../..", "--format", "csv")
	translated := translate(t, csv, pl)
	os.WriteFile(file, []byte(translated), 0o644)
	if code, out, errs := command("", "texts", "import", file, dir); code != 0 || !strings.Contains(out, "content/pl/sources.yaml") {
		t.Fatalf("import: exit %d\n%s%s", code, out, errs)
	}
	// which labels need a short form is known now
	_, csv, _ = command("", "texts", "export", "pl", dir, "--format", "csv")
	os.WriteFile(file, []byte(translate(t, csv, pl)), 0o644)
	if code, out, errs := command("", "texts", "import", file, dir); code != 0 {
		t.Fatalf("import of short forms: exit %d\n%s%s", code, out, errs)
	}
	if _, out, _ := command("", "texts", "gaps", dir, "--lang", "pl"); !strings.Contains(out, "missing 0 (0 %), stale 0 (0 %)") {
		t.Errorf("gaps:\n%.600s", out)
	}
	change(t, dir, "content/pl/language.yaml", "ready: no", "ready: yes")
	if code, out, _ := command("", "check", dir); code != 0 {
		t.Fatalf("check: exit %d\n%s", code, out)
	}
	if l, err = open(dir); err != nil || l.Catalog.Language("pl") == nil {
		t.Errorf("nobody can choose it: %v", err)
	}
	change(t, dir, "content/pl/chat.yaml", "begin: Zaczynam", `begin: ""`)
	if code, out, _ := command("", "check", dir); code != 1 || !strings.Contains(out, "content/pl/chat.yaml:") {
		t.Errorf("a text taken out: exit %d\n%s", code, out)
	}
}

func TestNumbersThatNobodyCalledAreDueUntilACallIsNoted(t *testing.T) {
	dir := staffs(t)
	code, out, _ := command("", "places", "due", dir)
	for _, want := range []string{"helpline", "+370 616 91119", "from anywhere", "never", "https://www.missing.lt/", " numbers to call; afterwards"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d, %q is not there:\n%s", code, want, out)
		}
	}
	before := read1(t, dir, "content/places.yaml")
	today := time.Now().Format(time.DateOnly)
	if code, out, errs := command("", "places", "tested", "helpline", dir); code != 0 || !strings.Contains(out, today) {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	after := read1(t, dir, "content/places.yaml")
	i := strings.Index(before, "  helpline:\n")
	if want := before[:i] + strings.Replace(before[i:], "tested: never", `tested: "`+today+`"`, 1); after != want {
		t.Errorf("more than that changed:\n%s", after)
	}
	if code, _, errs := command("", "places", "tested", "child", dir, "--date", time.Now().AddDate(0, 0, -100).Format(time.DateOnly)); code != 0 {
		t.Errorf("exit %d %s", code, errs)
	}
	var doc struct {
		Places []struct{ Name, Number, Tested string }
	}
	list := func(args ...string) (names []string) {
		_, out, _ := command("", append([]string{"places", "due", dir, "--json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatal(err)
		}
		for _, p := range doc.Places {
			names = append(names, p.Name)
		}
		return names
	}
	if got := list(); slices.Contains(got, "helpline") || !slices.Contains(got, "child") {
		t.Errorf("due: %s", got)
	}
	if got := list("--days", "200"); slices.Contains(got, "child") {
		t.Errorf("due after 200 days: %s", got)
	}
	if code, out, _ := command("", "check", dir); code != 0 || strings.Contains(out, `"helpline" was never tested`) {
		t.Errorf("check: exit %d\n%s", code, out)
	}
	if code, _, errs := command("", "places", "tested", "nobody", dir); code != 2 || !strings.Contains(errs, "there are emergency, helpline, ") {
		t.Errorf("exit %d %s", code, errs)
	}
	for _, date := range []string{"yesterday", "2999-01-01", "2026-13-01"} {
		if code, _, errs := command("", "places", "tested", "child", dir, "--date", date); code != 2 || errs == "" {
			t.Errorf("%s: exit %d", date, code)
		}
	}
}

func TestTextsAndPlacesSayWhatTheyNeed(t *testing.T) {
	dir := staffs(t)
	for _, args := range [][]string{{"texts"}, {"texts", "fly"}, {"texts", "export"}, {"texts", "export", "en", dir, "--format", "doc"}, {"texts", "import"}, {"texts", "import", "no-such-file", dir},
		{"texts", "new"}, {"texts", "new", "pl"}, {"texts", "fresh", "en"}, {"texts", "gaps", "a", "b"}, {"texts", "gaps", filepath.Join(dir, "none")}, {"places"}, {"places", "fly"}, {"places", "tested"}, {"places", "tested", "helpline"}} {
		if code, _, errs := command("", args...); code != 2 || errs == "" {
			t.Errorf("%v: exit %d, %q", args, code, errs)
		}
	}
	for _, args := range [][]string{{"texts", "export", "xx", dir}, {"texts", "export", "lt", dir}, {"texts", "gaps", dir, "--lang", "xx"}, {"texts", "new", "../x", dir}, {"texts", "fresh", "en", dir, "--text", "no.such"}} {
		if code, _, errs := command("", args...); code != 1 || errs == "" {
			t.Errorf("%v: exit %d, %q", args, code, errs)
		}
	}
}

// translate fills the translations of one export with those of another; forms that the other lacks take its last.
func translate(t *testing.T, csvText, from string) string {
	t.Helper()
	rows := func(s string) [][]string {
		list, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s, "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	have := map[string]string{}
	for _, r := range rows(from) {
		have[r[0]] = r[2]
		if name, _, ok := strings.Cut(r[0], "["); ok {
			have[name] = r[2]
		}
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	for i, r := range rows(csvText) {
		if i > 0 {
			name, _, _ := strings.Cut(r[0], "[")
			if r[2] = have[r[0]]; r[2] == "" {
				r[2] = have[name]
			}
		}
		w.Write(r)
	}
	w.Flush()
	return b.String()
}

func TestSchemasArePrintedForEveryKindOfFile(t *testing.T) {
	unwatched(t)
	code, out, _ := command("", "schema")
	var all map[string]map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 {
		t.Fatalf("exit %d, %v", code, err)
	}
	for _, kind := range []string{"quiz", "flags", "risk", "places", "desk", "site", "texts-chat", "texts-quiz"} {
		code, out, errs := command("", "schema", kind)
		var one map[string]any
		if err := json.Unmarshal([]byte(out), &one); err != nil || code != 0 || errs != "" || one["$schema"] != "https://json-schema.org/draft/2020-12/schema" || all[kind] == nil {
			t.Errorf("%s: exit %d, %v\n%.200s%s", kind, code, err, out, errs)
		}
	}
	if code, _, errs := command("", "schema", "poem"); code != 2 || !strings.Contains(errs, "quiz") {
		t.Errorf("exit %d %s", code, errs)
	}
}

// schemaNote is the first line of a file, and whether the schema that it names is there.
func schemaNote(t *testing.T, dir, name string) (line string, there bool) {
	t.Helper()
	line, _, _ = strings.Cut(read1(t, dir, name), "\n")
	ref, ok := strings.CutPrefix(line, "# yaml-language-server: $schema=")
	if !ok {
		return line, false
	}
	_, err := os.Stat(filepath.Join(dir, filepath.Dir(name), ref))
	return line, err == nil
}

func TestEveryFileGoesOnNamingItsSchemaWhateverACommandWrites(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	lines := func() map[string]string {
		out := map[string]string{}
		for _, pattern := range []string{"flows/*.yaml", "flows/*/*.yaml", "content/*.yaml", "content/*/*.yaml"} {
			files, _ := filepath.Glob(filepath.Join(dir, pattern))
			for _, f := range files {
				name, _ := filepath.Rel(dir, f)
				line, there := schemaNote(t, dir, filepath.ToSlash(name))
				if !there {
					t.Errorf("%s names no schema that is there: %s", name, line)
				}
				out[filepath.ToSlash(name)] = line
			}
		}
		return out
	}
	before := lines()
	do := func(args ...string) {
		t.Helper()
		if code, out, errs := command("", args...); code != 0 {
			t.Fatalf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
	do("texts", "new", "pl", dir)
	for _, c := range [][2]string{ // a kind of file that a new language has, and its schema
		{"content/pl/language.yaml", "language"}, {"content/pl/chat.yaml", "texts-chat"}, {"content/pl/young.yaml", "texts-quiz"},
		{"content/pl/flags.yaml", "texts-flags"}, {"content/pl/desk.yaml", "texts-desk"},
	} {
		if line, there := schemaNote(t, dir, c[0]); !there || !strings.HasSuffix(line, "=../schema/"+c[1]+".json") {
			t.Errorf("texts new: %s begins with %s", c[0], line)
		}
	}
	_, csv, _ := command("", "texts", "export", "pl", dir, "--format", "csv")
	_, pl, _ := command("", "texts", "export", "pl", filepath.Join("..", ".."), "--format", "csv")
	file := filepath.Join(t.TempDir(), "pl.csv")
	os.WriteFile(file, []byte(translate(t, csv, pl)), 0o644)
	do("texts", "import", file, dir)
	if line, there := schemaNote(t, dir, "content/pl/sources.yaml"); !there || !strings.HasSuffix(line, "/sources.json") {
		t.Errorf("texts import: sources.yaml begins with %s", line)
	}
	change(t, dir, "content/lt/chat.yaml", "greeting: Sveiki.", "greeting: Labas.")
	do("texts", "fresh", "en", dir, "--text", "chat.greeting")
	do("places", "tested", "helpline", dir)
	do("test", dir)
	do("check", dir)
	after := lines()
	if n := len(after) - len(before); n < 12 {
		t.Errorf("only %d files are new", n)
	}
	for name, line := range before {
		if after[name] != line {
			t.Errorf("%s began with %s and now with %s", name, line, after[name])
		}
	}
}
