package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// lineOf is where a file's first line with these words at its beginning stands, as check writes it.
func lineOf(t testing.TB, dir, file, words string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, words) {
			return fmt.Sprintf("%s:%d: ", file, i+1)
		}
	}
	t.Fatalf("no line of %s begins with %q", file, words)
	return ""
}

// alter replaces words in a file of a folder.
func alter(t testing.TB, dir, file, old, new string) {
	t.Helper()
	name := filepath.Join(dir, file)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(data), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAQuizIsDrawnInEveryFormAndLanguage(t *testing.T) {
	unwatched(t)
	for _, lang := range []string{"", "lt", "en"} {
		for _, format := range []string{"svg", "mermaid", "dot"} {
			args := []string{"map", "job-offer", "--format", format}
			if lang != "" {
				args = append(args, "--lang", lang)
			}
			code, out, errs := command("", args...)
			if code != 0 || errs != "" {
				t.Fatalf("%v: exit %d, %s", args, code, errs)
			}
			for _, want := range []string{"checked", "threats", map[string]string{"": "Lietuvoje", "lt": "Lietuvoje", "en": "In Lithuania"}[lang]} {
				if !strings.Contains(out, want) {
					t.Errorf("%v: %q is missing", args, want)
				}
			}
			if format == "svg" {
				d := xml.NewDecoder(strings.NewReader(out))
				for {
					if _, err := d.Token(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						t.Fatalf("the picture is no valid XML: %v", err)
					}
				}
			}
		}
	}
	if code, out, _ := command("", "map", "job-offer", "--dir", staffs(t)); code != 0 || !strings.HasPrefix(out, "<svg ") {
		t.Errorf("a folder: exit %d", code)
	}
	for _, args := range [][]string{{"map"}, {"map", "no-quiz"}, {"map", "job-offer", "--format", "png"}, {"map", "job-offer", "--lang", "xx"}, {"map", "job-offer", "--dir", "/nowhere"}, {"map", "a", "b"}} {
		if code, out, errs := command("", args...); code != 2 || out != "" || errs == "" {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, errs)
		}
	}
	dir := staffs(t)
	alter(t, dir, "flows/quizzes/job-offer.yaml", "start: age", "start: nowhere")
	if code, out, errs := command("", "map", "job-offer", "--dir", dir); code != 1 || out != "" || !strings.Contains(errs, "job-offer.yaml:") {
		t.Errorf("a quiz with mistakes: exit %d, %q, %q", code, out, errs)
	}
}

func TestCheckPrintsWhatWalkingEveryWayShows(t *testing.T) {
	unwatched(t)
	code, out, _ := command("", "check", "--all")
	if code != 0 {
		t.Fatalf("exit %d", code)
	}
	for _, want := range []string{"at-work: 20 steps, 121 answers", "different situations", "the longest 13", "low ", "young ", "emergency ", "never together: ", "wages-late + wages-withheld"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said:\n%s", want, out[strings.Index(out, "no mistakes"):])
		}
	}
	_, out, _ = command("", "check", "--json")
	var doc struct {
		Errors, Warnings []json.RawMessage
		Figures          map[string]struct {
			Steps, Answers, Situations, Shortest, Longest int
			Whole                                         bool
			Outcomes                                      map[string]struct {
				Ways, Shortest int
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	g := doc.Figures["at-work"]
	if doc.Errors == nil || len(doc.Warnings) == 0 || !g.Whole || g.Steps != 20 || g.Longest != 13 || len(g.Outcomes) != 9 || g.Outcomes["low"].Ways == 0 {
		t.Errorf("figures: %+v", g)
	}
}

func TestCheckWarnsOfWhatWorksButCouldBeBetter(t *testing.T) {
	dir := staffs(t)
	alter(t, dir, "content/places.yaml", "tested: never", "tested: "+time.Now().AddDate(0, 0, -100).Format(time.DateOnly))
	alter(t, dir, "content/places.yaml", "tested: never", "tested: "+time.Now().AddDate(0, 0, -80).Format(time.DateOnly))
	alter(t, dir, "content/places.yaml", "tested: never", "tested: soon")
	alter(t, dir, "content/en/results.yaml", "reviewed: none", "reviewed: R. K., 2026-01-31; was")
	alter(t, dir, "content/en/results.yaml", "Stay where other people are.", "Stay "+strings.Repeat("there ", 24)+".")
	alter(t, dir, "flows/quizzes/at-work.yaml", "  pay:  ", "  pay:\n    when: { any: [underpaid] }  ")
	for _, lang := range languages[:2] { // a second quiz that asks one step, with the same answers, in other words
		os.WriteFile(filepath.Join(dir, "content", lang, "second.yaml"), []byte("age:\n  say: What?\n  why: So.\n  adult: A "+lang+"\n  minor: B\n  unsure: C\n"), 0o644)
	}
	os.WriteFile(filepath.Join(dir, "flows/quizzes/second.yaml"), []byte("start: age\nsteps:\n  age:\n    choices:\n      - { answer: adult }\n      - { answer: minor, raises: [high-pay] }\n      - { answer: unsure, next: result }\n"), 0o644)
	code, out, _ := command("", "check", dir, "--all")
	if code != 0 {
		t.Errorf("warnings alone: exit %d\n%s", code, out)
	}
	for _, want := range []string{
		lineOf(t, dir, "content/places.yaml", "    tested: "+time.Now().AddDate(0, 0, -100).Format(time.DateOnly)) + `the number of "emergency" was last tested 100 days ago; call it`,
		lineOf(t, dir, "content/places.yaml", "    tested: soon") + `the number of "helpline-free" was tested on "soon", which is no date; `,
		lineOf(t, dir, "content/lt/results.yaml", "# reviewed:") + `nobody has reviewed these texts yet; `,
		lineOf(t, dir, "content/en/results.yaml", "  next:") + `the text "emergency.next" is hard to read: a sentence has 25 words; `,
		lineOf(t, dir, "flows/quizzes/at-work.yaml", "  pay:") + `no way through the quiz raises flag "wages-withheld"; `,
		`content/en/second.yaml:2: the quizzes at-work and second ask the step "age" in different words; `,
		`flows/quizzes/second.yaml:3: no way through the quiz ends at "high"; `,
		`flows/quizzes/second.yaml:3: hardly any way through the quiz ends at "concern": 1 of its last answers; `,
	} {
		if !strings.Contains(out, "warning: "+want) {
			t.Errorf("no warning begins with %s", want)
		}
	}
	for _, not := range []string{`"helpline" was`, "content/en/results.yaml:3: nobody"} {
		if strings.Contains(out, not) {
			t.Errorf("there is a warning with %s", not)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

func TestGitHubShowsMistakesBesideTheirLines(t *testing.T) {
	dir := staffs(t)
	code, out, _ := command("", "check", dir, "--github")
	if code != 0 || !strings.Contains(out, "::warning file="+dir+"/content/places.yaml,line="+strings.Split(lineOf(t, dir, "content/places.yaml", "  emergency:"), ":")[1]+"::") {
		t.Errorf("exit %d\n%s", code, out)
	}
	alter(t, dir, "flows/quizzes/job-offer.yaml", "quiz: young", "quiz: 'no%where'")
	code, out, _ = command("", "check", dir, "--github")
	if code != 1 || !strings.Contains(out, "::error file="+dir+"/flows/quizzes/job-offer.yaml,line=") || !strings.Contains(out, "no%25where") {
		t.Errorf("exit %d\n%s", code, out)
	}
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		if !regexp.MustCompile(`^::(error|warning) file=[^,]+,line=[1-9]\d*::.+; .+$`).MatchString(l) {
			t.Errorf("GitHub would not read %q", l)
		}
	}
	t.Chdir(dir)
	if _, out, _ := command("", "check", ".", "--github"); !strings.Contains(out, "::error file=flows/quizzes/job-offer.yaml,") {
		t.Errorf("from inside:\n%s", out)
	}
	if code, _, errs := command("", "check", "--github", "--json"); code != 2 || errs == "" {
		t.Errorf("both forms at once: exit %d", code)
	}
}

// large writes a folder with so many steps in quizzes of 20, in so many languages.
func large(t testing.TB, steps, many int) string {
	dir := staffs(t)
	tags := []string{"lt", "en", "de", "nl", "sv", "da", "nb", "et", "fi", "el"}[:many] // of a language with more forms than English the texts would be incomplete
	for _, tag := range tags[2:] {
		if err := os.CopyFS(filepath.Join(dir, "content", tag), os.DirFS("../../content/en")); err != nil {
			t.Fatal(err)
		}
	}
	const each = 20
	for q := range steps / each {
		var quiz, texts strings.Builder
		quiz.WriteString("start: s0\nenough: high\nsteps:\n")
		for s := range each {
			fmt.Fprintf(&quiz, "  s%d:\n    several: %v\n", s, s%2 == 0)
			if s%5 == 4 {
				fmt.Fprintf(&quiz, "    when: { any: [n%d] }\n", s-1)
			}
			quiz.WriteString("    choices:\n")
			fmt.Fprintf(&texts, "s%d:\n  say: What about %d in %d?\n  why: Because.\n", s, s, q)
			for c, flag := range []string{"fee", "debt", "unasked", "vague-job", "hurry", "gifts"} {
				fmt.Fprintf(&quiz, "      - { answer: a%d, raises: [%s], notes: [n%d] }\n", c, flag, s)
				fmt.Fprintf(&texts, "  a%d: Answer %d\n", c, c)
			}
			quiz.WriteString("      - { answer: none, green: [register] }\n")
			texts.WriteString("  none: None\n")
		}
		os.WriteFile(fmt.Sprintf("%s/flows/quizzes/q%d.yaml", dir, q), []byte(quiz.String()), 0o644)
		for _, tag := range tags {
			os.WriteFile(fmt.Sprintf("%s/content/%s/q%d.yaml", dir, tag, q), []byte(texts.String()), 0o644)
		}
	}
	return dir
}

func BenchmarkCheckOfTheShippedFiles(b *testing.B) {
	for b.Loop() {
		if code := run(b.Context(), []string{"check"}, nil, io.Discard, io.Discard); code != 0 {
			b.Fatal(code)
		}
	}
}

func BenchmarkCheckOfAThousandStepsInTenLanguages(b *testing.B) {
	dir := large(b, 1000, 10)
	for b.Loop() {
		if code, out, _ := command("", "check", dir); code != 0 {
			b.Fatal(code, out[:min(len(out), 2000)])
		}
	}
}

func TestTheTableOfFlagsNamesEachWithItsQuizzesAndLanguages(t *testing.T) {
	code, out, _ := command("", "check", "--flags")
	if code != 0 {
		t.Fatal(code, out)
	}
	for _, want := range []string{`(?m)^fee +strong +F D1 +at-work job-offer someone-else young +lt en pl ru uk lt-easy`, `(?m)^wages-late +weak +D4 +at-work helper +lt en pl ru uk.*W8`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%s is not in\n%s", want, out)
		}
	}
	if code, _, errs := command("", "check", "--flags", "--json"); code != 2 || !strings.Contains(errs, "together") {
		t.Errorf("two forms at once: exit %d, %s", code, errs)
	}
}

func TestSetsOfAnswersAreHeldAgainstWhatTheyShouldComeTo(t *testing.T) {
	dir := staffs(t)
	alter(t, dir, "flows/answers/signs-job-offer.yaml", "answers: { job: [clear, high] }, result: concern, reasons: [high-pay]", "answers: { job: [clear, high] }, result: low")
	code, out, _ := command("", "test", dir)
	if code != 1 || !strings.Contains(out, `high-pay: the result should be "low" but is "concern" (high-pay)`) || !strings.Contains(out, "1 came to something else") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestAWalkThatIsCutShortSaysSo(t *testing.T) {
	code, out, _ := command("", "check", large(t, 1000, 3), "--all")
	if code != 0 || !strings.Contains(out, "more ways than were walked here") {
		t.Errorf("exit %d\n%s", code, out[max(0, len(out)-2000):])
	}
}

// Whatever a folder holds, check ends within 5 s and 200 MB, without a panic.
func TestNoFolderHarmsCheck(t *testing.T) {
	unwatched(t)
	write := func(t *testing.T, dir, file string, data []byte) {
		name := filepath.Join(dir, file)
		os.MkdirAll(filepath.Dir(name), 0o755)
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const quiz, texts = "flows/quizzes/job-offer.yaml", "content/en/chat.yaml"
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := range 12 {
		fmt.Fprintf(&bomb, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i+1, i+1, i, i, i, i, i, i, i, i)
	}
	for name, harm := range map[string]func(t *testing.T, dir string){
		"aliases that multiply": func(t *testing.T, dir string) { write(t, dir, quiz, []byte(bomb.String())) },
		"nesting in brackets":   func(t *testing.T, dir string) { write(t, dir, quiz, []byte(strings.Repeat("[", 1<<20))) },
		"nesting in braces":     func(t *testing.T, dir string) { write(t, dir, quiz, []byte(strings.Repeat("{a: ", 50_000))) },
		"nesting by indentation": func(t *testing.T, dir string) {
			var b strings.Builder
			for i := range 1900 {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			write(t, dir, quiz, []byte(b.String()))
		},
		"a list of a million": func(t *testing.T, dir string) {
			write(t, dir, texts, []byte("a: ["+strings.Repeat("x,", 1<<20-10)+"]"))
		},
		"many names": func(t *testing.T, dir string) {
			var b strings.Builder
			for i := range 90_000 {
				fmt.Fprintf(&b, "n%d: x\n", i)
			}
			write(t, dir, texts, []byte(b.String()))
		},
		"many quotes":     func(t *testing.T, dir string) { write(t, dir, texts, []byte("a: "+strings.Repeat("\"\" ", 600_000))) },
		"one long line":   func(t *testing.T, dir string) { write(t, dir, texts, []byte("a: "+strings.Repeat("x", 2<<20-10))) },
		"one long key":    func(t *testing.T, dir string) { write(t, dir, texts, []byte("? "+strings.Repeat("x ", 1<<20-10))) },
		"a file of 10 MB": func(t *testing.T, dir string) { write(t, dir, texts, make([]byte, 10<<20)) },
		"files of 10 MB everywhere": func(t *testing.T, dir string) {
			for i := range 20 {
				write(t, dir, fmt.Sprintf("content/en/x%d.yaml", i), make([]byte, 10<<20))
				write(t, dir, fmt.Sprintf("flows/stories/x%d.txt", i), make([]byte, 10<<20))
			}
		},
		"many files of 1 MB": func(t *testing.T, dir string) {
			for i := range 20 {
				write(t, dir, fmt.Sprintf("content/en/x%d.yaml", i), []byte("a: "+strings.Repeat("long words ", 90_000)))
			}
		},
		"10,000 small files": func(t *testing.T, dir string) {
			for i := range 10_000 {
				write(t, dir, fmt.Sprintf("flows/quizzes/x%d.yaml", i), []byte("start: a"))
			}
		},
		"bytes that are no text": func(t *testing.T, dir string) { write(t, dir, texts, []byte("\xff\xfe\x00a\x01: \x80")) },
		"unreadable":             func(t *testing.T, dir string) { os.Chmod(filepath.Join(dir, quiz), 0) },
		"a folder in place of a file": func(t *testing.T, dir string) {
			os.Remove(filepath.Join(dir, quiz))
			os.MkdirAll(filepath.Join(dir, quiz, "a"), 0o755)
		},
		"a pipe in place of a file": func(t *testing.T, dir string) {
			os.Remove(filepath.Join(dir, quiz))
			if err := syscall.Mkfifo(filepath.Join(dir, quiz), 0o644); err != nil {
				t.Skip(err)
			}
		},
		"a pipe in place of a logo": func(t *testing.T, dir string) {
			if err := syscall.Mkfifo(filepath.Join(dir, "content/logo.svg"), 0o644); err != nil {
				t.Skip(err)
			}
		},
		"a link to a device": func(t *testing.T, dir string) {
			os.Remove(filepath.Join(dir, quiz))
			os.Symlink("/dev/zero", filepath.Join(dir, quiz))
		},
		"a link that leaves": func(t *testing.T, dir string) {
			os.Remove(filepath.Join(dir, quiz))
			os.Symlink("/etc/passwd", filepath.Join(dir, quiz))
		},
		"a link in a circle": func(t *testing.T, dir string) {
			os.RemoveAll(filepath.Join(dir, "content/en"))
			os.Symlink("../content/en", filepath.Join(dir, "content/en"))
		},
		"content that is a link away": func(t *testing.T, dir string) {
			os.RemoveAll(filepath.Join(dir, "content"))
			os.Symlink("/", filepath.Join(dir, "content"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := staffs(t)
			harm(t, dir)
			for _, form := range [][]string{{"check", dir}, {"test", dir}} {
				cmd := exec.Command(shipped(t), form...)
				cmd.Env = append(os.Environ(), "PATIKRA_TEST_PROGRAM=1")
				var out strings.Builder
				cmd.Stdout, cmd.Stderr = &out, &out
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				late := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() }) // it hangs
				cmd.Wait()
				if !late.Stop() {
					t.Errorf("%v does not end", form[0])
				}
				state := cmd.ProcessState
				used := int64(0)
				if u, ok := state.SysUsage().(*syscall.Rusage); ok {
					used = u.Maxrss / 1024
				}
				t.Logf("%v: exit %d, %d MB, %d bytes said", form[0], state.ExitCode(), used, out.Len())
				if used > 200 || out.Len() > 1<<20 {
					t.Errorf("%v: %d MB, %d bytes said", form[0], used, out.Len())
				}
				if code := state.ExitCode(); code != 1 && !(code == 0 && (name == "unreadable" || strings.HasPrefix(name, "files of 10 MB") || form[0] == "test" || strings.Contains(name, "logo"))) {
					t.Errorf("%v: exit %d\n%.2000s", form[0], code, out.String())
				}
				for _, not := range []string{"panic", "goroutine", "root:", " yaml: "} {
					if strings.Contains(out.String(), not) {
						t.Errorf("%v says %q:\n%.2000s", form[0], not, out.String())
					}
				}
			}
		})
	}
}
