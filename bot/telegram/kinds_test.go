package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/telegram/telegramtest"
)

// contents are the fields of Message that hold what somebody has sent, and about are those that tell something about it.
var (
	contents = []string{"animation", "audio", "checklist", "contact", "dice", "document", "game", "giveaway", "giveaway_winners", "invoice", "live_photo",
		"location", "paid_media", "photo", "poll", "rich_message", "sticker", "story", "text", "venue", "video", "video_note", "voice"}
	about = []string{"author_signature", "business_connection_id", "caption", "caption_entities", "chat", "date", "direct_messages_topic", "edit_date",
		"effect_id", "entities", "external_reply", "forward_origin", "from", "guest_bot_caller_chat", "guest_bot_caller_user", "guest_query_id",
		"has_media_spoiler", "has_protected_content", "is_automatic_forward", "is_from_offline", "is_paid_post", "is_topic_message",
		"link_preview_options", "media_group_id", "message_id", "message_thread_id", "paid_star_count", "quote", "reply_markup",
		"reply_to_checklist_task_id", "reply_to_message", "reply_to_poll_option_id", "reply_to_story", "sender_boost_count",
		"sender_business_bot", "sender_chat", "sender_tag", "show_caption_above_media", "suggested_post_info", "via_bot"}
)

func TestEveryFieldOfAMessageIsKnownAsContentEventOrAboutIt(t *testing.T) {
	for _, name := range telegramtest.MessageFields() {
		n := 0
		for _, known := range []bool{slices.Contains(contents, name), slices.Contains(about, name), events[name]} {
			if known {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s stands in %d lists", name, n)
		}
	}
	for name := range events {
		if !slices.Contains(telegramtest.MessageFields(), name) {
			t.Errorf("%s is no field of a message", name)
		}
	}
}

// stage is how far the conversation of a person has come.
func stage(t *testing.T, tg *Telegram, id int64) bot.Stage {
	t.Helper()
	s, err := tg.bot.Session(context.Background(), bot.Address{Channel: Name, ID: fmt.Sprint(id)})
	if err != nil {
		t.Fatal(err)
	}
	return s.Stage
}

func TestServiceMessagesStaySilentAndEverythingElseIsAnswered(t *testing.T) {
	tg := door(t)
	id := int64(0)
	send := func(kind, field string) bot.Stage {
		id++
		body := fmt.Sprintf(`{"update_id":%d,%q:{"message_id":%d,"date":%d,"from":{"id":%d,"is_bot":false,"first_name":"P","language_code":"lt"},"chat":{"id":%d,"type":"private"},%q:{"x":1}}}`,
			id, kind, id, time.Now().Unix(), 1000+id, 1000+id, field)
		if rec := tg.post(body, "s"); rec.Code != 200 {
			t.Errorf("%s: %d", field, rec.Code)
		}
		return stage(t, tg, 1000+id)
	}
	for field := range events {
		if send("message", field) != bot.Fresh {
			t.Errorf("%s was answered", field)
		}
		if send("edited_message", field) != bot.Fresh {
			t.Errorf("%s, edited, was answered", field)
		}
	}
	for _, field := range append([]string{"something_of_next_year"}, contents...) {
		if field == "text" || field == "photo" { // of another type: these do not decode, see below
			continue
		}
		if send("message", field) == bot.Fresh {
			t.Errorf("%s was passed over", field)
		}
	}
}

// odd are updates with a number in which something known has another type. Each is of the person 9, as far as that can be read.
var odd = map[string]bool{ // whether the person can be told
	`{"update_id":%d,"message":{"message_id":5,"from":{"id":9,"language_code":"lt"},"chat":{"id":9,"type":"private"},"date":1,"text":{"a":1}}}`:           true,
	`{"update_id":%d,"message":{"message_id":"5","from":{"id":9},"chat":{"id":9,"type":"private"},"date":"x","text":"padėkite"}}`:                         true,
	`{"update_id":%d,"message":{"message_id":5,"from":"me","chat":{"id":9,"type":"private"},"date":1,"text":"padėkite"}}`:                                 true,
	`{"update_id":%d,"message":{"message_id":5,"from":{"id":9},"chat":{"id":9},"date":1,"photo":{"x":1}}}`:                                                true,
	`{"update_id":%d,"edited_message":{"message_id":5,"from":{"id":9},"chat":{"id":9,"type":"private"},"date":1,"text":[]}}`:                              true,
	`{"update_id":%d,"callback_query":{"id":"7","from":{"id":9},"message":{"message_id":5,"chat":{"id":9,"type":"private"},"date":1},"data":{"next":1}}}`: true,
	`{"update_id":%d,"message":{"chat":5}}`: false,
	`{"update_id":%d,"message":"x"}`:        false,
	`{"update_id":%d,"message":{"message_id":5,"from":{"id":9},"chat":{"id":9,"type":"private"},"date":1,"pinned_message":{"message_id":1},"text":7}}`: false,
	`{"update_id":%d,"chat_member":7}`: false,
}

func TestAnUpdateWithANumberIsTakenWhateverItHoldsAndItsPersonIsTold(t *testing.T) {
	id := 100
	for body, told := range odd {
		tg := door(t)
		id++
		raw := fmt.Sprintf(body, id)
		if rec := tg.post(raw, "s"); rec.Code != 200 {
			t.Errorf("%s: %d", raw, rec.Code)
		}
		in, err := decode([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		u, ok := neutral(in)
		if ok != told || ok && (u.Kind != bot.Unread || u.From.ID != "9") {
			t.Errorf("%s: %+v", raw, u)
		}
		b := &backlog{done: map[int64]bool{}, since: map[int64]time.Time{}}
		if next, left := tg.batch(t.Context(), b, []json.RawMessage{json.RawMessage(raw)}); next != int64(id)+1 || left {
			t.Errorf("%s by polling: next %d, left %v", raw, next, left)
		}
	}
}

func TestEditsOfCaptionsAndNamedPlacesAreUnderstoodAndMovesOfAPlaceAreNot(t *testing.T) {
	read := func(body string) (bot.Update, bool) {
		t.Helper()
		in, err := decode([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return neutral(in)
	}
	const who = `"message_id":5,"date":1800000000,"from":{"id":9},"chat":{"id":9,"type":"private"}`
	u, ok := read(`{"update_id":1,"edited_message":{` + who + `,"edit_date":1800000060,"photo":[{"file_id":"a"}],"caption":"the new words"}}`)
	if !ok || u.Kind != bot.Edited || u.Media.Kind != "photo" || u.Media.Caption != "the new words" || u.Said.Unix() != 1800000060 {
		t.Errorf("an edited caption: %v %+v", ok, u)
	}
	u, ok = read(`{"update_id":2,"edited_message":{` + who + `,"video":{"file_id":"a"},"caption":"the new words"}}`)
	if !ok || u.Kind != bot.Edited || u.Media.Kind != "" || u.Text != "the new words" {
		t.Errorf("an edited caption of what cannot be passed on: %v %+v", ok, u)
	}
	if u, ok = read(`{"update_id":3,"edited_message":{` + who + `,"location":{"latitude":1,"longitude":2,"live_period":60}}}`); ok {
		t.Errorf("a place that moves: %+v", u)
	}
	u, ok = read(`{"update_id":4,"message":{` + who + `,"location":{"latitude":1,"longitude":2,"live_period":60}}}`)
	if !ok || u.Media.Kind != "location" || !u.Live || u.Said.Unix() != 1800000000 {
		t.Errorf("the first of it: %v %+v", ok, u)
	}
	u, ok = read(`{"update_id":5,"message":{` + who + `,"location":{"latitude":1,"longitude":2},"venue":{"title":"The farm","address":"Long street 5"}}}`)
	if !ok || u.Media.Kind != "location" || u.Live || u.Media.Caption != "The farm, Long street 5" {
		t.Errorf("a named place: %v %+v", ok, u)
	}
}

// lame is a store that saves nothing of some people.
type lame struct {
	bot.Store
	away func(bot.Key) bool
}

var errLame = errors.New("away")

func (l *lame) Load(ctx context.Context, k bot.Key) (bot.Record, error) {
	if l.away(k) {
		return bot.Record{}, errLame
	}
	return l.Store.Load(ctx, k)
}

func (l *lame) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if l.away(c.Key) {
		return bot.Committed{}, errLame
	}
	return l.Store.Commit(ctx, c)
}

func written(id, who int64, text string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":%d,"from":{"id":%d,"is_bot":false,"first_name":"P","language_code":"lt"},"chat":{"id":%d,"type":"private"},"text":%q}}`,
		id, id, time.Now().Unix(), who, who, text))
}

func TestByPollingOneThatCannotBeSavedKeepsItsPlaceAndItsOrderAndOthersGoOn(t *testing.T) {
	away := true
	var stuck bot.Key
	tg := doorOn(t, func(s bot.Store) bot.Store {
		return &lame{s, func(k bot.Key) bool { return away && k.Hash == stuck.Hash }}
	})
	stuck = tg.bot.Key(bot.Address{Channel: Name, ID: "1"})
	b := &backlog{done: map[int64]bool{}, since: map[int64]time.Time{}}
	batch := []json.RawMessage{written(10, 2, "labas"), written(11, 1, "pirmas"), written(12, 3, "labas"), written(13, 1, "antras")}
	next, left := tg.batch(t.Context(), b, batch)
	if next != 11 || !left || !b.done[12] || b.done[11] || b.done[13] {
		t.Fatalf("next %d, left %v, done %v", next, left, b.done)
	}
	if stage(t, tg, 2) == bot.Fresh || stage(t, tg, 3) == bot.Fresh {
		t.Error("the others wait")
	}
	away = false
	next, left = tg.batch(t.Context(), b, append(batch[1:], written(14, 4, "labas")))
	if next != 15 || left || len(b.done) != 0 || len(b.since) != 0 {
		t.Errorf("later: next %d, left %v, %d and %d remembered", next, left, len(b.done), len(b.since))
	}
	if s, _ := tg.bot.Session(t.Context(), bot.Address{Channel: Name, ID: "1"}); len(s.Seen) != 2 || s.Seen[0] != 12 || s.Seen[1] != 14 {
		t.Errorf("the order is lost: %v", s.Seen)
	}
}

func TestByPollingOneThatCannotBeSavedDoesNotHideWhatComesAfterAHundredOthersForEver(t *testing.T) {
	var stuck bot.Key
	tg := doorOn(t, func(s bot.Store) bot.Store {
		return &lame{s, func(k bot.Key) bool { return k.Hash == stuck.Hash }}
	})
	stuck = tg.bot.Key(bot.Address{Channel: Name, ID: "1"})
	b := &backlog{done: map[int64]bool{}, since: map[int64]time.Time{}}
	batch := []json.RawMessage{written(10, 1, "pirmas")}
	for i := range int64(batchSize - 1) {
		batch = append(batch, written(11+i, 2, "labas"))
	}
	if next, left := tg.batch(t.Context(), b, batch); next != 10 || !left {
		t.Fatalf("next %d, left %v", next, left)
	}
	b.since[10] = time.Now().Add(-stuckTime - time.Second)
	if next, left := tg.batch(t.Context(), b, batch); next != 10+batchSize || left {
		t.Errorf("after %v: next %d, left %v", stuckTime, next, left)
	}
}

func TestByPollingNothingIsGivenUpWhileTheStoreIsAwayForEverybody(t *testing.T) {
	tg := doorOn(t, func(s bot.Store) bot.Store { return &lame{s, func(bot.Key) bool { return true }} })
	b := &backlog{done: map[int64]bool{}, since: map[int64]time.Time{}}
	var batch []json.RawMessage
	for i := range int64(batchSize) {
		batch = append(batch, written(10+i, 1+i%7, "padėkite"))
	}
	for range 2 {
		if next, left := tg.batch(t.Context(), b, batch); next != 10 || !left {
			t.Fatalf("next %d, left %v", next, left)
		}
		for id := range b.since {
			b.since[id] = time.Now().Add(-time.Hour)
		}
	}
}

// kinds are what a person may send a counsellor, as updates of the person 9 in the order in which they are sent.
var kinds = []string{
	string(written(1, 9, "padėkite")),
	`{"update_id":2,"message":{"message_id":6,"from":{"id":9},"chat":{"id":9,"type":"private"},"date":1,"photo":[{"file_id":"x"}]}}`,
	`{"update_id":3,"edited_message":{"message_id":6,"from":{"id":9},"chat":{"id":9,"type":"private"},"date":1,"text":"x"}}`,
	`{"update_id":4,"message":{"message_id":7,"from":{"id":9},"chat":{"id":9,"type":"private"},"date":1,"forward_origin":{"type":"hidden_user"},"text":"Rytoj vyksti"}}`,
}

func TestByPollingWhateverCannotBeSavedKeepsItsPlace(t *testing.T) {
	away := true
	tg := doorOn(t, func(s bot.Store) bot.Store { return &lame{s, func(bot.Key) bool { return away }} })
	b := &backlog{done: map[int64]bool{}, since: map[int64]time.Time{}}
	for i, body := range kinds {
		id, batch := int64(i+1), []json.RawMessage{json.RawMessage(body)}
		if next, left := tg.batch(t.Context(), b, batch); next != id || !left || b.done[id] {
			t.Errorf("%d: next %d, left %v, done %v", id, next, left, b.done)
		}
		away = false
		if next, left := tg.batch(t.Context(), b, batch); next != id+1 || left {
			t.Errorf("%d later: next %d, left %v", id, next, left)
		}
		away = true
	}
}

func TestByWebhookWhatCannotBeSavedIsRefusedWith503AndAskedForAgainSoon(t *testing.T) {
	away := true
	tg := doorOn(t, func(s bot.Store) bot.Store { return &lame{s, func(bot.Key) bool { return away }} })
	for i, body := range kinds {
		rec := tg.post(body, "s")
		if rec.Code != 503 || rec.Header().Get("Retry-After") != "2" {
			t.Errorf("%d: %d, Retry-After %q", i, rec.Code, rec.Header().Get("Retry-After"))
		}
		away = false
		if rec := tg.post(body, "s"); rec.Code != 200 {
			t.Errorf("%d later: %d", i, rec.Code)
		}
		away = true
	}
}

func TestAPressIsKeptUnlessItIsAStepOfSomebodyKnownToBeInNoTalk(t *testing.T) {
	away := true
	tg := doorOn(t, func(s bot.Store) bot.Store { return &lame{s, func(bot.Key) bool { return away }} })
	id := int64(0)
	press := func(data string) int {
		id++
		return tg.post(fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"q%d","from":{"id":9},"message":{"message_id":5,"chat":{"id":9,"type":"private"},"date":1},"data":%q}}`, id, id, data), "s").Code
	}
	if code := press("answer:1.1"); code != 503 {
		t.Errorf("nothing is known of the person: %d", code)
	}
	away = false
	press("language:lt")
	away = true
	for range 3 { // the first makes the process forget the session, not what it knew
		if code := press("answer:1.1"); code != 200 {
			t.Errorf("known to be in no talk: %d", code)
		}
	}
	for _, data := range []string{"exit", "erase:yes", "human:agree"} {
		if code := press(data); code != 503 {
			t.Errorf("%s: %d", data, code)
		}
	}
}

// desked is a door with a group of counsellors. The Bot API says of everybody that they belong to it.
func desked(t *testing.T, store func(bot.Store) bot.Store) *Telegram {
	t.Helper()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"ok":true,"result":{"status":"member","message_id":77,"message_thread_id":7}}`)
	}))
	t.Cleanup(api.Close)
	tg := doorOn(t, store)
	tg.call = newCaller(api.URL, "1:x")
	tg.NewDesk(-100)
	tg.bot.Desk.On = true
	return tg
}

// talks brings the person 9 into a talk that lies in the topic 7 of a group.
func talks(t *testing.T, tg *Telegram, group int64) {
	t.Helper()
	person := bot.Address{Channel: Name, ID: "9"}
	for i, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Pressed, Text: "language:lt"}, {Kind: bot.Typed, Text: "/human"}, {Kind: bot.Pressed, Text: "human:agree"}} {
		u.ID, u.From, u.At, u.Ref = uint64(1000+i), person, time.Now(), 1
		if _, err := tg.bot.Handle(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := tg.bot.Session(t.Context(), person); err != nil || !s.Case.Active() {
		t.Fatalf("no case: %v %v", s.Stage, err)
	}
	if err := tg.bot.Remember(t.Context(), topicPlace(group, 7), person); err != nil {
		t.Fatal(err)
	}
}

// inGroup is what somebody wrote in a topic of a group, at a time.
func inGroup(id, group int64, at time.Time) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":%d,"message_thread_id":7,"is_topic_message":true,"from":{"id":5,"is_bot":false,"first_name":"Anna"},"chat":{"id":%d,"type":"supergroup"},"text":"Laikykitės"}}`,
		id, id, at.Unix(), group)
}

// seen reports whether the conversation of the person 9 knows an update.
func seen(t *testing.T, tg *Telegram, id uint64) bool {
	t.Helper()
	s, err := tg.bot.Session(t.Context(), bot.Address{Channel: Name, ID: "9"})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(s.Seen, id+1)
}

func TestWhatACounsellorWritesInAGroupThatHasMovedIsKeptWhileTheStoreIsAway(t *testing.T) {
	away := true
	tg := desked(t, func(s bot.Store) bot.Store { return &lame{s, func(bot.Key) bool { return away }} })
	if code := tg.post(inGroup(1, -200, time.Now()), "s").Code; code != 503 {
		t.Errorf("nothing is known of what the group has become: %d", code)
	}
	away = false
	talks(t, tg, -200)
	if err := tg.desk.moved(t.Context(), -200); err != nil {
		t.Fatal(err)
	}
	away = true
	if code := tg.post(inGroup(1, -200, time.Now()), "s").Code; code != 503 {
		t.Errorf("it is known that the group has moved: %d", code)
	}
	if code := tg.post(inGroup(2, -300, time.Now()), "s").Code; code != 200 {
		t.Errorf("a strange group: %d", code)
	}
	away = false
	if code := tg.post(inGroup(1, -200, time.Now()), "s").Code; code != 200 || !seen(t, tg, 1) {
		t.Errorf("later: %d, seen %v", code, seen(t, tg, 1))
	}
}

func TestWhatACounsellorWroteIsGivenUpByHowLongItWasTriedAndNotByItsDate(t *testing.T) {
	away := false
	tg := desked(t, func(s bot.Store) bot.Store { return &lame{s, func(bot.Key) bool { return away }} })
	talks(t, tg, -100)
	for i, at := range []time.Time{time.Now().Add(-10 * time.Minute), time.Now().Add(-20 * time.Hour), time.Unix(0, 0)} {
		id := int64(i + 1)
		away = true
		for range 3 {
			if code := tg.post(inGroup(id, -100, at), "s").Code; code != 503 {
				t.Errorf("written at %v: %d", at, code)
			}
		}
		away = false
		if code := tg.post(inGroup(id, -100, at), "s").Code; code != 200 || !seen(t, tg, uint64(id)) {
			t.Errorf("written at %v, later: %d", at, code)
		}
	}
	if len(tg.desk.vain.since) != 0 {
		t.Errorf("%d are still noted", len(tg.desk.vain.since))
	}
	away = true
	tg.post(inGroup(9, -100, time.Now()), "s")
	tg.desk.vain.since[9] = time.Now().Add(-wordsKept - time.Second)
	if code := tg.post(inGroup(9, -100, time.Now()), "s").Code; code != 200 {
		t.Errorf("tried for more than %v: %d", wordsKept, code)
	}
}

func TestUpdatesThatCannotBeSavedAreNotedWithinABound(t *testing.T) {
	var v vain
	for i := range int64(mostVain + 100) {
		if v.again(&update{ID: &i}, errLame, wordsKept) == nil {
			t.Fatal("given up at the first failure")
		}
	}
	id := int64(mostVain + 99)
	if len(v.since) != mostVain || v.since[id].IsZero() {
		t.Errorf("%d are noted", len(v.since))
	}
	if v.again(&update{ID: &id}, fmt.Errorf("x: %w", bot.ErrSetAside), wordsKept) != nil || !v.since[id].IsZero() {
		t.Error("what breaks its turn is asked for again")
	}
}
