package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"patikra/bot/desk"
)

// planted is what would run, or be seen as an element, where words are not drawn as words.
const planted = `"'><img src=planted onerror=window.ran=1><script>window.ran=1</script></textarea><a href="javascript:window.ran=1">`

func TestWhateverAPersonOrAColleagueWritesIsDrawnAsWords(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	s.says("anna", planted)
	ruta, jura := s.enters("Rūta", desk.Lead), s.enters("Jūra", "")
	shown := 0
	look := func(b *browser, what string) {
		t.Helper()
		for _, part := range []string{"<img src=planted", "<script>window", `href="javascript:`} {
			if strings.Contains(b.raw, part) {
				t.Errorf("%s: %s stands on the page:\n%s", what, part, b.raw)
			}
		}
		if b.code >= 500 {
			t.Errorf("%s: %d", what, b.code)
		}
		shown += strings.Count(b.raw, "&lt;img src=planted")
	}
	for _, do := range [][]string{{"do", "take"}, {"do", "say", "text", planted}, {"do", "note", "note", planted}, {"do", planted}, {"do", "say", "text", strings.Repeat(planted, 200)}, {"do", "pass", "to", planted}, {"do", "note", "note", strings.Repeat(planted, 200)}} {
		ruta.act(at, do...)
		look(ruta, strings.Join(do, " ")[:min(40, len(strings.Join(do, " ")))])
	}
	jura.get(at)
	look(jura, "what a colleague sees")
	if shown < 3 {
		t.Errorf("the words, the answer and the note are shown %d times", shown)
	}
	ruta.get("/desk/team")
	for _, form := range []url.Values{ruta.form("name", planted), ruta.form("name", planted, "role", planted), ruta.form("do", planted, "name", planted), ruta.form("id", planted, "do", "remove")} {
		ruta.post("/desk/team", form)
		look(ruta, "the team")
	}
	for _, path := range []string{"/desk", "/desk/team", "/desk/deeds", "/desk/folded", "/desk/enter", at} {
		ruta.get(path + "?n=" + url.QueryEscape(planted) + "&q=" + url.QueryEscape(planted))
		look(ruta, path)
		ruta.get(path + "/" + url.PathEscape(planted))
		look(ruta, path+"/…")
	}
	stranger := s.visit()
	stranger.get("/desk/enter")
	stranger.post("/desk/enter", stranger.form("token", planted))
	look(stranger, "a secret")
}

func TestOfManyWhoPressOneLinkAtOnceOneComesIn(t *testing.T) {
	s := newSite(t)
	page, secret, _ := strings.Cut(s.invite("Rūta", ""), "#")
	for _, method := range []string{"HEAD", "OPTIONS", "GET", "PUT", "DELETE"} { // whoever looks at a link before it is pressed
		b := s.visit()
		r, _ := http.NewRequest(method, s.url+page+"?token="+secret, strings.NewReader(""))
		b.do(r)
	}
	var in, out atomic.Int64
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range 40 {
		b := s.visit()
		b.get(page)
		form := b.form("token", secret)
		all.Go(func() {
			<-begin
			b.post("/desk/enter", form)
			if b.path == "/desk" && b.code == 200 {
				in.Add(1)
			} else if b.code == http.StatusGone {
				out.Add(1)
			}
		})
	}
	close(begin)
	all.Wait()
	if in.Load() != 1 || out.Load() != 39 {
		t.Errorf("%d came in, and %d were told that the link is used", in.Load(), out.Load())
	}
}

func TestTheNameOfACaseThatWasAlteredOpensNone(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	ruta := s.enters("Rūta", "")
	ruta.get(at)
	if ruta.code != 200 {
		t.Fatalf("%d", ruta.code)
	}
	name := at[strings.LastIndexByte(at, '/')+1:]
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range name {
		was := strings.IndexByte(letters, name[i])
		if was < 0 {
			t.Fatalf("the name is %q", name)
		}
		by := []int{32, 1, 4}[i%3] // a bit of the letter; of the last one the first bits count
		altered := name[:i] + string(letters[was^by]) + name[i+1:]
		if ruta.get("/desk/case/" + altered); ruta.code != http.StatusNotFound {
			t.Errorf("%s instead of %s: %d at %s", altered, name, ruta.code, ruta.path)
		}
	}
	for _, other := range []string{"", name[1:], name + "A", name + name, "..", "%00"} {
		if ruta.get("/desk/case/" + other); ruta.code == 200 && strings.Contains(ruta.path, "/case/") {
			t.Errorf("%q opens %s", other, ruta.path)
		}
	}
}
