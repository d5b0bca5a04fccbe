package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"go.uber.org/zap"
)

// The webhook is one for a bot, whoever sets it: another program that has the token takes it away without a word to
// this one. So it is looked at every minute, and whenever somebody asks whether all is well.

const (
	hookEvery = time.Minute      // between two looks
	hookFresh = 10 * time.Minute // an error that Telegram met longer ago is past
)

// hookState is what Telegram says about the webhook.
type hookState struct {
	URL       string   `json:"url"`
	Pending   int      `json:"pending_update_count"`
	ErrorDate int64    `json:"last_error_date"`
	Error     string   `json:"last_error_message"`
	Allowed   []string `json:"allowed_updates"`
}

// hookURL is where updates should be sent.
func (t *Telegram) hookURL() string { return strings.TrimSuffix(t.set.URL, "/") + "/telegram" }

// setHook registers the webhook.
func (t *Telegram) setHook(ctx context.Context) error {
	return t.call.call(ctx, "setWebhook", tgbotapi.Params{"url": t.hookURL(), "secret_token": t.set.Secret,
		"allowed_updates": allowed, "max_connections": "100"}, nil)
}

// foreign tells what is not ours about a webhook, empty when it is ours.
func (t *Telegram) foreign(h *hookState) string {
	var want []string
	json.Unmarshal([]byte(allowed), &want)
	switch {
	case h.URL == "":
		return "no webhook is set"
	case h.URL != t.hookURL():
		return "the webhook leads elsewhere"
	case len(h.Allowed) > 0 && slices.ContainsFunc(want, func(kind string) bool { return !slices.Contains(h.Allowed, kind) }):
		return "the webhook leaves out updates"
	case t.fresh(h) && (strings.Contains(h.Error, " 401") || strings.Contains(h.Error, " 403")):
		return "the webhook has another secret"
	}
	return ""
}

// fresh reports whether Telegram met an error lately, since the webhook was last set.
func (t *Telegram) fresh(h *hookState) bool {
	return h.Error != "" && time.Since(time.Unix(h.ErrorDate, 0)) < hookFresh && h.ErrorDate >= t.hooked.Load()
}

// keep registers the webhook and looks after it until the context ends.
func (t *Telegram) keep(ctx context.Context) {
	why := ""
	for {
		if !t.retry(ctx, "register the webhook", t.setHook) {
			return
		}
		t.hooked.Store(time.Now().Unix())
		t.state.Store("")
		t.log.Info("telegram: the webhook is registered", zap.String("because", why))
		for why = ""; why == ""; {
			select {
			case <-ctx.Done():
				return
			case <-t.look:
			case <-time.After(hookEvery):
			}
			why = t.seeHook(ctx)
		}
		t.log.Warn("telegram: " + why + "; it is set again. Does another program use this bot's token?")
	}
}

// seeHook asks for the webhook and tells what is not ours about it.
func (t *Telegram) seeHook(ctx context.Context) string {
	call, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var h hookState
	if err := t.call.call(call, "getWebhookInfo", nil, &h); err != nil {
		return "" // readiness tells that the server is away
	}
	t.noteHook(&h)
	return t.foreign(&h)
}

// noteHook remembers, and logs once, what Telegram could not deliver.
func (t *Telegram) noteHook(h *hookState) {
	text := ""
	if t.fresh(h) {
		text = fmt.Sprintf("Telegram could not deliver updates, %d wait: %s", h.Pending, h.Error)
		if t.trouble.Swap(h.ErrorDate) != h.ErrorDate {
			t.log.Warn("telegram: updates could not be delivered to the webhook", zap.Int("waiting", h.Pending), zap.String("telegram says", h.Error))
		}
	}
	t.hookNote.Store(text)
}

// Note tells what Telegram could not deliver to the webhook of late.
func (t *Telegram) Note(context.Context) error {
	if text, _ := t.hookNote.Load().(string); text != "" {
		return errors.New(text)
	}
	return nil
}

// probeHook is readiness with a webhook: that it is ours. If not, it is set again at once.
func (t *Telegram) probeHook(ctx context.Context) error {
	var h hookState
	if err := t.call.call(ctx, "getWebhookInfo", nil, &h); err != nil {
		return err
	}
	t.noteHook(&h)
	if why := t.foreign(&h); why != "" {
		select {
		case t.look <- struct{}{}:
		default:
		}
		return errors.New(why + "; it is set again")
	}
	return nil
}

// unhook removes a webhook that somebody set while we poll; err is why no updates came.
func (t *Telegram) unhook(ctx context.Context, err error) {
	if !refused(err, "webhook is active") {
		return
	}
	t.log.Warn("telegram: a webhook has been set by another program; it is removed. Does one use this bot's token?")
	call, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := t.call.call(call, "deleteWebhook", nil, nil); err != nil {
		t.log.Debug("telegram: the webhook cannot be removed yet", zap.Error(err))
	}
}
