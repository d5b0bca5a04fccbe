package console_test

import (
	"context"
	"regexp"
	"slices"
	"testing"
	"time"

	"patikra/bot"
)

func TestAVoiceAndAPictureComeFromTheTalkAsWhatTheyAre(t *testing.T) {
	s := newSite(t)
	s.bot.Keeps = true
	ruta := s.enters("Rūta", "")
	at := s.asks("anna")
	for n, f := range []struct{ kind, data string }{{"voice", "\xff\xf1sound"}, {"voice", "OggSsound"}, {"photo", "\xff\xd8\xffpicture"}} {
		for _, u := range []bot.Update{
			{Kind: bot.Attached, Media: bot.Media{Net: "telegram", Chat: "anna", Kind: f.kind, ID: int64(n), Fetch: "x"}},
			{Kind: bot.Fetched, Text: s.case_("anna").Word, Media: bot.Media{Number: uint8(n + 1)}, Data: []byte(f.data)},
		} {
			u.From, u.At, u.Locale = person("anna"), time.Now(), "en"
			if _, err := s.bot.Handle(context.Background(), u); err != nil {
				t.Fatal(err)
			}
		}
	}
	ruta.get(at)
	var kinds []string
	for _, m := range regexp.MustCompile(`src="(/desk/case/[^"]+/file/\d)"`).FindAllStringSubmatch(ruta.body, -1) {
		resp, err := ruta.client.Get(s.url + m[1])
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		kinds = append(kinds, resp.Header.Get("Content-Type"))
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: a browser may guess what it is", m[1])
		}
	}
	if !slices.Equal(kinds, []string{"audio/aac", "audio/ogg", "image/jpeg"}) {
		t.Errorf("%q on\n%s", kinds, ruta.body)
	}
}
