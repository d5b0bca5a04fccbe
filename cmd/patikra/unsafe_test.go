package main

import (
	"os"
	"strings"
	"testing"

	"patikra/bot/inbox"
	"patikra/bot/seal"
)

func TestUnsafeSettingsAreNamedAndSafeOnesAreNot(t *testing.T) {
	open, shut := t.TempDir(), t.TempDir()
	os.Chmod(open, 0o777)
	os.Chmod(shut, 0o700)
	zero := strings.Repeat("A", 43) + "="
	for name, c := range map[string]struct {
		set  settings
		want string
	}{
		"people's words in clear":          {settings{named: true, url: "http://patikra.example", data: shut}, "PATIKRA_URL"},
		"an inbox elsewhere in clear":      {settings{inbox: inbox.Settings{URL: "http://inbox.example/x", Secret: seal.NewKey()}, data: shut}, "PATIKRA_INBOX:"},
		"a translator elsewhere in clear":  {settings{translateURL: "http://translate.example", data: shut}, "PATIKRA_TRANSLATE:"},
		"a secret of one letter":           {settings{inbox: inbox.Settings{URL: "https://inbox.example/x", Secret: "aaaaaaaaaaaaaaaa"}, data: shut}, "PATIKRA_INBOX_SECRET"},
		"a token of one letter":            {settings{admin: "aaaaaaaaaaaaaaaa", data: shut}, "PATIKRA_ADMIN_TOKEN"},
		"a key of zeros":                   {settings{key: zero, redis: "redis://127.0.0.1:6379"}, "PATIKRA_KEY"},
		"a Redis elsewhere, no password":   {settings{key: seal.NewKey(), redis: "redis://10.0.0.5:6379/0"}, "REDIS_URL"},
		"a folder for everybody":           {settings{data: open}, "PATIKRA_DATA"},
		"this machine alone":               {settings{named: true, url: "http://127.0.0.1:8080", data: shut}, ""},
		"as it should be":                  {settings{named: true, url: "https://patikra.example", admin: seal.NewKey(), key: seal.NewKey(), redis: "rediss://:word@10.0.0.5:6379"}, ""},
		"a Redis of this machine, no word": {settings{key: seal.NewKey(), redis: "redis://localhost:6379"}, ""},
	} {
		got := strings.Join(c.set.unsafe(), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
