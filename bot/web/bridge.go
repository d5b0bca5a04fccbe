package web

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"patikra/bot"
)

// Bridge is a link into each chat where a talk can go on as well. It works once and for ten minutes, whichever is opened.
type Bridge struct{ Doors []Door }

// chats are the networks where a talk can go on too: those that this program answers on, and whose address is known.
func (w *Web) chats() (out []Door) {
	site := w.bot.Library().Catalog.Site
	for _, door := range []struct{ name, channel, link string }{{"Telegram", "telegram", site.Telegram}, {"Messenger", "messenger", site.Messenger}} {
		if door.link != "" && slices.Contains(w.set.Chats, door.channel) {
			out = append(out, Door{Name: door.name, Link: door.link})
		}
	}
	return out
}

// showBridge shows the links into chats, in this answer and in no other.
func (w *Web) showBridge(v *visit, payload string) {
	d := w.data(v, "other")
	d.Bridge, d.Action, d.Title = &Bridge{}, v.at(v.lang), d.Say("bridge-title")+" – "+d.Title
	for _, door := range w.chats() {
		to, err := url.Parse(door.Link)
		if err != nil {
			continue
		}
		name := "start"
		if door.Name == "Messenger" {
			name = "ref"
		}
		to.RawQuery = url.Values{name: {payload}}.Encode()
		door.Link = to.String()
		door.QR = template.HTML(qr(door.Link, door.Name))
		d.Bridge.Doors = append(d.Bridge.Doors, door)
	}
	w.show(v, http.StatusOK, d)
}

// bridged fills in where a talk goes on beside the page, or can.
func (w *Web) bridged(d *Data, s *bot.Session) {
	if !s.Case.Active() {
		return
	}
	if c := s.Chat.Channel; c != "" {
		d.Bridged = strings.ToUpper(c[:1]) + c[1:]
		return
	}
	var names []string
	for _, door := range w.chats() {
		names = append(names, door.Name)
	}
	d.Chats = strings.Join(names, " / ")
}

// Named is a text of web.yaml with a name in it.
func (d *Data) Named(text, name string) string {
	return strings.ReplaceAll(d.Say(text), "{name}", name)
}
