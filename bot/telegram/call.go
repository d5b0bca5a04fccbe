package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"patikra/bot"
)

// caller is the thin layer over the library's MakeRequest: it adds the context, and keeps the token out of errors.
// Every context has a deadline: the client sets none of its own.
type caller struct {
	api    tgbotapi.BotAPI
	client *http.Client
	base   string // of every method's address; holds the token
}

func newCaller(base, token string) *caller {
	c := &caller{
		api: tgbotapi.BotAPI{Token: token, Buffer: 100},
		client: &http.Client{
			// Enough idle connections for the worker's deliveries: Go's default of 2 would dial anew for most calls.
			Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConns: 128, MaxIdleConnsPerHost: 128,
				IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true},
		},
		base: strings.TrimSuffix(base, "/") + "/bot" + token + "/",
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
	resp.Body = http.MaxBytesReader(nil, resp.Body, mostAnswer)
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

// upload calls a method with a file and returns the number of the message that was sent.
func (c *caller) upload(ctx context.Context, method string, params tgbotapi.Params, field string, file tgbotapi.RequestFileData) (ref int64, err error) {
	api := c.api
	api.Client = bound{ctx, c.client}
	resp, err := api.UploadFiles(method, params, []tgbotapi.RequestFile{{Name: field, Data: file}})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", method, err)
	}
	var sent struct {
		ID int64 `json:"message_id"`
	}
	if err := json.Unmarshal(resp.Result, &sent); err != nil {
		return 0, fmt.Errorf("%s: read the answer: %w", method, err)
	}
	return sent.ID, nil
}

// mostAnswer is the longest answer that is read.
const mostAnswer = 8 << 20

var answers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// done begins the answer to a call that was carried out.
var done = []byte(`{"ok":true`)

// send is call for the two methods that carry the conversation: the form comes ready, and of an answer that nobody
// reads only the beginning is looked at.
func (c *caller) send(ctx context.Context, method string, form []byte, out any) error {
	req, err := http.NewRequest(http.MethodPost, c.base+method, bytes.NewReader(form))
	if err != nil {
		return fmt.Errorf("%s: the address of the Bot API cannot be read", method)
	}
	req.Header["Content-Type"] = formType
	resp, err := bound{ctx, c.client}.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	defer resp.Body.Close()
	text := answers.Get().(*bytes.Buffer)
	defer answers.Put(text)
	text.Reset()
	if _, err := text.ReadFrom(resp.Body); err != nil {
		return fmt.Errorf("%s: read the answer: %w", method, err)
	}
	if out == nil && bytes.HasPrefix(text.Bytes(), done) {
		return nil
	}
	var answer tgbotapi.APIResponse
	if err := json.Unmarshal(text.Bytes(), &answer); err != nil {
		return fmt.Errorf("%s: read the answer: %w", method, err)
	}
	if !answer.Ok {
		refusal := &tgbotapi.Error{Code: answer.ErrorCode, Message: answer.Description}
		if answer.Parameters != nil {
			refusal.ResponseParameters = *answer.Parameters
		}
		return fmt.Errorf("%s: %w", method, refusal)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Result, out); err != nil {
		return fmt.Errorf("%s: read the answer: %w", method, err)
	}
	return nil
}

var formType = []string{"application/x-www-form-urlencoded"}

// meaning tells what a refusal of the network means for a message to a person. Only what says in plain words that they have blocked the
// bot, or that their account is gone, is taken for that. "Chat not found" and a 403 in other words come also from a server that has lost
// its folder, and from a wrong token: they are tried again, and the counsellor learns of it.
func meaning(err error) error {
	var e *tgbotapi.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	d := &bot.DeliveryError{Err: err}
	switch {
	case e.RetryAfter > 0:
		d.RetryAfter = time.Duration(e.RetryAfter) * time.Second
	case e.Code == 403 && refused(err, "bot was blocked by the user"), (e.Code == 403 || e.Code == 400) && refused(err, "user is deactivated"):
		d.Gone = true
	case e.Code == 400 && !refused(err, "chat not found"):
		d.Drop = true
	default:
		// the token, the server, the load, or nobody knows: not the message's fault
	}
	return d
}

// placed is meaning for what is written in the counsellors' group: a refusal is nearly always the place's fault, as when the bot has
// lost a right, a topic is closed or the group is not to be found. The message keeps until that is mended.
func placed(err error, file bool) error {
	var e *tgbotapi.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	d := &bot.DeliveryError{Err: err}
	switch {
	case e.RetryAfter > 0:
		d.RetryAfter = time.Duration(e.RetryAfter) * time.Second
	case e.Code == 400 && (malformed(err) || file && !ofPlace(err)):
		d.Drop = true
	case e.Code == 400, e.Code == 403:
		d.Place = true
	}
	return d
}

// malformed reports whether a text was refused for what stands in it.
func malformed(err error) bool {
	for _, text := range []string{"can't parse", "message text is empty", "message is too long", "text must be", "entity", "button_"} {
		if refused(err, text) {
			return true
		}
	}
	return false
}

// ofPlace reports whether a file was refused because of where it was to go.
func ofPlace(err error) bool {
	for _, text := range []string{"not enough rights", "need administrator rights", "topic_closed", "chat_write_forbidden", "chat not found", "chat_restricted", "group chat was upgraded", "have no rights"} {
		if refused(err, text) {
			return true
		}
	}
	return lost(err)
}

func refused(err error, part string) bool {
	var e *tgbotapi.Error
	return errors.As(err, &e) && strings.Contains(strings.ToLower(e.Message), part)
}
