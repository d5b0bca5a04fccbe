package exchange_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"patikra/content"
	"patikra/content/exchange"
	"patikra/content/sheet"
)

// texts are what people and machines may write.
var texts = rapid.OneOf(rapid.String(), rapid.StringMatching(`[ \t]*[-=+@%#:\\'"<>&;,{}*a-z \n]*`), rapid.SampledFrom([]string{
	"", " ", "\n", "\t", " lead", "trail ", "a\n", "\na", "a\n\n b", "**bold** {count}", "{a}{a} {b}", "{", "}", "{}", "{a{b}", "=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''", "'", " =1", "\t=1", "\r", "a\r\nb",
	"＝1", "|calc", "\ufeffa", `a\rb`, `\\`, `\`, `"quoted"`, `msgid "x"`, "]]>", "<b>&amp;</b>", "&#10;", "\x00", "\x01\x1f\x7f", "\u0085\u2028", "\ufffe\uffff", "\ufffd", "👩‍👩‍👧", "\u200fשלום\u200e عربي",
	"%s %d", "a;b,c\td", "name", "x{\x00}", "_x0041_", "_x005F_", "\\u0007", "\\u0041", "'+", "TRUE", "2026-01-31"})).Filter(func(s string) bool { return strings.ToValidUTF8(s, "") == s })

func TestWhatGoesOutComesBackToTheLetter(t *testing.T) {
	for _, format := range exchange.Formats {
		t.Run(format, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				b := &exchange.Bundle{Source: "lt", Target: rapid.SampledFrom([]string{"en", "pl", "ru", "uk", "pt-br"}).Draw(r, "language")}
				n := rapid.IntRange(1, 6).Draw(r, "units")
				for i := range n {
					b.Units = append(b.Units, exchange.Unit{Key: fmt.Sprintf("chat.text-%d", i), Source: texts.Draw(r, "source"), Target: texts.Draw(r, "target"),
						State: exchange.State(rapid.IntRange(0, 2).Draw(r, "state")), Screen: "question", Notes: []string{texts.Draw(r, "note")}, Most: 64, Where: "content/lt/chat.yaml:1"})
				}
				data, err := exchange.Encode(b, format)
				if err != nil {
					r.Fatal(err)
				}
				got, err := exchange.Decode("x."+map[string]string{"po": "po", "xliff": "xlf", "csv": "csv", "xlsx": "xlsx"}[format], data)
				if err != nil {
					r.Fatalf("%v\n%s", err, data)
				}
				if got.Target != b.Target || len(got.Units) != n {
					r.Fatalf("%d texts of %q come back as %d of %q\n%s", n, b.Target, len(got.Units), got.Target, data)
				}
				for i, u := range got.Units {
					w := b.Units[i]
					if u.Key != w.Key || u.Source != w.Source || u.Target != w.Target || (u.State == exchange.Review) != (w.State == exchange.Review) && u.Target != "" && w.State != exchange.New {
						r.Fatalf("%q %q %v became %q %q %v in\n%s", w.Source, w.Target, w.State, u.Source, u.Target, u.State, data)
					}
				}
			})
		})
	}
}

// folder is a small set of files with every kind of text.
func folder() fstest.MapFS {
	m := fstest.MapFS{}
	put := func(name, text string) { m[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	put("content/lt/chat.yaml", "# Galva\n# reviewed: none\nbegin: Pradėti\n\n# remark\nwelcome: |-\n  **Sveiki.** {helpline}\n\n  Antra.\nmore:\n  one: \"{count} ženklas\"\n  few: \"{count} ženklai\"\n  other: \"{count} ženklų\"\nlist: [vienas, du]\nwords:\n  \"yes\": [taip, jo]\n")
	put("content/en/chat.yaml", "# Head\n# reviewed: psychologist, 2026-01-02\nbegin: Begin\n\n# remark\nwelcome: |-\n  **Hello.** {helpline}\n\n  Second.\nmore:\n  one: \"{count} sign\"\n  other: \"{count} signs\"\nlist: [one, two]\nwords:\n  \"yes\": [\"yes\", ok]\n")
	return m
}

func collect(t testing.TB, fsys fs.FS, tag string) *exchange.Bundle {
	t.Helper()
	b, err := exchange.Collect(fsys, tag)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// back sends a bundle out and back.
func back(t testing.TB, fsys fs.FS, b *exchange.Bundle, format string) (*exchange.Merged, error) {
	t.Helper()
	data, err := exchange.Encode(b, format)
	if err != nil {
		t.Fatal(err)
	}
	name := "en." + format
	got, err := exchange.Decode(name, data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return exchange.Merge(fsys, name, got)
}

func TestAnExportThatComesBackUnchangedChangesNothing(t *testing.T) {
	for name, fsys := range map[string]fs.FS{"small": folder(), "real": os.DirFS("../..")} {
		for _, format := range exchange.Formats {
			m, err := back(t, fsys, collect(t, fsys, "en"), format)
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Changed) > 0 {
				t.Errorf("%s %s: changed %v", name, format, m.Changed)
			}
			for f := range m.Files {
				if f != "content/en/sources.yaml" {
					t.Errorf("%s %s: writes %s", name, format, f)
				}
			}
		}
	}
}

func TestAnyTranslationEndsUpInTheFileAsItWasWritten(t *testing.T) {
	good := texts.Filter(func(s string) bool {
		harm, _ := content.DamageOf("en", s)
		return s == "" || harm == content.NoDamage && len(content.Faults("x", s)) == 0 && len(content.Placeholders(s)) == 0 && strings.TrimSpace(s) != ""
	})
	rapid.Check(t, func(r *rapid.T) {
		fsys := folder()
		b := collect(t, fsys, "en")
		want := map[string]string{}
		for i := range b.Units {
			u := &b.Units[i]
			want[u.Key] = u.Target
			if strings.HasPrefix(u.Key, "chat.words.") || !rapid.Bool().Draw(r, "change "+u.Key) {
				continue
			}
			if s := good.Draw(r, u.Key); s != "" {
				u.Target = s + strings.Join(content.Placeholders(u.Source), "")
				want[u.Key] = u.Target
			}
		}
		m, err := back(t, fsys, b, rapid.SampledFrom(exchange.Formats).Draw(r, "format"))
		if err != nil {
			r.Fatal(err)
		}
		list, err := content.Entries(exchange.Over(fsys, m.Files), "en")
		if err != nil {
			r.Fatal(err)
		}
		got := map[string]string{}
		for _, e := range list {
			got[e.Key()] = e.Value
		}
		if d := cmp.Diff(want, got); d != "" {
			r.Fatalf("%s\n%s", d, m.Files["content/en/chat.yaml"])
		}
		text := m.Files["content/en/chat.yaml"]
		if text != nil && (!strings.HasPrefix(string(text), "# Head\n# reviewed: none (texts have changed since psychologist, 2026-01-02)\n") || !strings.Contains(string(text), "\n# remark\n")) {
			r.Fatalf("remarks were lost:\n%s", text)
		}
	})
}

func TestGapsNameWhatIsMissingStaleAndUnreviewed(t *testing.T) {
	fsys := folder()
	files, done, err := exchange.Fresh(fsys, "en", nil)
	if err != nil || len(done) != 5 {
		t.Fatalf("%v, fresh: %v", err, done)
	}
	for n, data := range files {
		fsys[n] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	report := func() exchange.Report {
		t.Helper()
		rs, err := exchange.Gaps(fsys, "en")
		if err != nil || len(rs) != 1 {
			t.Fatal(err, rs)
		}
		return rs[0]
	}
	if r := report(); len(r.Missing)+len(r.Stale)+len(r.Unreviewed) != 0 || r.Texts != 6 {
		t.Errorf("a language that is done: %+v", r)
	}
	edit := func(name, old, with string) {
		fsys[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(fsys[name].Data), old, with, 1)), Mode: 0o644}
	}
	edit("content/lt/chat.yaml", "Pradėti", "Pradėkime")
	edit("content/lt/chat.yaml", "{count} ženklai", "{count} rimti ženklai")
	edit("content/lt/chat.yaml", "du]", "antras]")
	edit("content/en/chat.yaml", "  other: \"{count} signs\"\n", "")
	edit("content/en/chat.yaml", "psychologist, 2026-01-02", "none (a draft)")
	r := report()
	names := func(gs []exchange.Gap) (out []string) {
		for _, g := range gs {
			out = append(out, g.Name)
		}
		return out
	}
	if d := cmp.Diff([]string{"chat.more"}, names(r.Missing)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"chat.begin", "chat.list[2]"}, names(r.Stale)); d != "" {
		t.Error(d)
	}
	if len(r.Unreviewed) != 5 || r.Percent.Missing != 16.6 || r.Files[0].Note != "a draft" {
		t.Errorf("%+v", r)
	}
	b := collect(t, fsys, "en")
	for _, u := range b.Units {
		if want := map[string]exchange.State{"chat.more[other]": exchange.New}[u.Key]; u.Key == "chat.more[other]" && u.State != want || u.Key != "chat.more[other]" && u.State != exchange.Review {
			t.Errorf("%s is %v", u.Key, u.State)
		}
	}
	m, err := back(t, fsys, func() *exchange.Bundle {
		for i := range b.Units {
			switch u := &b.Units[i]; u.Key {
			case "chat.more[other]":
				u.Target = "{count} serious signs"
			case "chat.begin":
				u.Target = "Let us begin"
			}
		}
		return b
	}(), "csv")
	if err != nil || len(m.Changed) != 2 {
		t.Fatalf("%v %+v", err, m)
	}
	for n, data := range m.Files {
		fsys[n] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	if r := report(); len(r.Missing) != 0 || len(r.Stale) != 2 { // the form that was not touched, and the line of the list
		t.Errorf("after the import: missing %v, stale %v", names(r.Missing), names(r.Stale))
	}
}

func TestWhatTheChecksWouldRefuseIsNamedWithItsLine(t *testing.T) {
	fsys := folder()
	po := `msgid ""
msgstr ""
"Language: en\n"

msgctxt "chat.begin"
msgid "Pradėti"
msgstr "Begin {now}"

msgctxt "chat.welcome"
msgid "x"
msgstr "**Hello {helpline}"

msgctxt "chat.list[1]"
msgid "x"
msgstr "1/2"

msgctxt "chat.flying"
msgid "x"
msgstr "y"

msgctxt "chat.list[2]"
msgid "x"
msgstr "{"
`
	b, err := exchange.Decode("en.po", []byte(po))
	if err != nil {
		t.Fatal(err)
	}
	_, err = exchange.Merge(fsys, "dir/en.po", b)
	var ps sheet.Problems
	if !errors.As(err, &ps) {
		t.Fatal(err)
	}
	var lines []int
	for _, p := range ps {
		if p.File != "en.po" || p.Remedy == "" {
			t.Errorf("%v", p)
		}
		lines = append(lines, p.Line)
	}
	if d := cmp.Diff([]int{5, 9, 13, 21}, lines); d != "" {
		t.Errorf("%s\n%v", d, err)
	}
}

func TestShortFormsGoOutWhereALabelIsTooLongAndComeBackIntoTheirStep(t *testing.T) {
	fsys := folder()
	put := func(name, text string) { fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	put("content/lt/job.yaml", "pay:\n  say: Kaip?\n  late: Vėluoja mažiau nei mėnesį\n  full: Laiku ir kaip sutarta\n  minus: Per daug atskaito\n  short:\n    late: Vėluoja iki mėnesio\n    full: Laiku\nmany:\n  say: Kas?\n  one: Vienas atsakymas iš daugelio\n")
	put("content/en/job.yaml", "pay:\n  say: How?\n  late: Less than a month late\n  full: On time, as agreed\n  minus: They take off far too much\nmany:\n  say: What?\n  one: One answer out of very many\n")
	units := func() map[string]*exchange.Unit {
		b, out := collect(t, fsys, "en"), map[string]*exchange.Unit{}
		for i := range b.Units {
			if content.IsShort(b.Units[i].Key) {
				out[b.Units[i].Key] = &b.Units[i]
			}
		}
		return out
	}
	out := units()
	late, minus := out["job.pay.short.late"], out["job.pay.short.minus"]
	if len(out) != 2 || late == nil || minus == nil { // "full" fits in English, and where nobody has short forms none are asked for
		t.Fatalf("%+v", out)
	}
	if late.Source != "Vėluoja iki mėnesio" || minus.Source != "Per daug atskaito" || late.Most != 20 || late.Screen != "answer button on Messenger" || late.State != exchange.New ||
		!strings.Contains(strings.Join(late.Notes, ""), `short for "Less than a month late"`) {
		t.Errorf("%+v\n%+v", late, minus)
	}
	missing := func() (names []string) {
		rs, err := exchange.Gaps(fsys, "en")
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range rs[0].Missing {
			names = append(names, g.Name)
		}
		return names
	}
	if d := cmp.Diff([]string{"job.pay.short.late", "job.pay.short.minus"}, missing()); d != "" {
		t.Error(d)
	}
	for _, format := range exchange.Formats {
		b := collect(t, fsys, "en")
		for i := range b.Units {
			switch u := &b.Units[i]; u.Key {
			case "job.pay.short.late":
				u.Target = "Late, under a month"
			case "job.pay.short.minus":
				u.Target = "Too much taken off"
			}
		}
		m, err := back(t, fsys, b, format)
		if err != nil {
			t.Fatal(err)
		}
		const want = "pay:\n  say: How?\n  late: Less than a month late\n  full: On time, as agreed\n  minus: They take off far too much\n  short:\n    late: Late, under a month\n    minus: Too much taken off\nmany:\n"
		if got := string(m.Files["content/en/job.yaml"]); !strings.HasPrefix(got, want) {
			t.Errorf("%s:\n%s", format, got)
		}
		if format == exchange.Formats[len(exchange.Formats)-1] {
			for n, data := range m.Files {
				fsys[n] = &fstest.MapFile{Data: data, Mode: 0o644}
			}
		}
		for i := range b.Units {
			if u := &b.Units[i]; u.Key == "job.pay.short.late" {
				u.Target = "Late, but for less than a month"
			}
		}
		var ps sheet.Problems
		if _, err = back(t, fsys, b, format); !errors.As(err, &ps) || len(ps) != 1 || !strings.Contains(ps[0].Message.Error(), "Messenger would cut") {
			t.Errorf("%s: a short form that is long: %v", format, err)
		}
	}
	if names := missing(); names != nil {
		t.Errorf("still missing: %v", names)
	}
	files, _, err := exchange.Fresh(fsys, "en", []string{"job.pay.short"})
	if err != nil || !strings.Contains(string(files["content/en/sources.yaml"]), "job.pay.short.minus: "+content.Wording("Per daug atskaito")) {
		t.Errorf("%v\n%s", err, files["content/en/sources.yaml"])
	}
}

func TestNoShippedLanguageLacksAShortForm(t *testing.T) {
	rs, err := exchange.Gaps(os.DirFS("../.."), "")
	if err != nil || len(rs) < 6 {
		t.Fatal(err, len(rs))
	}
	for _, r := range rs {
		for _, g := range append(r.Missing, r.Stale...) {
			if content.IsShort(g.Name) {
				t.Errorf("%s: %s %s", r.Language, g.Name, g.Why)
			}
		}
	}
}

func TestHostileFilesAreRefusedInTime(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" trgLang="en"><file><unit name="chat.begin"><segment><source>&b;</source></segment></unit></file></xliff>`
	for name, data := range map[string]string{
		"bomb.xlf": bomb, "undeclared.xlf": strings.Replace(bomb[strings.Index(bomb, "<xliff"):], "&b;", "&c;", 1),
		"deep.xlf": `<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" trgLang="en">` + strings.Repeat("<group>", 100_000), "other.xlf": "<html/>",
		"latin.xlf": `<?xml version="1.0" encoding="iso-8859-1"?><xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" trgLang="en"/>`,
		"big.po":    strings.Repeat("a", exchange.MaxBytes+1), "many.po": "msgid \"\"\nmsgstr \"Language: en\"\n" + strings.Repeat("x\n", 1_000_000),
		"twice.po":   "msgid \"\"\nmsgstr \"Language: en\"\n\nmsgctxt \"a\"\nmsgid \"\"\nmsgstr \"\"\n\nmsgctxt \"a\"\nmsgid \"\"\nmsgstr \"\"\n",
		"latin.csv":  "name,lt,en\nchat.begin,x,\xe0\n",
		"open.csv":   "name,lt,en\nchat.begin,x,\"y\n",
		"nohead.csv": "a\nb\n", "nolang.po": "msgctxt \"a\"\nmsgid \"b\"\nmsgstr \"c\"\n", "what.bin": "\x7fELF", "empty.csv": "",
		"plenty.csv": "name,lt,en\n" + strings.Repeat("a,b,c\n", 500_000),
	} {
		b, err := exchange.Decode(name, []byte(data))
		var ps sheet.Problems
		if !errors.As(err, &ps) || len(ps) == 0 || len(ps) > 201 {
			t.Errorf("%s: %v, %d mistakes", name, b, len(ps))
		}
	}
}

func FuzzDecode(f *testing.F) {
	b := collect(f, folder(), "en")
	for _, format := range exchange.Formats {
		data, _ := exchange.Encode(b, format)
		f.Add("x."+format, data)
	}
	for name, text := range map[string]string{
		"old.xlf": `<xliff version="1.2"><file source-language="lt"><body><trans-unit id="2" restype="x-gettext-domain-header"><source/><target>Language: en
Plural-Forms: nplurals=2; plural=(n != 1);</target></trans-unit><trans-unit id="3"><source>Pradėti</source><target state="translated">Start <x id="1" equiv-text="{a}"/></target>
<context-group><context context-type="sourcefile">content/lt/chat.yaml</context><context context-type="linenumber">3</context></context-group></trans-unit>
<group restype="x-gettext-plurals" id="5"><trans-unit id="5[0]"><source>{count} ženklas</source><target>{count} sign</target></trans-unit></group></body></file></xliff>`,
		"nameless.po": "msgid \"\"\nmsgstr \"Language: en\\n\"\n\n#: content/lt/chat.yaml:3\nmsgid \"Pradėti\"\nmsgstr \"Start\"\n\nmsgctxt \"content/lt/chat.yaml:3\"\nmsgid \"x\"\nmsgid_plural \"y\"\nmsgstr[0] \"z\"\n",
		"where.csv":   "sep=;\ntitle\nname;en;lt;where;state\n;Start;Pradėti;content/lt/chat.yaml:3;needs review\nchat.list[1];'=1;\\u0007;;\n",
	} {
		f.Add(name, []byte(text))
	}
	f.Fuzz(decodesAndMerges)
}

// decodesAndMerges brings in whatever comes: it is refused with places, or the files can be read afterwards.
func decodesAndMerges(t *testing.T, name string, data []byte) {
	b, err := exchange.Decode(name, data)
	if err != nil {
		var ps sheet.Problems
		if !errors.As(err, &ps) {
			t.Fatalf("not a list of mistakes: %v", err)
		}
		for _, p := range ps {
			if p.Line < 1 || p.Message == "" || p.Remedy == "" {
				t.Fatalf("a mistake without its place or remedy: %+v", p)
			}
		}
		return
	}
	fsys := folder()
	m, err := exchange.Merge(fsys, name, b)
	if err != nil {
		return
	}
	if _, err := content.Entries(exchange.Over(fsys, m.Files), "en"); err != nil {
		t.Errorf("the files cannot be read afterwards: %v", err)
	}
}
