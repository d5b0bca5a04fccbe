package messenger

import (
	"encoding/json"
	"testing"

	"patikra/bot"
)

func TestAPictureAndAVoiceCanBeFetchedAndAPlaceIsRead(t *testing.T) {
	const photo, voice = "https://scontent.xx.fbcdn.net/v/photo.jpg?oh=1", "https://cdn.fbsbx.com/voice.mp4"
	for _, c := range []struct {
		text string
		raw  []string
		kind bot.Kind
		want []bot.Media
	}{
		{"", []string{`{"type":"image","payload":{"url":"` + photo + `"}}`}, bot.Attached, []bot.Media{{Net: Name, Kind: "photo", File: photo, Fetch: photo}}},
		{"", []string{`{"type":"location","payload":{"coordinates":{"lat":54.687237,"long":25.279651}}}`}, bot.Attached, []bot.Media{{Net: Name, Kind: "location", Place: "54.68724,25.27965"}}},
		{"here", []string{`{"type":"location","title":"Anna's Location","payload":{"coordinates":{"lat":"54.687237","long":"25.279651"}}}`}, bot.Typed, []bot.Media{{Net: Name, Kind: "location", Place: "54.68724,25.27965"}}},
		{"", []string{`{"type":"location","payload":{"coordinates":{"lat":954.6,"long":25.2}}}`}, bot.Attached, []bot.Media{{}}},
		{"", []string{`{"type":"location","payload":{}}`}, bot.Attached, []bot.Media{{}}},
		{"", []string{`{"type":"audio","payload":{"url":"https://cdn.fbsbx.com/voice.mp4"}}`}, bot.Attached, []bot.Media{{Net: Name, Kind: "voice", File: voice, Fetch: voice}}},
		{"", []string{`{"type":"audio","payload":{"url":"https://elsewhere.example/voice.mp4"}}`}, bot.Attached, []bot.Media{{}}},
		{"", []string{`{"type":"image","payload":{"url":"https://elsewhere.example/photo.jpg"}}`}, bot.Attached, []bot.Media{{}}},
	} {
		var all []json.RawMessage
		for _, r := range c.raw {
			all = append(all, json.RawMessage(r))
		}
		var u bot.Update
		shown(&u, c.text, all)
		got := u.Also
		if u.Kind == bot.Attached {
			got = append([]bot.Media{u.Media}, got...)
		}
		if u.Kind != c.kind || len(got) != len(c.want) || got[0] != c.want[0] || u.Text != c.text {
			t.Errorf("%s: kind %d, %q, %+v", c.raw, u.Kind, u.Text, got)
		}
	}
}
