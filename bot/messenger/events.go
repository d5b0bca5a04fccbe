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

// event holds what we read of one entry of messaging[]. Of all its other kinds (delivery, read, reaction, message_edit,
// optin, take_thread_control, ...) none is answered.
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
		Referral    *referral `json:"referral"`
		Attachments []struct {
			Type    string `json:"type"`
			Payload struct {
				URL     string      `json:"url"`
				Sticker json.Number `json:"sticker_id"`
			} `json:"payload"`
		} `json:"attachments"`
	} `json:"message"`
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
// no other. An error means that the bytes are nothing the network would send.
func read(body []byte, now time.Time) ([]incoming, error) {
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
			var e event
			if json.Unmarshal(raw, &e) != nil {
				continue
			}
			if got, ok := neutral(&e, entry.ID, now); ok {
				list = append(list, got)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b incoming) int { return cmp.Compare(a.at, b.at) })
	return list, nil
}

// neutral strips an event of its channel. Only what a person did counts.
func neutral(e *event, page identity, now time.Time) (in incoming, ok bool) {
	id := string(e.Sender.ID)
	if id == "" || len(id) > 100 || e.Sender.ID == page {
		return in, false
	}
	u := &in.update
	in.at = e.Timestamp
	u.From = bot.Address{Channel: Name, ID: id}
	u.Until = now.Add(window)
	if said := time.UnixMilli(e.Timestamp); e.Timestamp > 0 && now.Sub(said) < repeats && said.Before(now) {
		u.Until = said.Add(window)
	}
	if !u.Until.After(now) {
		return in, false // sent again too late to be answered
	}
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
		case len(m.Attachments) > 0 && m.Attachments[0].Type == "image" && m.Attachments[0].Payload.Sticker == "" && picture(m.Attachments[0].Payload.URL):
			u.Kind = bot.Attached
			u.Media = bot.Media{Net: Name, Kind: "photo", File: m.Attachments[0].Payload.URL, Caption: short(m.Text)}
		case m.Text != "":
			u.Kind, u.Text = bot.Typed, short(m.Text)
		default: // a picture, a voice, a sticker, a place, or what the network cannot pass on
			u.Kind = bot.Attached
		}
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

// hosts are where the network keeps pictures. Nothing is fetched from elsewhere, whatever an event says.
var hosts = []string{".fbcdn.net", ".fbsbx.com"}

// picture reports whether an address is one of the network's own pictures.
func picture(address string) bool {
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
