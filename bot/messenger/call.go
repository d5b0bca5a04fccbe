package messenger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"patikra/bot"
)

// mostAnswer is the longest answer that is read.
const mostAnswer = 1 << 20

// Pauses after a refusal.
const (
	tokenPause  = 15 * time.Second // somebody must put in a new token
	firstPause  = 5 * time.Second  // a limit that does not say how long; doubles
	longestWait = 10 * time.Minute
)

// graph is the Graph API. The token goes in a header, never in an address, and no error holds what was sent.
type graph struct {
	base   string
	bearer []string
	client *http.Client

	until atomic.Int64 // nothing is sent before that time, in Unix milliseconds: the page's limit is reached
	hits  atomic.Int64 // refusals for the page's limit in a row
	token atomic.Int64 // when the token was last refused, in Unix milliseconds; 0: it is taken
}

func newGraph(base, version, token string) *graph {
	return &graph{base: strings.TrimSuffix(base, "/") + "/" + version + "/", bearer: []string{"Bearer " + token},
		client: &http.Client{
			Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConns: 128, MaxIdleConnsPerHost: 128,
				IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true},
			Timeout:       30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}
}

// refusesToken reports whether the token was refused in the last half minute, and not taken since.
func (g *graph) refusesToken() bool {
	at := g.token.Load()
	return at != 0 && time.Now().UnixMilli()-at < 30_000
}

// refusal is an answer of the Graph API that is no success. Its words are left out: they may hold an id or the token.
type refusal struct {
	Status    int
	Code      int
	Subcode   int
	Type      string
	Transient bool
	Wait      time.Duration // what the answer asks for, 0 if nothing
	plain     bool          // a page and no answer of the Graph API
}

func (r *refusal) Error() string {
	if r.plain {
		return fmt.Sprintf("status %d without an answer of the Graph API", r.Status)
	}
	return fmt.Sprintf("refused with code %d, subcode %d (status %d)", r.Code, r.Subcode, r.Status)
}

// token reports whether it was the page's token that was refused.
func (r *refusal) token() bool { return r.Code == 190 || r.Code == 102 }

// limit reports whether the page, or the app, has reached a limit of calls.
func (r *refusal) limit() bool {
	switch r.Code {
	case 4, 17, 32, 341:
		return true
	}
	return r.Code >= 80000 && r.Code <= 80014 || r.Code == 0 && r.Status == http.StatusTooManyRequests
}

// call calls the API. in, unless nil, is sent as JSON; the answer is decoded into out, unless that is nil.
func (g *graph) call(ctx context.Context, method, path string, in, out any) error {
	what, _, _ := strings.Cut(path, "?")
	if in == nil && !strings.HasPrefix(path, "me") {
		what = "a profile" // the path is a person's id
	}
	sends := path == "me/messages"
	if wait := time.Until(time.UnixMilli(g.until.Load())); sends && wait > 0 {
		return fmt.Errorf("%s: %w", what, &refusal{Status: http.StatusTooManyRequests, Code: 4, Wait: wait})
	}
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, g.base+path, body)
	if err != nil {
		return fmt.Errorf("%s: the address of the Graph API cannot be read", what)
	}
	req.Header["Authorization"] = g.bearer
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := g.client.Do(req)
	if err != nil {
		var u *url.Error // its text holds the address
		if errors.As(err, &u) {
			err = u.Err
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return fmt.Errorf("%s: read the answer: %w", what, err)
	}
	if err := g.judge(resp, text, sends); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			return fmt.Errorf("%s: the answer is no JSON", what)
		}
	}
	return nil
}

// judge tells a success from a refusal, and keeps what is true for all calls: the page's limits and its token.
func (g *graph) judge(resp *http.Response, text []byte, sends bool) error {
	var in struct {
		Error *struct {
			Code      int    `json:"code"`
			Subcode   int    `json:"error_subcode"`
			Type      string `json:"type"`
			Transient bool   `json:"is_transient"`
		} `json:"error"`
	}
	usage := regain(resp.Header)
	notJSON := json.Unmarshal(text, &in) != nil
	if resp.StatusCode < 300 && in.Error == nil && !notJSON {
		if usage > 0 {
			g.pause(usage)
		} else if sends {
			g.hits.Store(0)
		}
		g.token.Store(0)
		return nil
	}
	r := &refusal{Status: resp.StatusCode, Wait: usage, plain: in.Error == nil}
	if r.plain && r.Status < 300 {
		r.Status = http.StatusBadGateway // a page in place of an answer
	}
	if in.Error != nil {
		r.Code, r.Subcode, r.Type, r.Transient = in.Error.Code, in.Error.Subcode, in.Error.Type, in.Error.Transient
	}
	if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 {
		r.Wait = max(r.Wait, time.Duration(n)*time.Second)
	}
	switch {
	case r.limit():
		if r.Wait == 0 {
			r.Wait = min(firstPause<<min(g.hits.Add(1)-1, 10), longestWait)
		}
		r.Wait = min(r.Wait, window)
		if sends {
			g.pause(r.Wait)
		}
	case r.token():
		g.token.Store(time.Now().UnixMilli())
	case !r.plain:
		g.token.Store(0)
	}
	return r
}

func (g *graph) pause(d time.Duration) {
	to := time.Now().Add(min(d, window)).UnixMilli()
	for {
		old := g.until.Load()
		if old >= to || g.until.CompareAndSwap(old, to) {
			return
		}
	}
}

// regain reads from the usage headers how long the page must wait before it has access again, 0 when it has.
func regain(h http.Header) time.Duration {
	minutes := 0
	if text := h.Get("X-Business-Use-Case-Usage"); text != "" {
		var all map[string][]struct {
			Minutes int `json:"estimated_time_to_regain_access"`
		}
		json.Unmarshal([]byte(text), &all)
		for _, list := range all {
			for _, use := range list {
				minutes = max(minutes, use.Minutes)
			}
		}
	}
	if text := h.Get("X-App-Usage"); text != "" {
		var use struct {
			Minutes int `json:"estimated_time_to_regain_access"`
		}
		json.Unmarshal([]byte(text), &use)
		minutes = max(minutes, use.Minutes)
	}
	return time.Duration(min(max(minutes, 0), 24*60)) * time.Minute
}

// meaning tells what a refusal of the network means for a message.
func meaning(err error) error {
	var r *refusal
	if err == nil || !errors.As(err, &r) {
		return err
	}
	d := &bot.DeliveryError{Err: err, RetryAfter: r.Wait}
	switch {
	case r.limit():
	case r.token():
		d.RetryAfter = tokenPause
	case r.Subcode == 1545041, r.Subcode == 2018108, r.Subcode == 2018001, r.Code == 551:
		// "not available right now", "does not receive messages right now", or nobody of that id for this page's token: that is no
		// proof that somebody is gone
	case r.Code == 10 && (r.Subcode == 2018278 || r.Subcode == 2018065), r.Code == 10 && r.Subcode == 2018300:
		d.Drop = true // the window is closed; another app has the thread
	case r.Transient, r.plain, r.Status >= 500, r.Status == http.StatusTooManyRequests:
		// the server or the load: not the message's fault
	case r.Code == 613: // too many to one person
		d.RetryAfter = max(d.RetryAfter, firstPause)
	case r.Code == 1, r.Code == 2, r.Code < 0, r.Code == 368, r.Code == 1200:
		if r.Code == 368 {
			d.RetryAfter = max(d.RetryAfter, time.Minute)
		}
	case r.Subcode == 0 && (r.Code == 10 || r.Code == 3 || r.Code >= 200 && r.Code <= 299):
		d.RetryAfter = time.Minute // the page has not been given a permission: somebody must
	default:
		d.Drop = true
	}
	return d
}
