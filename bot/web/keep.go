package web

import (
	"encoding/json"
	"net/http"
	"time"

	"patikra/bot/talk"
)

// A browser can keep the numbers, and the result, for when there is no connection. It keeps nothing before somebody has pressed the
// button for it, because whoever looks into this browser later finds what was kept, as they find no cookie of ours once it was closed.
// For the same reason there is no service worker before.
//
// What is kept goes with the way out, with erasing and with a button of its own: in the page, in the worker (also while the server
// is away) and by Clear-Site-Data, each by itself. A result is shown for a day, as long as the answers lie here; the numbers stay,
// and are fetched anew whenever the page of numbers is opened with a connection. Without one the first page shows the numbers, never the
// result, so that nobody sees it who only opens the page. In a frame, and where a browser has no worker (a private window), there is no button.

// workerPath is the service worker, and appPath what a browser installs the page by.
const (
	workerPath = "/sw.js"
	appPath    = "app.webmanifest"
)

// erased is what a browser forgets when somebody erases what they have answered.
const erased = `"cache", "storage"`

// Keep is what the button keeps.
type Keep struct {
	Numbers string // the address of the numbers as they are kept
	Result  string // of the result; empty where there is none
}

// keeps is the button of a page that shows numbers, nil when there is none.
func (d *Data) keeps(v *visit, page talk.Page) *Keep {
	if v.framed || !showsNumbers(page) {
		return nil
	}
	k := &Keep{Numbers: d.Base + "numbers?kept"}
	if page.Screen == "result" && page.Level != "" {
		k.Result = v.at(v.lang) + "?format=kept"
	}
	return k
}

// showKept draws a page as a browser keeps it: without a form, and with the day.
func (w *Web) showKept(v *visit, page talk.Page) {
	d := w.data(v, page.Screen)
	if d.Screen == "start" {
		d.Screen = "other"
	}
	d.Page, d.Home, d.Title, d.Offline = page, true, titled(d, page), true
	d.Note = d.Say("offline") + " " + time.Now().In(w.bot.Library().Catalog.Desk.Zone).Format("2006-01-02")
	d.Keep = &Keep{}
	if v.r.URL.Query().Get("kept") == "result" {
		d.Keep.Result = v.at(v.lang)
	}
	w.show(v, http.StatusOK, d)
}

// worker is the script that answers for us while there is no connection.
func (w *Web) worker(v *visit) {
	data, err := files.ReadFile("assets/sw.js")
	if err != nil {
		w.notFound(v)
		return
	}
	v.w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	v.w.Write(data)
}

// app tells a browser how the page is installed. Its name and its picture tell nothing.
func (w *Web) app(v *visit) {
	d := w.data(v, "other")
	data, err := json.Marshal(map[string]any{
		"name": d.Say("title"), "short_name": d.Say("short-name"), "lang": d.Tongue(), "dir": d.Dir,
		"id": d.Base, "start_url": d.Base, "scope": "/", "display": "minimal-ui", "background_color": "#fdfcf9", "theme_color": "#fdfcf9",
		"icons": []map[string]string{{"src": w.names["icon.svg"], "sizes": "any", "type": "image/svg+xml"},
			{"src": w.names["icon.png"], "sizes": "192x192", "type": "image/png", "purpose": "any maskable"}},
	})
	if err != nil {
		w.notFound(v)
		return
	}
	v.w.Header().Set("Content-Type", "application/manifest+json; charset=utf-8")
	v.w.Write(data)
}
