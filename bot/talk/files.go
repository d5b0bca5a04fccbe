package talk

import (
	"math"
	"strconv"
	"strings"

	"patikra/bot"
)

// What people send that is no words, for counsellors who read in a browser. A picture or a voice is fetched from its network, cleaned, sealed and
// kept beside the conversation, and ends with it; a place is kept as words. A page that anybody can open brings its pictures cleaned already.

// Bounds of the files of a talk, for as long as it is kept.
const (
	MostFiles     = 30       // files
	MostFileBytes = 20 << 20 // bytes of all, as they are kept

	// mostUnheld is how many files come into a talk from a door that anybody can open before a counsellor has taken it.
	mostUnheld = 3
)

// Coordinates writes a place as degrees north and east, as 54.68724,25.27965; empty where there is no such place.
func Coordinates(north, east float64) string {
	if !(math.Abs(north) <= 90 && math.Abs(east) <= 180) { // nor is it no number
		return ""
	}
	return strconv.FormatFloat(north, 'f', 5, 64) + "," + strconv.FormatFloat(east, 'f', 5, 64)
}

// sends says what a person can send where they are, after a space. A page says it beside its form.
func (v view) sends() string {
	switch {
	case v.page:
		return ""
	case v.plain:
		return " " + v.wording("send-words")
	case v.voices:
		return " " + v.wording("send-voices")
	case v.photos:
		return " " + v.wording("send-photos")
	}
	return " " + v.wording("send-chat")
}

// MapLink leads to a map of a place in a browser. Nothing of ours follows it.
func MapLink(place string) string {
	north, east, _ := strings.Cut(place, ",")
	return "https://www.openstreetmap.org/?mlat=" + north + "&mlon=" + east + "#map=17/" + north + "/" + east
}

// hand gives something that is no words to whoever at the desk can take it. why names the text that tells the person of it when nobody can.
func (t *turn) hand(m bot.Media) (why string) {
	c, d := t.s.Case, &t.u.Desk
	uploaded := m.Net == bot.Uploaded
	group := m.Kind != "" && !d.Words && !uploaded && (m.Kind != "voice" || m.Chat != "") // it is copied from where it lies
	shown := m.Shows() && (d.Files || uploaded && d.Group)
	if shown && m.Kind != "location" {
		why = t.full(len(t.u.Data))
	}
	switch {
	case !shown && !group && d.Words && !d.Files:
		return "only-words"
	case !shown && !group && uploaded:
		return "only-words"
	case !shown && !group && (m.Net == "" || d.Photos) && !(d.Files && d.Photos):
		return "no-files-here"
	case !shown && !group:
		return "no-files"
	case why != "" && !group:
		return why
	}
	switch {
	case group && m.Place != "" && m.Chat == "": // a place that cannot be copied
		t.say(bot.Message{Act: bot.Words, Text: strings.ReplaceAll(m.Place, ",", ", ") + "\n" + MapLink(m.Place), Human: true, Urgency: 2})
	case group:
		t.say(bot.Message{Act: bot.Words, Media: m, Human: true, Urgency: 2})
	case m.Kind == "voice" && d.Group && why == "": // the group's network plays no sound of that kind
		t.say(bot.Message{Act: bot.Words, Text: "ⓘ " + t.deskLang().Text("desk.note-voice"), Urgency: 1})
	}
	line := t.fixed(ByPerson, viewOf(t.newest, &t.s).in(t.deskLang(), false), func(v view) string {
		if shown && why == "" && m.Kind == "location" {
			return v.media(m) + "\n" + strings.ReplaceAll(m.Place, ",", ", ")
		}
		return v.media(m)
	})
	line.Kind = m.Kind
	switch {
	case !shown || why != "":
	case m.Kind == "location":
		line.Place = m.Place
	default:
		c.Files++
		line.File = c.Files
		if uploaded {
			t.store(line.File, t.u.Data)
			if d.Group {
				t.say(bot.Message{Act: bot.Words, Media: bot.Media{Net: bot.Kept, Kind: m.Kind, ID: int64(line.File), Caption: m.Caption}, Human: true, Urgency: 2})
			}
			break
		}
		m.Number = line.File
		t.say(bot.Message{Act: bot.Words, Text: c.Word, Media: m, Human: true, Urgency: 2})
		t.p.Desk[len(t.p.Desk)-1].To.Channel = bot.FilesName
	}
	t.p.Log = append(t.p.Log, line)
	return ""
}

// media names something that is no words, with the words below it.
func (v view) media(m bot.Media) string {
	return strings.TrimSpace("[" + v.lang.Text("desk.media-"+m.Kind) + "] " + m.Caption)
}

// full says why a file of so many bytes has no room in the talk, as far as its size is known; empty: it has.
func (t *turn) full(size int) string {
	c := t.s.Case
	switch {
	case c.Files >= MostFiles || int(c.Bytes)+size > MostFileBytes:
		return "files-full"
	case t.u.Network != "" && (c.Folded || c.State != bot.Taken && c.Files >= mostUnheld):
		return "files-later"
	}
	return ""
}

// store puts a file into the plan.
func (t *turn) store(number uint8, data []byte) {
	c := t.s.Case
	c.Kept |= 1 << number
	c.Bytes += uint32(len(data))
	t.p.Files = append(t.p.Files, bot.File{Number: number, Value: data})
}

// fetched keeps a file that was fetched and cleaned, if the talk that it belongs to is still there.
func (t *turn) fetched() {
	c := t.s.Case
	if c == nil || c.State == bot.NoCase {
		t.p.Erase = t.s.Stage == bot.Fresh
		return
	}
	number := t.u.Media.Number
	if number == 0 || number > c.Files || c.Has(number) || c.Word != t.u.Text { // it is of a talk that was erased, or came before
		return
	}
	c = t.own()
	if int(c.Bytes)+len(t.u.Data) > MostFileBytes {
		t.desk("unpassed")
		if c.Active() {
			t.tell("files-full")
		}
		return
	}
	t.store(number, t.u.Data)
}
