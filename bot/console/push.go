package console

import (
	"encoding/json"
	"net/http"

	"patikra/bot/desk"
)

// Pusher calls browsers whose page is closed.
type Pusher interface {
	// Key is the program's public key, as browsers take it. Ok is false while it is not known.
	Key() (key string, ok bool)
	// Check reports what is wrong with what a browser brings.
	Check(desk.Browser) error
}

// workerName is the script that a browser runs while the page is closed.
const workerName = "worker.js"

// worker is a path of its own, and not named by its contents: the browser looks there whether there is a newer one, and what it may answer
// for lies below it.
func (c *Console) worker(v *visit) {
	data, err := files.ReadFile("assets/" + workerName)
	if err != nil {
		http.NotFound(v.w, v.r)
		return
	}
	v.w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	v.w.Write(data)
}

// pushed is how a browser's switch stands.
type pushed struct {
	On   bool `json:"on"`
	Away bool `json:"away"`
}

// push is asked by a page's script: look says how the switch of this browser stands, on and off turn it.
func (c *Console) push(v *visit) {
	if c.set.Pusher == nil {
		http.NotFound(v.w, v.r)
		return
	}
	ctx, cancel := waiting(v)
	defer cancel()
	form := v.r.PostForm
	x := desk.Browser{Endpoint: form.Get("endpoint"), Key: form.Get("key"), Auth: form.Get("auth"), Away: form.Get("away") == "yes"}
	was, on, err := c.bot.CalledIn(ctx, v.account, v.cookie, x.Endpoint, v.now)
	if err != nil {
		c.away(v, err)
		return
	}
	state := pushed{On: on, Away: was.Away}
	switch form.Get("do") {
	case "look":
	case "on":
		if err := c.set.Pusher.Check(x); err != nil {
			http.Error(v.w, err.Error(), http.StatusBadRequest)
			return
		}
		err = c.bot.CallIn(ctx, v.account, v.cookie, x, v.now)
		state = pushed{On: true, Away: x.Away}
	case "off":
		err = c.bot.DropBrowsers(ctx, v.now, func(o desk.Browser) bool { return o.Account == v.account.ID && o.Endpoint == x.Endpoint })
		state = pushed{}
	default:
		http.Error(v.w, "do is look, on or off", http.StatusBadRequest)
		return
	}
	if err != nil {
		c.away(v, err)
		return
	}
	if state.On != on {
		c.did(ctx, v, map[bool]string{true: "push-on", false: "push-off"}[state.On], desk.About{})
	}
	v.w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(v.w).Encode(state)
}

// PushKey is the program's key for browsers that are to be called; empty where nobody calls them.
func (d *Data) PushKey() string {
	if d.console.set.Pusher == nil || !d.Counsels() {
		return ""
	}
	key, _ := d.console.set.Pusher.Key()
	return key
}

// Open reports whether an account has a page open, as far as this process knows.
func (c *Console) Open(account string) bool {
	c.live.mu.Lock()
	defer c.live.mu.Unlock()
	for s := range c.live.streams {
		if s.account == account {
			return true
		}
	}
	return false
}
