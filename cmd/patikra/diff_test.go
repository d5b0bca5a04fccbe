package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDiffTellsWhatChangesForAPerson(t *testing.T) {
	unwatched(t)
	before, after := staffs(t), staffs(t)
	if code, out, errs := command("", "diff", before, after); code != 0 || errs != "" || out != "nothing changes for anybody\n" {
		t.Errorf("equal folders: exit %d, %q, %q", code, out, errs)
	}
	alter(t, after, "flows/quizzes/job-offer.yaml", "# One concrete job offer", "# Another remark")
	alter(t, after, "content/en/chat.yaml", "# ", "# remark ")
	if code, out, _ := command("", "diff", before, after); code != 0 {
		t.Errorf("remarks alone: exit %d\n%s", code, out)
	}

	const quiz = "flows/quizzes/job-offer.yaml"
	alter(t, after, quiz, "      - { answer: gifts, raises: [gifts] }\n", "      - { answer: gifts, raises: [gifts, hurry] }\n      - { answer: alone, raises: [secrecy] }\n")
	alter(t, after, quiz, "      - { answer: usual, closes: [pay] }\n", "")
	alter(t, after, quiz, "  journey:  ", "  when:\n    choices:\n      - { answer: now }\n      - { answer: later }\n\n  journey:  ")
	alter(t, after, quiz, "when: { any: [war-country], none: [war-work] }", "when: { any: [war-country] }")
	alter(t, after, "flows/flags.yaml", "\n  fee:                  { grade: strong", "\n  fee:                  { grade: stop")
	for _, lang := range languages[:2] {
		file := "content/" + lang + "/job-offer.yaml"
		data, _ := os.ReadFile(filepath.Join(after, file))
		text := string(data)
		from := strings.Index(text, "  usual: ")
		text = text[:from] + text[from+strings.Index(text[from:], "\n")+1:]
		from = strings.Index(text, "  gifts: ")
		text = text[:from] + "  alone: A new answer " + lang + "\n" + text[from:]
		text += "when:\n  say: When " + lang + "?\n  why: So.\n  now: Now\n  later: Later\n"
		os.WriteFile(filepath.Join(after, file), []byte(text), 0o644)
	}
	alter(t, after, "content/en/job-offer.yaml", "How old are you?", "What is your age?")
	alter(t, after, "content/places.yaml", "number: \"+37067961617\"\n    inside: \"0 679 61617\"", "number: \"+37067961618\"\n    inside: \"0 679 61618\"")
	code, out, errs := command("", "diff", before, after)
	if code != 1 || errs != "" {
		t.Errorf("exit %d, %s", code, errs)
	}
	for _, want := range []string{
		"Quiz job-offer\n",
		"  new question when: When lt?\n",
		"  manner, answer alone is new: A new answer lt\n",
		"  job, answer usual is gone: Atlyginimas įprastas tokiam darbui, pasakytas žodžiu\n",
		"  manner, answer gifts\n    before: raises gifts\n    now:    raises gifts, hurry\n",
		"  war\n    before: only if war-country, not if war-work\n    now:    only if war-country\n",
		"  sign fee\n    before: strong, group fee in F, D1\n    now:    stop, group fee in F, D1\n",
		"Results for the same answers, quiz job-offer\n",
		"  high instead of concern, in ",
		"for example happened: fee, fee: job, otherwise ",
		"Words in en\n",
		"  job-offer.age.say\n    before: How old are you?\n    now:    What is your age?\n",
		"Phone numbers\n  kopzi\n    before: +370 679 61617, from anywhere, hours always\n    now:    +370 679 61618, from anywhere, hours always\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not tell:\n%s", want)
		}
	}
	if strings.Contains(out, "leads elsewhere") {
		t.Error("a question that came between is told for every answer before it")
	}
	if t.Failed() {
		t.Log(out)
	}

	code, out, _ = command("", "diff", before, after, "--json")
	var doc struct {
		Changes []struct {
			Kind, Step, Old, New string
			Count                int
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 1 || len(doc.Changes) < 10 {
		t.Errorf("exit %d, %v\n%s", code, err, out)
	}

	broken := t.TempDir()
	for _, args := range [][]string{{"diff"}, {"diff", before}, {"diff", before, after, after}, {"diff", before, "/nowhere"}, {"diff", broken, after}, {"diff", before, after, "--xml"}} {
		if code, out, errs := command("", args...); code != 2 || out != "" || errs == "" {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, errs)
		}
	}
}

func TestDiffShowsARenamedStepAsRenamed(t *testing.T) {
	unwatched(t)
	before, after := staffs(t), staffs(t)
	alter(t, after, "flows/quizzes/job-offer.yaml", "\n  age:", "\n  years:\n    was: age")
	alter(t, after, "flows/quizzes/job-offer.yaml", "start: age", "start: years")
	for _, lang := range languages[:2] {
		alter(t, after, "content/"+lang+"/job-offer.yaml", "\nage:", "\nyears:")
	}
	if code, out, errs := command("", "diff", before, after); code != 1 || errs != "" || out != "Quiz job-offer\n  question age has the name years now\n" {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
	alter(t, after, "content/en/job-offer.yaml", "How old are you?", "What is your age?")
	alter(t, after, "flows/quizzes/job-offer.yaml", "{ answer: minor, raises: [under-18], quiz: young }", "{ answer: minor, raises: [under-18, fee], quiz: young }")
	_, out, _ := command("", "diff", before, after)
	for _, want := range []string{
		"  question age has the name years now\n",
		"  years, answer minor\n    before: raises under-18\n    now:    raises fee, under-18\n",
		"  job-offer.years.say\n    before: How old are you?\n    now:    What is your age?\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not tell\n%s\nbut\n%s", want, out)
		}
	}
	for _, not := range []string{"is gone", "is new", "leads elsewhere"} {
		if strings.Contains(out, not) {
			t.Errorf("%q is told of a step that was renamed:\n%s", not, out)
		}
	}
}

func BenchmarkDiffOfTheShippedFiles(b *testing.B) {
	before, after := staffs(b), staffs(b)
	for b.Loop() {
		if code, _, _ := command("", "diff", before, after); code != 0 {
			b.Fatal(code)
		}
	}
}
