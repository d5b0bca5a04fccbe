package content_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"patikra/content"
)

func TestWhatIsWrongInACampaignIsSaidWithItsRemedy(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Radijas: { channel: radio, name: Radijas }", `1: "Radijas" is no code of a campaign; write each code in small letters`},
		{"jonas_j: { channel: radio, name: Radijas }", `1: "jonas_j" is no code`},
		{"other: { channel: radio, name: Kita }", `1: the code "other" means something else in a link; choose another code`},
		{"press: { channel: press, name: Spauda }", `1: the code "press" means something else`},
		{"en: { channel: press, name: Spauda }", `1: the code "en" means something else`},
		{"alytus:\n  channel: loudspeaker\n  name: Alytus", `2: the campaign "alytus" goes through no known channel; write channel: with one of municipality, job-centre`},
		{"alytus:\n  name: Alytus", `the campaign "alytus" goes through no known channel`},
		{"alytus:\n  channel: school", `the campaign "alytus" has no name; write name:`},
		{"alytus:\n  channel: school\n  name: " + strings.Repeat("ą", 61), `3: name: "ą`},
		{"alytus:\n  channel: school\n  name: Alytus\n  language: xx", `4: there are no texts in the language "xx"`},
		{"alytus:\n  channel: school\n  name: Alytus\n  from: 2027-02-30", `4: from: "2027-02-30" is no day of the calendar; write it as 2027-01-31`},
		{"alytus:\n  channel: school\n  name: Alytus\n  from: 2027-02-03\n  until: 2027-02-02", `5: the campaign "alytus" ends before it begins; write a day`},
		{"alytus:\n  channel: school\n  name: Alytus\n  colour: red", `4: unknown key "colour"`},
		{"alytus: {}\nalytus: {}", "alytus"},
	} {
		files := shipped(t)
		files["content/campaigns.yaml"] = &fstest.MapFile{Data: []byte(c.text + "\n")}
		if _, err := content.Read(files); err == nil || !strings.Contains(err.Error(), "content/campaigns.yaml:") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n%v, not %s", c.text, err, c.want)
		}
	}
	files := shipped(t)
	files["content/site.yaml"] = &fstest.MapFile{Data: []byte("name: Patikra\ncampaigns: [radio]\n")}
	if _, err := content.Read(files); err == nil || !strings.Contains(err.Error(), "content/site.yaml:2: campaigns have a file of their own; move each code into content/campaigns.yaml") {
		t.Errorf("codes that stand where they stood before: %v", err)
	}
}

func TestACampaignIsCountedFromItsFirstDayToItsLastInTheDesksZone(t *testing.T) {
	files := shipped(t)
	files["content/campaigns.yaml"] = &fstest.MapFile{Data: []byte("radio: { channel: radio, name: Radijas, from: 2027-03-01, until: 2027-03-31 }\nschool: { channel: school, name: Mokyklos }\n")}
	c, err := content.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct{ code, at, want string }{
		{"radio", "2027-02-28T21:59:00Z", "other"}, {"radio", "2027-02-28T22:01:00Z", "radio"}, // midnight in Vilnius
		{"RADIO", "2027-03-31T20:59:00Z", "radio"}, {"radio", "2027-03-31T21:01:00Z", "other"},
		{"school", "2020-01-01T00:00:00Z", "school"}, {"jonas", "2027-03-05T00:00:00Z", "other"}, {"", "2027-03-05T00:00:00Z", "other"},
	} {
		at, err := time.Parse(time.RFC3339, k.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Counted(k.code, at); got != k.want {
			t.Errorf("%s at %s is counted as %s", k.code, k.at, got)
		}
	}
	delete(files, "content/campaigns.yaml")
	if c, err = content.Read(files); err != nil || len(c.Campaigns) > 0 || c.Counted("radio", time.Now()) != content.OtherCampaign {
		t.Errorf("without the file: %v, %v", c.Campaigns, err)
	}
}

func TestAFilmIsAFileOfTheFolderOrAWholeAddress(t *testing.T) {
	for film, good := range map[string]bool{"film.mp4": true, "https://films.example.lt/a/film.webm": true, "": true, "../film.mp4": false, "film.avi": false, "http://films.example.lt/film.mp4": false,
		"https://films.example.lt/": false, "https://films.example.lt; script-src */film.mp4": false} {
		files := shipped(t)
		files["content/site.yaml"] = &fstest.MapFile{Data: []byte("name: Patikra\nfilm: \"" + film + "\"\ncall-film: \"" + film + "\"\n")}
		_, err := content.Read(files)
		if said := err != nil && strings.Contains(err.Error(), "content/site.yaml:2: film: ") && strings.Contains(err.Error(), "content/site.yaml:3: call-film: "); said == good {
			t.Errorf("%q: %v", film, err)
		}
	}
}
