package main

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// unsafe names settings that work and should not be so where people are served.
func (s *settings) unsafe() (out []string) {
	if s.named && strings.HasPrefix(s.url, "http://") && !onThisMachine(s.url) {
		out = append(out, "PATIKRA_URL: http:// sends what people write, and their cookies, in clear; write https:// and put a proxy in front")
	}
	if strings.HasPrefix(s.inbox.URL, "http://") && !onThisMachine(s.inbox.URL) {
		out = append(out, "PATIKRA_INBOX: http:// sends cards and words in clear; write https://")
	}
	if strings.HasPrefix(s.translateURL, "http://") && !onThisMachine(s.translateURL) {
		out = append(out, "PATIKRA_TRANSLATE: http:// sends what people write in clear; write https://, or run it on this machine")
	}
	if strings.HasPrefix(s.redis, "redis://") {
		if u, err := url.Parse(s.redis); err == nil && !onThisMachine(s.redis) {
			if _, has := u.User.Password(); !has {
				out = append(out, "REDIS_URL: a server elsewhere without a password; set one, and use rediss://")
			}
		}
	}
	for _, x := range []struct{ name, value string }{{"PATIKRA_ADMIN_TOKEN", s.admin}, {"PATIKRA_INBOX_SECRET", s.inbox.Secret}, {"TELEGRAM_SECRET", s.secret}} {
		if x.value != "" && weak(x.value) {
			out = append(out, x.name+": it can be guessed; patikra key prints a good one")
		}
	}
	if s.key != "" && weak(strings.TrimRight(s.key, "=")) {
		out = append(out, "PATIKRA_KEY: it can be guessed; patikra key prints a good one")
	}
	if s.redis == "" {
		for _, name := range []string{"", keyFile} {
			if info, err := os.Stat(filepath.Join(s.data, name)); err == nil && info.Mode().Perm()&0o077 != 0 {
				out = append(out, "PATIKRA_DATA: others on this machine may open "+filepath.Join("the folder", name)+"; take their rights away (chmod go= )")
			}
		}
	}
	return out
}

// weak reports whether a secret has so few different signs that nobody drew it by chance.
func weak(secret string) bool {
	different := map[rune]bool{}
	for _, r := range secret {
		different[r] = true
	}
	return len(different) < 8
}

// onThisMachine reports whether an address is of this machine alone.
func onThisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
