package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStaffAreSpokenToInTheirLanguage(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	alter(t, dir, "content/lt/job-offer.yaml", "  adult: 18 arba daugiau\n", "")
	const missing = "content/lt/job-offer.yaml:6: trūksta teksto „age.adult“; parašykite jį šiame faile\n"
	for _, c := range []struct {
		env  map[string]string
		args []string
		want string
	}{
		{map[string]string{"LANG": "lt_LT.UTF-8"}, nil, missing},
		{map[string]string{"LANG": "en_GB.UTF-8", "LC_ALL": "lt_LT"}, nil, missing},
		{map[string]string{"LANG": "lt_LT.UTF-8", "LC_ALL": "C"}, nil, "the text \"age.adult\" is missing; write it there\n"},
		{map[string]string{"LANG": "lt_LT.UTF-8"}, []string{"--lang", "en"}, "the text \"age.adult\" is missing; write it there\n"},
		{nil, []string{"--lang=lt"}, missing},
		{map[string]string{"LANG": "ltg_LV"}, nil, "is missing; write it there\n"},
		{map[string]string{"LANG": "lt_LT.UTF-8"}, []string{"--json"}, `"message": "the text \"age.adult\" is missing"`},
		{map[string]string{"LANG": "lt_LT.UTF-8"}, []string{"--github"}, "::trūksta teksto „age.adult“; parašykite"},
	} {
		for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
			t.Setenv(name, c.env[name])
		}
		if code, out, _ := command("", append([]string{"check", dir}, c.args...)...); code != 1 || !strings.Contains(out, c.want) {
			t.Errorf("%v %v: exit %d\n%s", c.env, c.args, code, out)
		}
	}
	t.Setenv("LANG", "lt_LT.UTF-8")
	t.Setenv("LC_ALL", "")
	for _, args := range [][]string{{"texts", "gaps", dir, "--lang", "en"}, {"record", "x.txt", "--lang=en"}, {"check", dir}} {
		if got := language(args); got != "lt" { // there --lang names a language of the files
			t.Errorf("%v speaks %q", args, got)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"publish", dir}, missing},
		{[]string{"test", dir}, missing},
		{[]string{"test", filepath.Join(dir, "none")}, "none atverti nepavyksta: "},
		{[]string{"texts", "import", filepath.Join(dir, "none.po"), dir}, "patikra texts import: " + filepath.Join(dir, "none.po") + ": tokio failo ar aplanko nėra\n"},
		{[]string{"texts", "export", "xx", dir}, "aplanke content/xx tekstų nėra"},
		{[]string{"files", dir}, "nėra tuščias; nurodykite naują aplanką"},
		{[]string{"fly"}, "patikra --help išvardija komandas"},
	} {
		if _, out, errs := command("", c.args...); !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: %s%s", c.args, out, errs)
		}
	}
}

func TestCheckTellsWhatIsNewAndCountsTheRest(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	_, all, _ := command("", "check", dir, "--all")
	alter(t, dir, "content/en/chat.yaml", "greeting: Hello.", "greeting: Hello. victim")
	_, out, _ := command("", "check", dir)
	told := out[:strings.Index(out, "no mistakes")]
	if strings.Count(told, "\n") != 1 || !strings.Contains(told, `the text "greeting" says "victim", a word that judges or promises; say what happens to the person, as "you are being cheated"`) {
		t.Errorf("not the new doubt alone:\n%s", out)
	}
	if !strings.Contains(out, "no mistakes, 1 new warnings; ") || strings.Count(all, "warning: ") < 100 {
		t.Errorf("the rest is not counted:\n%s", out)
	}
	if _, out, _ := command("", "check"); strings.Contains(out, "warning: ") || !strings.Contains(out, "no mistakes, 0 new warnings; ") {
		t.Errorf("the built-in files tell of themselves:\n%s", out)
	}
}

func TestAChangeOfAStoryIsTakenForTheNamedStoryAlone(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	alter(t, dir, "content/en/job-offer.yaml", "and where are you now?", "and where do you stay today?")
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, "flows/stories", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	one, other := read("concern-debt-en"), read("high-bank-en")
	code, out, errs := command("", "test", dir, "--accept", "concern-debt-en")
	if code != 1 || errs != "" || !strings.Contains(out, "flows/stories/concern-debt-en.txt is rewritten") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if read("concern-debt-en") == one || read("high-bank-en") != other {
		t.Error("another story was taken, or the named one was not")
	}
}
