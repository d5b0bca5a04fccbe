package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestYesOneThroughAPipePlaysTheQuiz(t *testing.T) {
	for _, lang := range []string{"lt", "en", ""} {
		code, out, errs := command(strings.Repeat("1\n", 60), "chat", "job-offer", "--lang", lang)
		if code != 0 || errs != "" {
			t.Fatalf("exit %d, %s", code, errs)
		}
		for _, want := range []string{"1. ", "2. ", "1/13", "+370 ", "112"} {
			if !strings.Contains(out, want) {
				t.Errorf("%q: %q is not printed", lang, want)
			}
		}
		if strings.Contains(out, "\x1b[") {
			t.Error("there is colour in a pipe")
		}
	}
}

func TestEveryScreenBeforeTheFirstQuestionGoesForwardOnOne(t *testing.T) {
	_, out, _ := command("1\n1\n", "chat", "--lang", "lt")
	if !strings.Contains(out, "1/13") {
		t.Errorf("no question after two lines:\n%s", out)
	}
}

func TestInputThatEndsEarlyLeavesTheNumbers(t *testing.T) {
	for _, in := range []string{"", "1\n", "1\n1\n1\n3\n"} {
		code, out, _ := command(in, "chat", "--lang", "lt")
		last := out[strings.LastIndex(out, ">"):]
		if code != 1 || !strings.Contains(last, "+370 616 91119") {
			t.Errorf("%q: exit %d, the end is %q", in, code, last)
		}
	}
}

func TestInputAfterTheResultIsNotRead(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		fmt.Fprint(w, strings.Repeat("1\n", 60))
		time.Sleep(20 * time.Second)
		w.Close()
	}()
	done := make(chan int, 1)
	go func() { done <- run(t.Context(), []string{"chat", "--lang", "en"}, r, discard{}, discard{}) }()
	select {
	case code := <-done:
		if code != 0 {
			t.Errorf("exit %d", code)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits for more")
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func TestCommandsThatDoNotExistAreMisuse(t *testing.T) {
	for _, args := range [][]string{{"fly"}, {"chat", "--fly"}, {"chat", "no-quiz"}, {"chat", "--lang", "xx"}, {"check", "a", "b"}, {"key", "x"}, {"--fly"}, {"version", "--json", "--x"}, {"serve", "now"}} {
		code, _, errs := command("", args...)
		if code != 2 || errs == "" {
			t.Errorf("%v: exit %d, %q", args, code, errs)
		}
	}
	if code, out, _ := command("", "version"); code != 0 || !regexp.MustCompile(`^patikra \S+.*\n$`).MatchString(out) {
		t.Errorf("version: %d %q", code, out)
	}
	if code, out, _ := command("", "help"); code != 0 || !strings.Contains(out, "serve") {
		t.Errorf("help: %d %q", code, out)
	}
	if code, out, _ := command("", "serve", "--help"); code != 0 || !strings.Contains(out, "TELEGRAM_TOKEN") {
		t.Errorf("serve --help: %d %q", code, out)
	}
	_, a, _ := command("", "key")
	_, b, _ := command("", "key")
	if a == b || len(strings.TrimSpace(a)) != 44 {
		t.Errorf("keys: %q %q", a, b)
	}
}

func TestCheckNamesEveryMistakeInOneLineEach(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	if code, out, errs := command("", "check", dir); code != 0 || errs != "" {
		t.Fatalf("good files: exit %d\n%s%s", code, out, errs)
	}
	if code, out, _ := command("", "test", dir); code != 0 || !strings.Contains(out, "0 failed") {
		t.Fatalf("good stories: exit %d\n%s", code, out)
	}
	quiz := filepath.Join(dir, "flows/quizzes/job-offer.yaml")
	data, _ := os.ReadFile(quiz)
	os.WriteFile(quiz, []byte(strings.Replace(strings.Replace(string(data), "quiz: young", "quiz: nowhere", 1), "start: age", "start: age\ncolour: red", 1)), 0o644)
	code, out, _ := command("", "check", dir)
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	line := regexp.MustCompile(`^flows/quizzes/job-offer\.yaml:\d+: .+; .+$`)
	found := 0
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		if line.MatchString(l) {
			found++
		} else if !strings.HasPrefix(l, "warning: ") {
			t.Errorf("not of the form path:line: what; remedy: %q", l)
		}
	}
	if found < 2 {
		t.Errorf("%d mistakes:\n%s", found, out)
	}
	code, out, _ = command("", "check", dir, "--json")
	var doc struct {
		Errors, Warnings []struct {
			File, Message, Remedy string
			Line                  int
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 1 || len(doc.Errors) < 2 || doc.Errors[0].Line == 0 {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	if code, _, errs := command("", "check", filepath.Join(dir, "nothing-here")); code != 2 || errs == "" {
		t.Errorf("a folder that is not there: exit %d, %q", code, errs)
	}
	if code, out, _ := command("", "check", t.TempDir()); code != 1 || !strings.Contains(out, "flows/") {
		t.Errorf("an empty folder: exit %d\n%s", code, out)
	}
	os.Remove(quiz)
	if err := os.Symlink("/etc/passwd", quiz); err == nil {
		if code, out, _ := command("", "check", dir); code != 1 || strings.Contains(out, "root:") {
			t.Errorf("a link that leaves the folder: exit %d\n%s", code, out)
		}
	}
}

func TestAStoryThatSaysSomethingElseIsFound(t *testing.T) {
	dir := staffs(t)
	os.WriteFile(filepath.Join(dir, "flows/stories/new.txt"), []byte("# new\nlanguage: en\n> /start\n[Fly]\n"), 0o644)
	code, out, _ := command("", "test", dir)
	if code != 1 || !strings.Contains(out, "changed in flows/stories/new.txt:3, after \"/start\":\n") || !strings.Contains(out, " stories, 1 changed: ") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestWrongSettingsAreAllNamedAtOnceWithTheirRemedy(t *testing.T) {
	values := map[string]string{"PATIKRA_LISTEN": "8080", "PATIKRA_URL": "ftp://x", "PATIKRA_KEY": "short", "PATIKRA_IDLE": "1s", "PATIKRA_PARTITIONS": "0",
		"PATIKRA_FLOOD": "-1", "PATIKRA_LOG": "xml", "TELEGRAM_API": "telegram", "TELEGRAM_WEBHOOK": "perhaps", "TELEGRAM_SECRET": "a b", "TELEGRAM_RATE": "30"}
	_, err := read(func(name string) (string, error) { return values[name], nil })
	if err == nil {
		t.Fatal("they are taken")
	}
	for name, value := range values {
		if !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%s is not named", name)
		}
		if name == "PATIKRA_KEY" && strings.Contains(err.Error(), value+" ") {
			t.Errorf("the key stands in the message")
		}
	}
	if _, err := read(func(name string) (string, error) {
		return map[string]string{"REDIS_URL": "redis://x"}[name], nil
	}); err == nil || !strings.Contains(err.Error(), "PATIKRA_KEY: is required with Redis") {
		t.Errorf("Redis without a key: %v", err)
	}
	if _, err := read(func(string) (string, error) { return "", nil }); err != nil {
		t.Errorf("an empty environment: %v", err)
	}
	p := prepare(t, "PATIKRA_IDLE=1s")
	cmd := exec.Command(os.Args[0])
	cmd.Dir, cmd.Env = p.dir, p.env
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "PATIKRA_IDLE") {
		t.Errorf("exit %d: %s", cmd.ProcessState.ExitCode(), out)
	}
}

func TestASetVariableWinsOverTheFileAndSecretsMayComeFromFiles(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	os.WriteFile(secret, []byte("from-file\n"), 0o600)
	env := filepath.Join(dir, ".env")
	os.WriteFile(env, []byte("# a remark\nexport PATIKRA_TEST_A='one'\nPATIKRA_TEST_B=two\nPATIKRA_TEST_C_FILE="+secret+"\nPATIKRA_TEST_D_FILE="+dir+"/none\n"), 0o600)
	t.Setenv("PATIKRA_TEST_B", "three")
	get, err := environment(env)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"PATIKRA_TEST_A": "one", "PATIKRA_TEST_B": "three", "PATIKRA_TEST_C": "from-file"} {
		if v, err := get(name); err != nil || v != want {
			t.Errorf("%s is %q, %v", name, v, err)
		}
	}
	if _, err := get("PATIKRA_TEST_D"); err == nil {
		t.Error("a secret's file that is not there gives no error")
	}
	os.WriteFile(env, []byte("\ufeffPATIKRA_TEST_E=five\r\nPATIKRA_TEST_F=six\r\n"), 0o600) // as an editor on Windows saves it
	if get, err = environment(env); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"PATIKRA_TEST_E": "five", "PATIKRA_TEST_F": "six"} {
		if v, err := get(name); err != nil || v != want {
			t.Errorf("%s is %q, %v", name, v, err)
		}
	}
	os.WriteFile(env, []byte("P\x00A\x00\n# \xfe\n"), 0o600)
	if _, err := environment(env); err == nil || !strings.Contains(err.Error(), ".env:2: the file is not written in UTF-8") {
		t.Errorf("a file in another encoding: %v", err)
	}
	os.WriteFile(env, []byte("what is this\n"), 0o600)
	if _, err := environment(env); err == nil || !strings.Contains(err.Error(), ".env:1:") {
		t.Errorf("a broken file: %v", err)
	}
}

func FuzzEnvironment(f *testing.F) {
	for _, s := range []string{"# a remark\nexport A='one'\nB=two\r\n", "\ufeffA=\"x\"\n", "A", "=", "A='", "\xff\xfeA", "A=1\rB=2", "export \nPATIKRA_IDEL=1"} {
		f.Add([]byte(s))
	}
	env := filepath.Join(f.TempDir(), ".env")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(env, data, 0o600); err != nil {
			t.Fatal(err)
		}
		strangers(env, nil)
		get, err := environment(env)
		if err != nil {
			if !regexp.MustCompile(`(?s)\.env:[1-9][0-9]*: .+; .+`).MatchString(err.Error()) {
				t.Errorf("a mistake without its place or remedy: %v", err)
			}
			return
		}
		if _, err := get("PATIKRA_TEST_A"); err != nil && !strings.Contains(err.Error(), "PATIKRA_TEST_A_FILE") {
			t.Error(err)
		}
	})
}

func TestAnEmptyEnvironmentWorks(t *testing.T) {
	p := prepare(t)
	p.env = []string{"PATIKRA_TEST_PROGRAM=1", "PATH=" + os.Getenv("PATH")} // the standard address may be taken: then this is skipped
	p.base = "http://127.0.0.1:8080"
	if code, _ := p.get("/healthz"); code != 0 {
		t.Skip("something runs on 127.0.0.1:8080")
	}
	p.start()
	p.waitReady()
	info, err := os.Stat(filepath.Join(p.dir, "data"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder: %v %v", info, err)
	}
	if key, err := os.Stat(filepath.Join(p.dir, "data", "key")); err != nil || key.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v %v", key, err)
	}
	doctor := exec.Command(shipped(t), "doctor")
	doctor.Env, doctor.Dir = p.env, p.dir
	if out, err := doctor.CombinedOutput(); err != nil || !strings.Contains(string(out), "ready") {
		t.Errorf("doctor: %v %s", err, out)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	doctor = exec.Command(shipped(t), "doctor", "--alive")
	doctor.Env, doctor.Dir = p.env, p.dir
	if out, err := doctor.CombinedOutput(); err == nil {
		t.Errorf("doctor finds what is not there: %s", out)
	}
	p.cmd = nil
}

func TestEveryCommandTellsWhatItTakes(t *testing.T) {
	_, list, _ := command("", "help")
	if _, same, _ := command("", "--help"); list != same {
		t.Error("help and --help tell two things")
	}
	commands := regexp.MustCompile(`(?m)^  ([a-z]+)  +\S`).FindAllStringSubmatch(list, -1)
	if len(commands) < 24 {
		t.Fatalf("the help lists %d commands:\n%s", len(commands), list)
	}
	for _, m := range commands {
		code, out, errs := command("", m[1], "--help")
		if code != 0 || errs != "" || !strings.Contains(out, "patikra "+m[1]) {
			t.Errorf("%s --help: exit %d\n%s%s", m[1], code, out, errs)
		}
	}
	if code, out, errs := command("", "chek"); code != 2 || out != "" || !strings.Contains(errs, "did you mean chat, check?") || strings.Count(errs, "\n") > 2 {
		t.Errorf("a mistyped command: exit %d, %q, %q", code, out, errs)
	}
}
