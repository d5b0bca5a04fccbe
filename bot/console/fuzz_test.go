package console_test

import (
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"

	"patikra/bot/desk"
)

// FuzzForms sends forms of any fields to every page of the desk, with the cookie and the hidden field of a lead who is signed in:
// there is always an answer, never a fault of the program's.
func FuzzForms(f *testing.F) {
	s := newSite(f)
	lead := s.enters("Vadovė", desk.Lead)
	at := s.asks("anna")
	lead.get(at)
	hidden := lead.form()
	home, err := url.Parse(s.url)
	if err != nil {
		f.Fatal(err)
	}
	cookies := lead.client.Jar.Cookies(home)
	paths := []string{at, at + "/typing", "/desk/team", "/desk/duty", "/desk/language", "/desk/out2", "/desk/enter", "/desk/folded"}
	for _, seed := range []struct {
		path uint8
		form string
	}{
		{0, "do=take"}, {0, "do=say&text=Labas&once=x"}, {0, "do=note&note=x"}, {0, "do=transfer&to=console:nobody"}, {0, "do=close"}, {0, "do=reopen"},
		{0, "do=%00&text=%ff%fe"}, {0, "text=" + strings.Repeat("a", 5000) + "&do=say"}, {0, "do=say&do=take&text=a&text=b"}, {0, ";=;&&&="}, {1, "typing=1"},
		{2, "do=invite&name=R%C5%ABta&role=lead"}, {2, "do=remove&id=vadove"}, {2, "do=invite&name=&role=king"}, {3, "do=on"}, {3, "do=off"},
		{4, "to=lt&back=/desk"}, {4, "to=xx&back=//evil.example"}, {5, ""}, {6, "token=x&form=y"},
		{7, "do=close&sure=yes&reason=x&case=" + path.Base(at)}, {7, "do=close&case=" + path.Base(at)}, {7, "do=end&sure=no&reason=&case=%00"},
	} {
		f.Add(seed.path, seed.form)
	}
	f.Fuzz(func(t *testing.T, which uint8, form string) {
		fields := ""
		for name, v := range hidden {
			if !strings.Contains(form, name+"=") {
				fields += "&" + name + "=" + url.QueryEscape(v[0])
			}
		}
		r := httptest.NewRequest("POST", s.url+paths[int(which)%len(paths)], strings.NewReader(form+fields))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", s.url)
		r.RemoteAddr = "127.0.0.1:1"
		for _, c := range cookies {
			r.AddCookie(c)
		}
		rec := httptest.NewRecorder()
		s.console.ServeHTTP(rec, r)
		if rec.Code < 200 || rec.Code >= 500 {
			t.Errorf("%q to %s: %d", form, r.URL.Path, rec.Code)
		}
	})
}
