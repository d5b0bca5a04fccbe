package peer

import (
	"net/http/httptest"
	"testing"
)

func TestOnlyThisMachineItselfIsLocal(t *testing.T) {
	for name, c := range map[string]struct {
		from, host string
		header     string
		local      bool
	}{
		"this machine":                      {"127.0.0.1:4000", "127.0.0.1:8080", "", true},
		"this machine, by its name":         {"127.0.0.1:4000", "localhost:8080", "", true},
		"this machine, on port 80":          {"127.0.0.1:4000", "localhost", "", true},
		"this machine, IPv6":                {"[::1]:4000", "[::1]:8080", "", true},
		"this machine, IPv6 on port 80":     {"[::1]:4000", "[::1]", "", true},
		"another machine":                   {"203.0.113.7:4000", "127.0.0.1:8080", "", false},
		"the same network":                  {"10.0.0.7:4000", "127.0.0.1:8080", "", false},
		"a browser led here by a name":      {"127.0.0.1:4000", "rebound.example:8080", "", false},
		"nobody":                            {"", "127.0.0.1:8080", "", false},
		"a proxy: X-Forwarded-For":          {"127.0.0.1:4000", "127.0.0.1:8080", "X-Forwarded-For", false},
		"a proxy: Forwarded":                {"127.0.0.1:4000", "127.0.0.1:8080", "Forwarded", false},
		"a proxy: X-Real-IP":                {"127.0.0.1:4000", "127.0.0.1:8080", "X-Real-IP", false},
		"a proxy: Via":                      {"127.0.0.1:4000", "127.0.0.1:8080", "Via", false},
		"a proxy: X-Forwarded-Host":         {"127.0.0.1:4000", "127.0.0.1:8080", "X-Forwarded-Host", false},
		"a proxy: X-Forwarded-Proto":        {"127.0.0.1:4000", "127.0.0.1:8080", "X-Forwarded-Proto", false},
		"a page of another site, in a form": {"127.0.0.1:4000", "127.0.0.1:8080", "Origin", false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, value := range []string{"", "203.0.113.7", "127.0.0.1"} {
				r := httptest.NewRequest("GET", "/metrics", nil)
				r.RemoteAddr, r.Host = c.from, c.host
				if c.header != "" {
					r.Header.Set(c.header, value)
				}
				if got := Local(r); got != c.local {
					t.Errorf("%q: local is %v", value, got)
				}
			}
		})
	}
}
