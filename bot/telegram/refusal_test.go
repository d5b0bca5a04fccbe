package telegram

import (
	"errors"
	"testing"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"patikra/bot"
)

// fate is what a refusal means: what becomes of the message, or whose fault it is.
type fate struct{ drop, gone, place, wait bool }

func fateOf(t *testing.T, err error) fate {
	t.Helper()
	var de *bot.DeliveryError
	if !errors.As(err, &de) {
		t.Fatalf("%v is no refusal", err)
	}
	return fate{de.Drop, de.Gone, de.Place, de.RetryAfter > 0}
}

func TestARefusalIsJudgedByWhatItProves(t *testing.T) {
	for _, c := range []struct {
		code          int
		text          string
		person, group fate
	}{
		{403, "Forbidden: bot was blocked by the user", fate{gone: true}, fate{place: true}},
		{403, "Forbidden: user is deactivated", fate{gone: true}, fate{place: true}},
		{400, "Bad Request: user is deactivated", fate{gone: true}, fate{place: true}},
		{403, "Forbidden: bot can't initiate conversation with a user", fate{}, fate{place: true}},
		{403, "Forbidden: bot was kicked from the supergroup chat", fate{}, fate{place: true}},
		{400, "Bad Request: chat not found", fate{}, fate{place: true}},
		{400, "Bad Request: TOPIC_CLOSED", fate{drop: true}, fate{place: true}},
		{400, "Bad Request: TOPIC_DELETED", fate{drop: true}, fate{place: true}},
		{400, "Bad Request: not enough rights to send text messages to the chat", fate{drop: true}, fate{place: true}},
		{400, "Bad Request: CHAT_WRITE_FORBIDDEN", fate{drop: true}, fate{place: true}},
		{400, "Bad Request: in words of next year", fate{drop: true}, fate{place: true}},
		{400, "Bad Request: can't parse entities: unclosed tag", fate{drop: true}, fate{drop: true}},
		{400, "Bad Request: message is too long", fate{drop: true}, fate{drop: true}},
		{401, "Unauthorized", fate{}, fate{}},
		{404, "Not Found", fate{}, fate{}},
		{500, "Internal Server Error", fate{}, fate{}},
	} {
		err := &tgbotapi.Error{Code: c.code, Message: c.text}
		if got := fateOf(t, meaning(err)); got != c.person {
			t.Errorf("to a person, %q: %+v", c.text, got)
		}
		if got := fateOf(t, placed(err, false)); got != c.group {
			t.Errorf("in the group, %q: %+v", c.text, got)
		}
	}
	limited := &tgbotapi.Error{Code: 429, Message: "Too Many Requests: retry after 3", ResponseParameters: tgbotapi.ResponseParameters{RetryAfter: 3}}
	if got := fateOf(t, meaning(limited)); got != (fate{wait: true}) {
		t.Errorf("a limit: %+v", got)
	}
}
