package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestStaffAreToldOfNumbersThatNobodyHasCalledForLong(t *testing.T) {
	t.Parallel()
	dir := staffs(t)
	file := filepath.Join(dir, "content/places.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().UTC().Format(time.DateOnly)
	fresh := regexp.MustCompile(`tested: (never|[0-9-]+)`).ReplaceAllString(string(data), "tested: "+today)
	if fresh == string(data) {
		t.Fatal("no place says when it was tested")
	}
	readyz := func(p *program) string {
		resp, err := http.Get(p.base + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK {
			t.Errorf("old numbers make the program unready: %d", resp.StatusCode)
		}
		return string(body)
	}
	for _, c := range []struct {
		name, places string
		due          string // how many, in words of the regular expression
	}{
		{"all were called today", fresh, ""},
		{"one was called long ago", strings.Replace(fresh, "tested: "+today, "tested: 2020-01-31", 1), "1"},
		{"as they are shipped", string(data), "[0-9]{2}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(c.places), 0o644); err != nil {
				t.Fatal(err)
			}
			p := launch(t, "PATIKRA_FILES="+dir)
			body := readyz(p)
			if c.due == "" {
				if strings.Contains(body, "places:") || strings.Contains(p.log.String(), "phone numbers") {
					t.Errorf("readyz says %q, the log\n%s", body, p.log)
				}
				return
			}
			if !regexp.MustCompile(`(?m)^places: nobody has called ` + c.due + ` of the phone numbers for 90 days`).MatchString(body) {
				t.Errorf("readyz says %q", body)
			}
			p.within(5e9, "the log", func() error {
				if !strings.Contains(p.log.String(), `"level":"warn"`) || !strings.Contains(p.log.String(), "nobody has called some of the phone numbers") {
					return io.ErrUnexpectedEOF
				}
				return nil
			})
		})
	}
}
