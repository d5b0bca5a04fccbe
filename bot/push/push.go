// Package push calls counsellors whose page of the desk is closed, by Web Push: a push service of the browser's maker (RFC 8030) takes
// a few words that only the browser can read (RFC 8291), from a program that shows who it is (RFC 8292).
//
// The words are the same whoever waits and however urgently. All that is written there is as long as the other, and goes to a few known
// services, so that an address which somebody brings with a browser leads nowhere else: not to this machine, nor into its network.
//
// What is to be called stands in memory alone. A step that is lost with the process, or finds no room, is followed by the case's next.
package push

import (
	"cmp"
	"context"
	"crypto/ecdh"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
)

// Limits of a call.
const (
	MostEndpoint = 1024             // letters of a browser's address
	life         = 10 * time.Minute // how long a service keeps words for a browser that is away
	stepTime     = 2 * time.Minute  // a service that is away is tried for so long; then comes the case's next step
	tryTime      = 10 * time.Second
	tries        = 5
	mostWaiting  = 256 // steps that wait to be carried out
	mostSteps    = 16  // that are carried out at once
	mostAtOnce   = 8   // browsers of a step that are called at once
	mostAnswer   = 4 << 10
	recordSize   = 512 // all that is sent is as long; services take 4096 at most
	noteTime     = 10 * time.Second
)

// Services are the push services of the browsers that there are. A name that begins with a dot stands for every host below it.
var Services = []string{"fcm.googleapis.com", ".push.apple.com", "updates.push.services.mozilla.com", ".notify.windows.com"}

// What became of a call, for counting.
const (
	Taken   = "taken"   // the service has it
	Ended   = "ended"   // the browser is called no more
	Refused = "refused" // the service does not take it
	Failed  = "failed"  // the service could not be reached in time
	Dropped = "dropped" // a step for which there was no room
)

// Settings of a Pusher.
type Settings struct {
	Subject  string                    // whom a push service may tell of a fault: an https address or an address of mail
	Open     func(account string) bool // whether an account has the page open
	Count    func(outcome string)      // is told of every call; nil: nobody counts
	Services []string                  // instead of Services, for tests: hosts with a port
	Roots    *x509.CertPool            // instead of the system's, for tests
	Inside   bool                      // a service may lie on this machine or in its network, for tests
	Wait     func(n int) time.Duration // before the next try after n, where the service names none; nil: 2, 8, 32 s
}

// Pusher calls browsers.
type Pusher struct {
	set    Settings
	bot    *desk.Desk
	log    *zap.Logger
	client *http.Client
	steps  chan bot.Calling
}

// New returns a Pusher; its Call is to be set as b.Calls.
func New(set Settings, b *desk.Desk, log *zap.Logger) *Pusher {
	if set.Services == nil {
		set.Services = Services
	}
	if set.Wait == nil {
		set.Wait = func(n int) time.Duration { return 2 * time.Second << (2 * n) }
	}
	if set.Count == nil {
		set.Count = func(string) {}
	}
	p := &Pusher{set: set, bot: b, log: log, steps: make(chan bot.Calling, mostWaiting)}
	dialer := &net.Dialer{Timeout: tryTime, Control: func(_, address string, _ syscall.RawConn) error {
		if set.Inside {
			return nil
		}
		return outside(address)
	}}
	p.client = &http.Client{Timeout: tryTime, Transport: &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: set.Roots, MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: tryTime,
		ResponseHeaderTimeout: tryTime, MaxResponseHeaderBytes: 16 << 10, DisableCompression: true, ForceAttemptHTTP2: true, MaxIdleConns: 16,
		IdleConnTimeout: time.Minute, MaxConnsPerHost: 16,
	}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return p
}

// inside are addresses that are not of the public network though they look like it.
var inside = func() (out []netip.Prefix) {
	for _, s := range strings.Fields(`0.0.0.0/8 100.64.0.0/10 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4
		::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fec0::/10`) {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}()

// errInside says that an address is not of the public network.
var errInside = errors.New("the address is not of the public network")

// outside refuses an address that is about to be dialled, after names have been looked up, unless it is of the public network.
func outside(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errInside
	}
	ip := at.Addr().Unmap()
	if at.Addr().Zone() != "" || !ip.IsGlobalUnicast() || ip.IsPrivate() || at.Port() != 443 || slices.ContainsFunc(inside, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return errInside
	}
	return nil
}

// Check reports what is wrong with what a browser brings: its address, its public key and its secret.
func (p *Pusher) Check(x desk.Browser) error {
	if len(x.Endpoint) > MostEndpoint {
		return errors.New("the address is too long")
	}
	u, err := url.Parse(x.Endpoint)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" || u.Fragment != "" || u.Path == "" || strings.ContainsFunc(x.Endpoint, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("this is no address of a push service")
	}
	host := strings.ToLower(u.Host)
	if host == "" || host[0] == '.' || !slices.ContainsFunc(p.set.Services, func(s string) bool {
		return host == s || s[0] == '.' && strings.HasSuffix(host, s)
	}) {
		return errors.New("this push service is not known")
	}
	key, err := base64.RawURLEncoding.DecodeString(x.Key)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(key)
	}
	if err != nil {
		return errors.New("the browser's key is no key")
	}
	if auth, err := base64.RawURLEncoding.DecodeString(x.Auth); err != nil || len(auth) != 16 {
		return errors.New("the browser's secret should have 16 bytes")
	}
	return nil
}

// Key is the program's public key, as browsers take it. Ok is false while it is not known.
func (p *Pusher) Key() (string, bool) {
	key, ok := p.bot.PushKey()
	if !ok {
		return "", false
	}
	return base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), true
}

// Call takes over a step. It does not block.
func (p *Pusher) Call(c bot.Calling) {
	select {
	case p.steps <- c:
	default:
		p.set.Count(Dropped)
		p.log.Warn("too many cases call at once: closed pages of the desk are not called for one of them")
	}
}

// Run carries steps out until the context ends.
func (p *Pusher) Run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	room := make(chan struct{}, mostSteps)
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-p.steps:
			select {
			case <-ctx.Done():
				return
			case room <- struct{}{}:
			}
			wg.Go(func() {
				defer func() { <-room }()
				p.contained(func() error { return p.step(ctx, c) })
			})
		}
	}
}

// contained carries out a part of a call. A mistake of the program costs it and nothing else.
func (p *Pusher) contained(f func() error) {
	err := bot.Contain(f)
	var broken *bot.Panic
	switch {
	case errors.As(err, &broken) && p.bot.Broke != nil:
		p.bot.Broke("push", broken)
	case err != nil:
		p.log.Warn("closed pages of the desk could not be called", zap.Error(err))
	}
}

// step calls the browsers of one step, and notes in the case whom it has called.
func (p *Pusher) step(ctx context.Context, c bot.Calling) error {
	call, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	browsers, err := p.bot.Called(call, c, p.set.Open)
	if err != nil || len(browsers) == 0 {
		return err
	}
	var mu sync.Mutex
	var taken, others []string
	n := 0
	room := make(chan struct{}, mostAtOnce)
	var wg sync.WaitGroup
	for _, x := range browsers {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			outcome := Failed
			p.contained(func() error { outcome = p.send(call, c, x); return nil })
			p.set.Count(outcome)
			mu.Lock()
			defer mu.Unlock()
			if outcome == Taken {
				n++
				taken = append(taken, x.Name)
			} else {
				others = append(others, x.Name)
			}
		})
	}
	wg.Wait()
	if n == 0 {
		taken = others
	}
	slices.Sort(taken)
	note, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	_, err = p.bot.Handle(note, bot.Update{From: c.Person, Kind: bot.Rung, Text: strings.Join(slices.Compact(taken), ", "), Ref: int64(n), At: time.Now()})
	return err
}

// send calls one browser, and again while its service asks for a moment and the case still calls.
func (p *Pusher) send(ctx context.Context, c bot.Calling, x desk.Browser) (outcome string) {
	for n := range tries {
		wait := p.set.Wait(n)
		status, after, err := p.try(ctx, x)
		switch {
		case err != nil:
			p.log.Warn("a push service could not be reached", zap.String("host", host(x)), zap.Error(err))
			if errors.Is(err, errInside) {
				return Refused
			}
		case status >= 200 && status < 300:
			return Taken
		case status == http.StatusNotFound || status == http.StatusGone:
			if err := p.bot.DropBrowsers(ctx, time.Now(), func(o desk.Browser) bool { return o.Endpoint == x.Endpoint }); err != nil {
				p.log.Warn("a browser that has ended is still called", zap.Error(err))
			}
			return Ended
		case status == http.StatusTooManyRequests || status >= 500:
			wait = max(wait, after)
		default:
			p.log.Warn("a push service refuses a call", zap.String("host", host(x)), zap.Int("status", status))
			return Refused
		}
		if end, ok := ctx.Deadline(); n == tries-1 || ok && time.Until(end) < wait {
			return Failed
		}
		select {
		case <-ctx.Done():
			return Failed
		case <-time.After(wait):
		}
		if calls, err := p.bot.StillCalls(ctx, c); err == nil && !calls {
			return Failed
		}
	}
	return Failed
}

// host is whose service a browser has, which says nothing of the browser.
func host(x desk.Browser) string {
	u, err := url.Parse(x.Endpoint)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// try sends the words once. The error names no address: whoever has it can write to the browser.
func (p *Pusher) try(ctx context.Context, x desk.Browser) (status int, after time.Duration, err error) {
	if err := p.Check(x); err != nil { // another program may have kept it
		return 0, 0, fmt.Errorf("%w: %w", errInside, err)
	}
	key, ok := p.bot.PushKey()
	if !ok {
		return 0, 0, errors.New("the program's key is not known yet")
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	catalog := p.bot.Library().Catalog
	words := cmp.Or(catalog.Language(x.Lang), catalog.Language(catalog.Desk.Language)).Text("console.push-text")
	resp, err := webpush.SendNotificationWithContext(ctx, []byte(words), &webpush.Subscription{Endpoint: x.Endpoint, Keys: webpush.Keys{Auth: x.Auth, P256dh: x.Key}}, &webpush.Options{
		HTTPClient: p.client, RecordSize: recordSize, Subscriber: p.set.Subject, Topic: "desk", TTL: int(life / time.Second), Urgency: webpush.UrgencyHigh,
		VAPIDPublicKey:  base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()),
		VAPIDPrivateKey: base64.RawURLEncoding.EncodeToString(key.Bytes()),
	})
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err
		}
		return 0, 0, err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, mostAnswer) // so that the connection can be used again
	return resp.StatusCode, retryAfter(resp.Header.Get("Retry-After"), time.Now()), nil
}

// retryAfter is how long a service asks to wait.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(min(n, 86400)) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
