package messenger

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"patikra/bot"
	"patikra/bot/talk"
)

// getStarted is the payload of the button that a person sees before the first word.
const getStarted = "menu:start"

// maxTyped is how much of a text is read, in bytes. No answer is longer.
const maxTyped = 8000

// identity is a number of the network's, as a string or not.
type identity string

func (i *identity) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		err := json.Unmarshal(b, &s)
		*i = identity(s)
		return err
	}
	n := string(bytes.TrimSpace(b))
	if strings.Trim(n, "0123456789") == "" {
		*i = identity(n)
	}
	return nil
}

// event holds what we read of one entry of messaging[]. Of all its other kinds (delivery, read, reaction, optin,
// take_thread_control, ...) none is answered.
type event struct {
	Sender struct {
		ID identity `json:"id"`
	} `json:"sender"`
	Timestamp int64 `json:"timestamp"`
	Message   *struct {
		ID         string `json:"mid"`
		Text       string `json:"text"`
		Echo       bool   `json:"is_echo"`
		Deleted    bool   `json:"is_deleted"`
		QuickReply *struct {
			Payload string `json:"payload"`
		} `json:"quick_reply"`
		Referral    *referral         `json:"referral"`
		Attachments []json.RawMessage `json:"attachments"`
	} `json:"message"`
	Edit *struct {
		ID   string `json:"mid"`
		Text string `json:"text"`
		N    int64  `json:"num_edit"`
	} `json:"message_edit"`
	Postback *struct {
		ID       string    `json:"mid"`
		Title    string    `json:"title"`
		Payload  string    `json:"payload"`
		Referral *referral `json:"referral"`
	} `json:"postback"`
	Referral *referral `json:"referral"`
	Passed   *struct {
		Metadata string `json:"metadata"`
	} `json:"pass_thread_control"` // whoever had the thread gives it to us
}

// referral is a link such as m.me/page?ref=code that a person came by.
type referral struct {
	Ref string `json:"ref"`
}

func (r *referral) code() string {
	if r == nil {
		return ""
	}
	return strings.TrimSpace(r.Ref)
}

// incoming is an update, and what stood on the button that was pressed.
type incoming struct {
	update bot.Update
	title  string
	at     int64
}

var errNoEvent = errors.New("this is no event")

// read takes a request apart into what people did, in the order they did it. An event that does not decode blocks
// no other, nor does one that breaks the program: broke is told of it, and of whoever sent it only that they did. An error means that the
// bytes are nothing the network would send.
func read(body []byte, now time.Time, one reader, broke func(error)) ([]incoming, error) {
	var in struct {
		Object *string           `json:"object"`
		Entry  []json.RawMessage `json:"entry"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.Object == nil {
		return nil, errNoEvent
	}
	if *in.Object != "page" {
		return nil, nil
	}
	var list []incoming
	for _, raw := range in.Entry {
		var entry struct {
			ID        identity          `json:"id"`
			Messaging []json.RawMessage `json:"messaging"` // standby[] is what somebody else answers
		}
		if json.Unmarshal(raw, &entry) != nil {
			continue
		}
		for _, raw := range entry.Messaging {
			var got incoming
			ok := false
			if err := bot.Contain(func() error { got, ok = one(raw, entry.ID, now); return nil }); err != nil {
				broke(err)
				_ = bot.Contain(func() error { got, ok = salvage(raw, entry.ID, now); return nil }) // then it is nobody's
			}
			if ok {
				list = append(list, got)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b incoming) int { return cmp.Compare(a.at, b.at) })
	return list, nil
}

// reader makes out one event of a page. It reports false when there is nothing to answer.
type reader func(raw []byte, page identity, now time.Time) (in incoming, ok bool)

func readEvent(raw []byte, page identity, now time.Time) (incoming, bool) {
	var e event
	if json.Unmarshal(raw, &e) != nil {
		return salvage(raw, page, now)
	}
	return neutral(&e, page, now)
}

// neutral strips an event of its channel. Only what a person did counts.
func neutral(e *event, page identity, now time.Time) (in incoming, ok bool) {
	if in, ok = whose(e, page, now); !ok {
		return in, false
	}
	u := &in.update
	switch {
	case e.Message != nil:
		m := e.Message
		if m.Echo || m.Deleted {
			return in, false
		}
		u.ID = name(m.ID, e, m.Text)
		switch {
		case m.QuickReply != nil && m.QuickReply.Payload != "":
			u.Kind, u.Text, in.title = bot.Pressed, short(m.QuickReply.Payload), short(m.Text)
		case m.Referral.code() != "":
			u.Kind, u.Text = bot.Typed, "/start "+short(m.Referral.code())
		default:
			shown(u, m.Text, m.Attachments)
		}
	case e.Edit != nil:
		u.ID = name(e.Edit.ID+" edit "+strconv.FormatInt(e.Edit.N, 10), e, "")
		u.Kind, u.Text = bot.Edited, short(e.Edit.Text)
	case e.Postback != nil:
		p := e.Postback
		u.ID = name(p.ID, e, p.Payload)
		u.Kind, u.Text = bot.Pressed, short(p.Payload)
		if p.Payload == getStarted || p.Referral.code() != "" {
			u.Kind, u.Text = bot.Typed, strings.TrimSpace("/start "+short(p.Referral.code()))
		}
	case e.Referral != nil:
		u.ID = name("", e, "referral "+e.Referral.Ref)
		u.Kind, u.Text = bot.Typed, strings.TrimSpace("/start "+short(e.Referral.code()))
	case e.Passed != nil:
		u.ID = name("", e, "passed")
		u.Kind = bot.Returned
	default:
		return in, false
	}
	return in, true
}

// whose fills in who an event is of, when it was, and until when it may be answered, which may be over. It reports false when it is
// nobody's.
func whose(e *event, page identity, now time.Time) (in incoming, ok bool) {
	id := string(e.Sender.ID)
	if id == "" || len(id) > 100 || e.Sender.ID == page {
		return in, false
	}
	u := &in.update
	in.at = e.Timestamp
	u.From = bot.Address{Channel: Name, ID: id}
	u.Until = now.Add(window)
	if e.Timestamp > 0 {
		u.Said = time.UnixMilli(e.Timestamp)
		if now.Sub(u.Said) < repeats && u.Said.Before(now) {
			u.Until = u.Said.Add(window)
		}
	}
	return in, true
}

// salvage reads of an event of which something has another type than we know, or that breaks the program, whose it is. The person is told.
func salvage(raw []byte, page identity, now time.Time) (in incoming, ok bool) {
	var fields map[string]json.RawMessage
	var e event
	if json.Unmarshal(raw, &fields) != nil || fields["message"] == nil && fields["postback"] == nil {
		return in, false
	}
	json.Unmarshal(fields["sender"], &e.Sender) // what cannot be read stays empty
	json.Unmarshal(fields["timestamp"], &e.Timestamp)
	if in, ok = whose(&e, page, now); !ok {
		return in, false
	}
	var m struct {
		Echo bool `json:"is_echo"`
	}
	json.Unmarshal(fields["message"], &m)
	in.update.ID, in.update.Kind = name("", &e, string(raw)), bot.Unread
	return in, !m.Echo
}

// attachment is one of a message.
type attachment struct {
	Type    string `json:"type"`
	Title   string `json:"title"` // of a shared link, in older versions
	URL     string `json:"url"`
	Payload struct {
		URL   string `json:"url"`
		Where struct {
			North json.Number `json:"lat"`
			East  json.Number `json:"long"`
		} `json:"coordinates"`
		Title    string      `json:"title"`
		Sticker  json.Number `json:"sticker_id"`
		Elements []element   `json:"elements"`
		Product  struct {
			Elements []element `json:"elements"`
		} `json:"product"`
	} `json:"payload"`
}

// element is one card of a template.
type element struct {
	Title    string `json:"title"`
	Subtitle string `json:"subtitle"`
	URL      string `json:"url"`
	ItemURL  string `json:"item_url"`
}

// files are the types of attachments that are files: their address is of use to nobody but the network's own programs. All
// other types are something that was shared, and have a title and a link.
var files = []string{"image", "video", "audio", "file", "location"}

// mostAttached is how many attachments of a message are looked at. The network's own programs send no more than 30 at once.
const mostAttached = 100

// shown reads what a message shows: words, with what was shared as words below them, and each attachment by itself.
func shown(u *bot.Update, text string, attachments []json.RawMessage) {
	u.Kind = bot.Typed
	var list []bot.Media
	for _, raw := range attachments[:min(len(attachments), mostAttached)] {
		var a attachment
		err := json.Unmarshal(raw, &a)
		switch said := a.words(text); {
		case err == nil && a.Type == "image" && a.Payload.Sticker == "" && served(a.Payload.URL):
			list = append(list, bot.Media{Net: Name, Kind: "photo", File: a.Payload.URL, Fetch: a.Payload.URL})
		case err == nil && a.Type == "audio" && served(a.Payload.URL):
			list = append(list, bot.Media{Net: Name, Kind: "voice", File: a.Payload.URL, Fetch: a.Payload.URL})
		case err == nil && a.Type == "location" && a.place() != "":
			list = append(list, bot.Media{Net: Name, Kind: "location", Place: a.place()})
		case err == nil && a.shared() && said != "":
			text = strings.TrimSpace(text + "\n" + said)
		case err == nil && a.shared() && a.link() != "": // it stands in the words already
		default: // a sticker, a place, or what the network cannot pass on
			list = append(list, bot.Media{})
		}
	}
	text = short(text)
	switch {
	case text == "" || len(list) > 0 && list[0].Kind == "photo" && len(attachments) == len(list):
		u.Kind, u.Text = bot.Attached, ""
		if len(list) > 0 {
			u.Media, u.Also = list[0], list[1:]
			u.Media.Caption = text
		}
	default:
		u.Text, u.Also = text, list
	}
}

// shared reports whether it is something from elsewhere, as a post or a link.
func (a *attachment) shared() bool { return a.Type != "" && !slices.Contains(files, a.Type) }

// place is where a place is, empty when that is not told.
func (a *attachment) place() string {
	north, err := a.Payload.Where.North.Float64()
	east, err2 := a.Payload.Where.East.Float64()
	if err != nil || err2 != nil {
		return ""
	}
	return talk.Coordinates(north, east)
}

// link is where something shared is to be found, empty when that is no web address.
func (a *attachment) link() string {
	for _, s := range []string{a.Payload.URL, a.URL} {
		if u, err := url.Parse(s); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) < 2000 {
			return s
		}
	}
	return ""
}

// words is something shared as title and link, without what stands in the text already.
func (a *attachment) words(text string) string {
	var out []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" && !strings.Contains(text, s) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	add(cmp.Or(a.Payload.Title, a.Title))
	add(a.link())
	for _, e := range append(a.Payload.Elements, a.Payload.Product.Elements...) {
		one := attachment{URL: cmp.Or(e.URL, e.ItemURL)}
		add(e.Title)
		add(e.Subtitle)
		add(one.link())
	}
	return strings.Join(out, "\n")
}

// hosts are where the network keeps pictures. Nothing is fetched from elsewhere, whatever an event says.
var hosts = []string{".fbcdn.net", ".fbsbx.com"}

// served reports whether an address is one at which the network itself serves what people send.
func served(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.User == nil && u.Port() == "" && len(address) < 2000 &&
		slices.ContainsFunc(hosts, func(h string) bool { return strings.HasSuffix(u.Hostname(), h) })
}

// name is the number by which an event is known when it comes again: from the message's id, or from who, when and what.
func name(mid string, e *event, what string) uint64 {
	var b []byte
	if mid != "" {
		b = append(b, mid...)
	} else {
		b = append(strconv.AppendInt(append(b, e.Sender.ID...), e.Timestamp, 10), what...)
	}
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:]) | 1 // 0 would mean "never repeats"
}

// short cuts a text to what is read of it.
func short(s string) string {
	if len(s) <= maxTyped {
		return s
	}
	s = s[:maxTyped]
	for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return strings.ToValidUTF8(s, "")
}
