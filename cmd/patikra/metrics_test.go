package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// scrape asks for the metrics as Prometheus on the same machine does.
func (p *program) scrape(t *testing.T, header ...string) (int, string) {
	t.Helper()
	req, _ := http.NewRequest(http.MethodGet, p.base+"/metrics", nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

var sample = regexp.MustCompile(`(?m)^([a-z_]+(?:\{[^}]*\})?) ([0-9.e+-]+)$`)

// value reads one number of a scrape.
func value(body, series string) string {
	for _, m := range sample.FindAllStringSubmatch(body, -1) {
		if m[1] == series {
			return m[2]
		}
	}
	return "none"
}

func TestTheMetricsTellHowManyAndNeverWho(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		srv := telegramtest.New(t, telegramtest.Options{})
		group := srv.Group(telegramtest.GroupOptions{})
		marked := []string{"Zuikiene", "zuikis_marked", "Hauptstrasse77", "markedcampaign", "Markedcounsellor"}
		p := launch(t, append(deskFor(srv, group), settings(t)...)...)
		_, before := p.scrape(t)
		p.enters(marked[4])
		for i := range 4 {
			u := srv.User(telegramtest.Person{Language: "lt", Name: marked[0], Username: marked[1]})
			say := func(text string) {
				u.Say(text)
				if _, err := u.Next(10 * time.Second); err != nil {
					t.Fatal(err)
				}
			}
			say("/start " + marked[3])
			say(marked[2] + fmt.Sprint(i))
			say("/human")
			u.Press("human")
			if _, err := u.Next(10 * time.Second); err != nil {
				t.Fatal(err)
			}
			marked = append(marked, fmt.Sprint(u.ID))
		}
		p.get("/lt/check?from=" + marked[3])
		p.get("/" + marked[2])
		var after string
		p.within(15*time.Second, "four cases wait", func() error {
			_, after = p.scrape(t)
			if n := value(after, `patikra_cases{state="waiting",urgency="calm"}`); n != "4" {
				return fmt.Errorf("%s", n)
			}
			return nil
		})
		for _, word := range marked {
			// A sum of seconds may end in the same digits (0.015000000002).
			if regexp.MustCompile(`(?i)(^|[^0-9.])` + regexp.QuoteMeta(word) + `($|[^0-9])`).MatchString(after) {
				t.Errorf("%q stands in the metrics", word)
			}
		}
		for _, promise := range []string{`patikra_updates_total{door="telegram",outcome="saved"}`, `patikra_deliveries_total{door="telegram",outcome="delivered"}`,
			`patikra_commits_total{outcome="saved"}`, "patikra_store_up", "patikra_desk_open", `patikra_turn_duration_seconds_count{door="telegram"}`,
			`patikra_store_duration_seconds_count{operation="commit",outcome="ok"}`} {
			if v := value(after, promise); v == "0" || v == "none" {
				t.Errorf("%s is %s", promise, v)
			}
		}
		for _, promise := range []string{"patikra_outbox_messages", "patikra_outbox_oldest_seconds", "patikra_case_unanswered_oldest_seconds", "patikra_cases_put_aside", `patikra_case_put_aside_oldest_seconds{urgency="danger"}`, "patikra_cases_unanswered",
			"patikra_counsellors_on_duty", "patikra_updates_set_aside_total", `patikra_commits_total{outcome="conflict"}`, `patikra_cases{state="held",urgency="danger"}`} {
			if v := value(after, promise); v == "none" {
				t.Errorf("%s is not told", promise)
			}
		}
		if a, b := len(sample.FindAllString(before, -1)), len(sample.FindAllString(after, -1)); b > a+150 || b > 900 {
			t.Errorf("%d series became %d", a, b)
		}
		t.Logf("%d series", len(sample.FindAllString(after, -1)))
	})
}

func TestTheMetricsAreForThisMachineAndForTheBearer(t *testing.T) {
	t.Parallel()
	p := launch(t, "PATIKRA_ADMIN_TOKEN=a-token-of-the-operators")
	for name, c := range map[string]struct {
		header []string
		code   int
	}{
		"this machine":                  {nil, 200},
		"through a proxy":               {[]string{"X-Forwarded-For", "203.0.113.7"}, 401},
		"through another kind of proxy": {[]string{"X-Real-IP", "203.0.113.7"}, 401},
		"a page in a browser":           {[]string{"Origin", "http://elsewhere.example"}, 401},
		"through a proxy, with the token": {[]string{"X-Forwarded-For", "203.0.113.7",
			"Authorization", "Bearer a-token-of-the-operators"}, 200},
		"through a proxy, with another": {[]string{"Via", "1.1 x", "Authorization", "Bearer another"}, 401},
		"with none":                     {[]string{"Forwarded", "for=x", "Authorization", "Bearer "}, 401},
	} {
		if code, body := p.scrape(t, c.header...); code != c.code || code != 200 && strings.Contains(body, "patikra_") {
			t.Errorf("%s: %d", name, code)
		}
	}
}

func TestWrongTokensAreHeldUpAtTheMetricsAndAtTheChoresTogether(t *testing.T) {
	t.Parallel()
	p := launch(t, "PATIKRA_ADMIN_TOKEN=a-token-of-the-operators")
	far := []string{"X-Forwarded-For", "203.0.113.7"}
	held := 0
	for n := range 30 {
		if code, _ := p.scrape(t, append(far, "Authorization", fmt.Sprint("Bearer guess-", n))...); code == 429 {
			held++
		} else if code != 401 {
			t.Fatalf("%d", code)
		}
	}
	if held < 15 {
		t.Errorf("%d of 30 guesses were held up", held)
	}
	req, _ := http.NewRequest("POST", p.base+"/admin/books", strings.NewReader("null"))
	req.Header.Set("Authorization", "Bearer guess")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 429 {
		t.Errorf("the chores have an allowance of their own: %d", resp.StatusCode)
	}
	if code, _ := p.scrape(t, append(far, "Authorization", "Bearer a-token-of-the-operators")...); code != 200 {
		t.Errorf("the right token is held up too: %d", code)
	}
	if code, _ := p.scrape(t); code != 200 {
		t.Errorf("this machine is held up: %d", code)
	}
}

func TestAStoreThatIsAwayIsSeenInTheMetrics(t *testing.T) {
	t.Parallel()
	r := storetest.RedisServer(t)
	p := launch(t, "REDIS_URL="+r.URL())
	if _, body := p.scrape(t); value(body, "patikra_store_up") != "1" {
		t.Error("it is not up")
	}
	r.Stop()
	p.within(15*time.Second, "it is seen", func() error {
		if _, body := p.scrape(t); value(body, "patikra_store_up") != "0" || value(body, "patikra_outbox_messages") != "none" {
			return fmt.Errorf("it is up, or a number is made up")
		}
		return nil
	})
}

func TestTheAlarmsAreOverWhatTheMetricsTell(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	p := launch(t)
	_, body := p.scrape(t)
	rules := file.Groups[0].Rules
	if len(rules) != 3 || rules[0].Alert != "SomebodyHasWaitedTooLong" {
		t.Fatalf("%d rules", len(rules))
	}
	name, label := regexp.MustCompile(`patikra_[a-z_]+`), regexp.MustCompile(`([a-z]+)=~?"([^"]+)"`)
	for _, r := range rules {
		if _, err := time.ParseDuration(r.For); err != nil || r.Labels["severity"] == "" || r.Annotations["summary"] == "" {
			t.Errorf("%s: %+v", r.Alert, r)
		}
		found := name.FindAllString(r.Expr, -1)
		for _, n := range found {
			if !strings.Contains(body, "# TYPE "+n+" ") {
				t.Errorf("%s is over %s, which is not told", r.Alert, n)
			}
		}
		for _, l := range label.FindAllStringSubmatch(r.Expr, -1) {
			for v := range strings.SplitSeq(l[2], "|") {
				if !strings.Contains(body, l[1]+`="`+v+`"`) {
					t.Errorf("%s is over %s=%q, which is not told", r.Alert, l[1], v)
				}
			}
		}
		if len(found) == 0 {
			t.Errorf("%s is over nothing", r.Alert)
		}
	}
	if !slices.Contains(name.FindAllString(rules[0].Expr, -1), "patikra_case_oldest_seconds") {
		t.Error("the first is not about who waits")
	}
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("promtool is not installed: the rules are held against the names only")
		return
	}
	if out, err := exec.Command(tool, "check", "rules", "alerts.yaml").CombinedOutput(); err != nil {
		t.Errorf("%s", out)
	}
}
