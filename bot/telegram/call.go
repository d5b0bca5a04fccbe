package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"patikra/bot"
)

// caller is the thin layer over the library's MakeRequest: it adds the context, and keeps the token out of errors.
type caller struct {
	api    tgbotapi.BotAPI
	client *http.Client
}

func newCaller(base, token string) *caller {
	c := &caller{
		api: tgbotapi.BotAPI{Token: token, Buffer: 100},
		client: &http.Client{
			// Enough idle connections for the worker's deliveries: Go's default of 2 would dial anew for most calls.
			Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConns: 128, MaxIdleConnsPerHost: 128,
				IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true},
			Timeout: 70 * time.Second,
		},
	}
	c.api.SetAPIEndpoint(strings.TrimSuffix(base, "/") + "/bot%s/%s")
	return c
}

// bound puts a context on the library's requests.
type bound struct {
	ctx    context.Context
	client *http.Client
}

func (b bound) Do(r *http.Request) (*http.Response, error) {
	resp, err := b.client.Do(r.WithContext(b.ctx))
	if err != nil {
		var u *url.Error // its text holds the address, and so the token
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, err
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, 8<<20)
	return resp, nil
}

// call calls a method and decodes its result into out, unless that is nil.
func (c *caller) call(ctx context.Context, method string, params tgbotapi.Params, out any) error {
	api := c.api
	api.Client = bound{ctx, c.client}
	resp, err := api.MakeRequest(method, params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(resp.Result, out); err != nil {
		return fmt.Errorf("%s: read the answer: %w", method, err)
	}
	return nil
}

// meaning tells what a refusal of the network means for a message.
func meaning(err error) error {
	var e *tgbotapi.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	d := &bot.DeliveryError{Err: err}
	text := strings.ToLower(e.Message)
	switch {
	case e.RetryAfter > 0:
		d.RetryAfter = time.Duration(e.RetryAfter) * time.Second
	case e.Code == 403, e.Code == 400 && (strings.Contains(text, "chat not found") || strings.Contains(text, "user is deactivated")):
		d.Gone = true
	case e.Code == 401, e.Code == 404, e.Code == 429, e.Code >= 500, e.Code == 0:
		// the token, the server or the load: not the message's fault
	default:
		d.Drop = true
	}
	return d
}

func refused(err error, part string) bool {
	var e *tgbotapi.Error
	return errors.As(err, &e) && strings.Contains(strings.ToLower(e.Message), part)
}
