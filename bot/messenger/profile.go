package messenger

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/text/language"

	"patikra/bot/library"
)

// profiles asks the network for the language of a person's profile. Where that is not allowed, nobody's is known.
type profiles struct {
	graph *graph

	mu      sync.Mutex
	known   map[string]string
	refused int       // in a row
	until   time.Time // nobody is asked for before
}

const (
	mostKnown   = 10_000
	askTime     = time.Second
	mostRefused = 3 // in a row, then the page is not allowed to ask
	askAgain    = 10 * time.Minute
	afterSilent = 10 * time.Second
)

func newProfiles(g *graph) *profiles { return &profiles{graph: g, known: map[string]string{}} }

// locale returns the language of a person's profile as a tag, empty when it is not known. ask tells whether to ask for it.
func (p *profiles) locale(ctx context.Context, id string, ask bool) string {
	p.mu.Lock()
	tag, ok := p.known[id]
	rest := time.Now().Before(p.until)
	p.mu.Unlock()
	if ok || rest || !ask {
		return tag
	}
	call, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var out struct {
		Locale string `json:"locale"`
	}
	err := p.graph.call(call, http.MethodGet, url.PathEscape(id)+"?fields=locale", nil, &out)
	p.mu.Lock()
	defer p.mu.Unlock()
	var r *refusal
	switch {
	case err == nil:
		p.refused = 0
		tag = strings.ReplaceAll(out.Locale, "_", "-")
	case errors.As(err, &r) && !r.plain && r.Status < 500:
		if p.refused++; p.refused >= mostRefused {
			p.refused, p.until = 0, time.Now().Add(askAgain)
		}
	default: // no answer: the next person shall not wait for nothing, too
		p.until = time.Now().Add(afterSilent)
		return ""
	}
	if len(p.known) >= mostKnown {
		clear(p.known)
	}
	p.known[id] = tag
	return tag
}

// locales names a language as the network does. The network has one Arabic, and asks for a country with every language.
func locales(tag string) []string {
	switch tag {
	case "en":
		return []string{"en_US", "en_GB"}
	case "ar":
		return []string{"ar_AR"}
	}
	t, err := language.Parse(tag)
	if err != nil {
		return nil
	}
	base, _ := t.Base()
	region, _ := t.Region()
	return []string{base.String() + "_" + region.String()}
}

// The Messenger Profile, as the network takes it.
type (
	menuItem struct {
		Type    string `json:"type"`
		Title   string `json:"title"`
		Payload string `json:"payload"`
	}
	menu struct {
		Locale   string     `json:"locale"`
		Disabled bool       `json:"composer_input_disabled"`
		Items    []menuItem `json:"call_to_actions"`
	}
	greeting struct {
		Locale string `json:"locale"`
		Text   string `json:"text"`
	}
	payload struct {
		Payload string `json:"payload"`
	}
	profile struct {
		Start     payload    `json:"get_started"`
		Greetings []greeting `json:"greeting"`
		Menus     []menu     `json:"persistent_menu"`
	}
)

// introduction is what a person sees before the first word, and the menu beside the place to write. Lithuanian is also for
// everybody whose language we lack. only leaves out the locales by name.
func introduction(lib *library.Library, only bool) profile {
	p := profile{Start: payload{getStarted}}
	for i, lang := range lib.Catalog.Spoken() {
		names := locales(lang.Tag)
		if i == 0 {
			names = append([]string{"default"}, names...)
		}
		if only {
			names = names[:1]
		}
		for _, n := range names {
			p.Greetings = append(p.Greetings, greeting{n, lang.Text("chat.greeting")})
			m := menu{Locale: n}
			for _, item := range []string{"restart", "numbers", "erase"} {
				m.Items = append(m.Items, menuItem{"postback", lang.Text("chat." + item), item})
			}
			p.Menus = append(p.Menus, m)
		}
		if only {
			break
		}
	}
	return p
}

// introduce sets the profile, in the background and without hurry: the network takes ten such calls in ten minutes.
func (m *Messenger) introduce(ctx context.Context) {
	only := false
	for wait := 10 * time.Second; ; wait = min(2*wait, 3*time.Minute) {
		call, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := m.graph.call(call, http.MethodPost, "me/messenger_profile", introduction(m.bot.Library(), only), nil)
		cancel()
		var r *refusal
		final := errors.As(err, &r) && !r.limit() && !r.token() && !r.Transient && !r.plain && r.Status < 500 && r.Code != 613 && r.Code != 1 && r.Code != 2
		switch {
		case err == nil:
			return
		case final && only:
			m.log.Warn("messenger: the greeting and the menu were refused", zap.Error(err))
			return
		case final: // perhaps a locale that the network lacks
			only = true
		}
		if r != nil {
			wait = max(wait, r.Wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
