package web

import (
	"net/http"

	"patikra/bot/talk"
)

// pockets is the list of municipalities whose cards can be printed.
func (w *Web) pockets(v *visit) {
	d := w.data(v, "other")
	if d.Pockets = talk.Municipalities(w.bot.Library(), d.Lang); len(d.Pockets) == 0 {
		w.notFound(v)
		return
	}
	d.Title = d.Local("cards")
	w.render(v, http.StatusOK, "pocket.html", d)
}

// pocket is the card of one municipality: a page of A6 to print.
func (w *Web) pocket(v *visit) {
	d := w.data(v, "other")
	card, ok := talk.PocketOf(w.bot.Library(), v.rest, d.Lang)
	if !ok {
		w.notFound(v)
		return
	}
	d.Title, d.Pocket = card.Title, &card
	w.render(v, http.StatusOK, "pocket.html", d)
}
