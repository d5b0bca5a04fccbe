package web

import (
	"net/http"
	"strings"
	"time"

	"patikra/bot"
)

// In a frame on another site most browsers keep our cookie from us, or keep one for that site alone (Partitioned). So a frame's
// session lies in such a cookie and in a hidden field of its forms, never in an address: whoever opens an address that somebody
// has sent begins anew.
//
// There are two kinds of frames, each under a path of its own, so that the browser holds each page to who may frame it:
//
//	/f/lt/    anybody may frame it; it asks the questions, and a talk with a counsellor takes place in a page of its own
//	/in/lt/   only this site and those that site.yaml lists under frames; a talk may take place in it, where the cookie holds
const (
	framePath = "f"
	innerPath = "in"
)

// ancestors says who may show a page in a frame, as in a Content-Security-Policy.
func (w *Web) ancestors(v *visit) string {
	switch {
	case v.inner:
		return strings.Join(append([]string{"'self'"}, w.bot.Library().Catalog.Site.Frames...), " ")
	case v.framed:
		return "*"
	}
	return "'none'"
}

// identify finds the session that a request belongs to.
func (w *Web) identify(v *visit) {
	if !v.framed && w.unheard(v) {
		return
	}
	k := w.top
	if v.framed {
		k = w.frame
	}
	if id := w.brought(v, k); id != "" {
		v.id, v.kept = id, true
	}
	if hidden := v.r.PostForm.Get("session"); v.framed && v.r.Method == http.MethodPost && validID(hidden) {
		v.id, v.kept = hidden, v.kept && v.id == hidden
	}
	if v.id != "" && w.leaving.has(v.id) {
		v.id, v.kept = "", false
	}
}

// apart reports whether a session's screen may not be shown in this frame.
func (v *visit) apart(s bot.Session) bool { return v.framed && !(v.inner && v.kept) && s.AtDesk() }

// showApart leads out of the frame, because of what comes next.
func (w *Web) showApart(v *visit) {
	d := w.data(v, "other")
	d.Apart, d.Form = true, w.forms.issue(v.id, time.Now())
	w.show(v, http.StatusOK, d)
}

// own takes a frame's session to a page of its own: the form stands in the frame and opens at the top. A talk that the
// browser already has at the top goes on there.
func (w *Web) ownPage(v *visit) {
	top := &visit{w: v.w, r: v.r, lang: v.lang}
	if id := w.brought(v, w.top); id != "" && !w.leaving.has(id) {
		top.id = id
	}
	s, err := w.present(top)
	if err != nil {
		w.away(v, err)
		return
	}
	if !s.Case.Active() {
		if v.id == "" {
			http.Redirect(v.w, v.r, top.home(v.lang), http.StatusSeeOther)
			return
		}
		top.id = v.id
		w.setCookie(top, v.id)
	}
	http.Redirect(v.w, v.r, top.at(v.lang), http.StatusSeeOther)
}

// framePage is a page under the path of a frame.
func (w *Web) framePage(v *visit, last string) (func(*visit), []string) {
	switch last {
	case "":
		return w.start, write
	case "check":
		return w.check, write
	case "numbers":
		return w.numbers, read
	case "own":
		return w.ownPage, []string{http.MethodPost}
	}
	return w.notFound, write
}
