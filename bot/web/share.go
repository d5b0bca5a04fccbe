package web

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"patikra/bot/talk"
)

// What somebody passes on or puts into their phone is seen by others. So a shared text names the first page and nothing else, and
// the contact card bears a neutral name and says of nothing what it is for.

// cardPath is the contact card with the helpline.
const cardPath = "contact.vcf"

// Share is what passes the first page on.
type Share struct {
	Text    string // neutral words, without the address
	Home    string // the address of the first page in this language, never of a session
	Address string // the same, with the campaign by which the person came
	Ways    []ShareWay
}

// ShareWay is a link that passes the page on in an app. It needs no script.
type ShareWay struct {
	Name string
	Link template.URL
}

// address is the first page's address as others open it.
func (w *Web) address(v *visit) string {
	origin := w.origin
	if w.set.AnyHost {
		origin = "http://" + v.r.Host
	}
	return origin + "/" + v.lang + "/"
}

// share makes the links of a page. In a frame there are none: a frame may open no other app.
func (w *Web) share(v *visit, d *Data, campaign string) *Share {
	if v.framed {
		return nil
	}
	text, address := d.Say("share-text"), withCode(w.address(v), campaign)
	whole := strings.ReplaceAll(url.QueryEscape(text+" "+address), "+", "%20") // an app may take + for a plus
	return &Share{Text: text, Home: w.address(v), Address: address, Ways: []ShareWay{
		{"WhatsApp", template.URL("https://wa.me/?text=" + whole)},
		{"Viber", template.URL("viber://forward?text=" + whole)},
		{"Telegram", template.URL("https://t.me/share/url?url=" + url.QueryEscape(address) + "&text=" + strings.ReplaceAll(url.QueryEscape(text), "+", "%20"))},
	}}
}

// cardNumber is the number of the contact card, as it is dialled from anywhere; empty when no confirmed one can be.
func (w *Web) cardNumber() string {
	p, ok := w.bot.Library().Catalog.Place("helpline")
	if !ok || p.Confirm || p.From != "anywhere" || !strings.HasPrefix(p.Number, "+") {
		return ""
	}
	return p.Number
}

// card is a contact for the address book of a phone, as RFC 6350 writes it.
func (w *Web) card(v *visit) {
	number := w.cardNumber()
	if number == "" {
		w.notFound(v)
		return
	}
	d := w.data(v, "other")
	name := escapeCard(d.Say("card-name"))
	lines := []string{"BEGIN:VCARD", "VERSION:4.0", "FN;LANGUAGE=" + d.Tongue() + ":" + name, "N:" + name + ";;;;",
		"TEL;VALUE=uri;TYPE=voice:tel:" + number, "LANG:" + d.Tongue(), "END:VCARD"}
	v.w.Header().Set("Content-Type", "text/vcard; charset=utf-8")
	v.w.Header().Set("Content-Language", d.Tongue())
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+cardPath+`"`)
	for _, l := range lines {
		v.w.Write([]byte(foldCard(l) + "\r\n"))
	}
}

// escapeCard writes a text as a value of a card.
func escapeCard(s string) string {
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\r\n", `\n`, "\n", `\n`, "\r", "").Replace(s)
}

// mostCard is how many bytes a line of a card may have.
const mostCard = 75

// foldCard breaks a long line of a card, never inside a letter.
func foldCard(line string) string {
	var b strings.Builder
	n := 0
	for _, r := range line {
		if size := len(string(r)); n+size > mostCard {
			b.WriteString("\r\n ")
			n = 1 + size
		} else {
			n += size
		}
		b.WriteRune(r)
	}
	return b.String()
}

// sentence is the first sentence of a text, without the mark at its end.
func sentence(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	first, _, _ = strings.Cut(first, ". ")
	return strings.TrimRight(first, ".:")
}

// carries is where the card is for a page that shows numbers. A frame may keep no file.
func (d *Data) carries(v *visit, page talk.Page) string {
	if v.framed || !showsNumbers(page) || d.web.cardNumber() == "" {
		return ""
	}
	return d.Base + cardPath
}

// showsNumbers reports whether a page lists whom to call.
func showsNumbers(page talk.Page) bool {
	return page.Screen == "result" || slices.ContainsFunc(page.Blocks, func(b talk.Block) bool {
		return slices.ContainsFunc(b.Items, func(p talk.Point) bool { return p.Number != "" })
	})
}

// CardLabel says what the card puts into a phone, and under which name.
func (d *Data) CardLabel() string { return d.Say("card") + " " + d.lang.Quoted(d.Say("card-name")) }
