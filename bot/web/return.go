package web

import (
	"context"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
)

// returnPath is where somebody takes up their talk with a return code. The code comes by a form alone: no address holds it, so that
// it stands in no history and is told to no other site.
const returnPath = "return"

// Return is a return code as it is shown.
type Return struct {
	Words, Digits string
	Address       string       // where it is brought to
	Text          string       // all of it, to copy
	File          template.URL // the same, to save
}

// showReturn shows the digits of a return code, in this answer and in no other.
func (w *Web) showReturn(v *visit, digits string) {
	s, ok := w.session(v)
	if !ok {
		return
	}
	d := w.data(v, "other")
	r := &Return{Words: s.Case.Word, Digits: digits[:4] + " " + digits[4:], Address: strings.TrimPrefix(w.origin, "https://") + "/" + v.lang + "/" + returnPath}
	r.Text = r.Address + "\n" + r.Words + "\n" + r.Digits + "\n"
	r.File = template.URL("data:text/plain;charset=utf-8;base64," + base64.StdEncoding.EncodeToString([]byte(r.Text)))
	d.Return, d.Action, d.Title = r, v.at(v.lang), d.Say("code-title")+" – "+d.Title
	w.show(v, http.StatusOK, d)
}

// takeUp asks for a return code, and moves the talk to this browser. A talk that the browser has already goes on.
func (w *Web) takeUp(v *visit) {
	s, err := w.present(v)
	switch {
	case err != nil:
		w.away(v, err)
		return
	case s.Case.Active():
		http.Redirect(v.w, v.r, v.home(v.lang), http.StatusSeeOther)
		return
	case v.r.Method != http.MethodPost:
		w.askReturn(v, http.StatusOK, "")
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.r.Context()), handleTime)
	defer cancel()
	form, id := v.r.PostForm, ""
	person, err := w.bot.TakeUp(ctx, form.Get("words"), form.Get("digits"), w.network(v), func(person bot.Address) string {
		id = w.ids.moved(person.ID)
		return browserOf(id)
	}, time.Now())
	switch {
	case errors.Is(err, engine.ErrReturn):
		w.askReturn(v, http.StatusForbidden, "return-wrong")
		return
	case errors.Is(err, engine.ErrGuesses):
		v.w.Header().Set("Retry-After", "3600")
		w.askReturn(v, http.StatusTooManyRequests, "return-busy")
		return
	case err != nil:
		w.away(v, err)
		return
	}
	if v.id != "" && v.address() != person { // nobody comes back to what this browser had before
		w.leaving.add(v.id)
	}
	v.id = id
	w.setCookie(v, v.id)
	w.onTo(v, v.lang, "")
}

// askReturn is the page that a return code is brought to, with a note of that name above it.
func (w *Web) askReturn(v *visit, code int, note string) {
	d := w.data(v, "other")
	d.Returns, d.Action, d.Form, d.Title = true, "/"+v.lang+"/"+returnPath, w.forms.issue(v.id, time.Now()), d.Say("return-title")+" – "+d.Title
	if note != "" {
		d.Note, d.Typed = d.Say(note), v.r.PostForm.Get("words")
	}
	w.show(v, code, d)
}
