package main

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot/messenger/messengertest"
	"patikra/bot/telegram/telegramtest"
)

// shows counts the messages of the group that hold a text, or are of a kind.
func (d *counsellors) shows(what string) int {
	n := 0
	for _, v := range d.group.All() {
		if v.Kind == what || what != "" && strings.Contains(v.Text, what) {
			n++
		}
	}
	return n
}

func (d *counsellors) showsAll(what string, want int) {
	d.t.Helper()
	d.within(20*time.Second, fmt.Sprintf("%d times %s", want, what), func() error {
		if n := d.shows(what); n != want {
			return fmt.Errorf("%d", n)
		}
		return nil
	})
}

func TestABacklogAlbumsAndAForwardedConversationReachTheCounsellorsWhole(t *testing.T) {
	t.Parallel()
	for _, hook := range []bool{true, false} {
		t.Run(map[bool]string{true: "webhook", false: "polling"}[hook], func(t *testing.T) {
			t.Parallel()
			var ahead atomic.Int64
			srv := telegramtest.New(t, telegramtest.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
			d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Title: "Desk"})}
			d.program = launch(t, telegramFor(srv, hook, fmt.Sprint("TELEGRAM_DESK=", d.group.ID), "PATIKRA_DESK_HOURS=always", "TELEGRAM_RATE=0/0/0", "PATIKRA_FLOOD=2")...)
			anna := srv.User(telegramtest.Person{Language: "en", Name: "Person"})
			d.ask(anna)
			d.kill()
			for i := range 20 {
				ahead.Store(int64(time.Duration(i-20) * time.Minute))
				anna.Say(fmt.Sprint("line ", i, ";"))
			}
			ahead.Store(0)
			d.start()
			d.waitReady()
			d.showsAll("line ", 20)
			for range 20 {
				anna.SendPhoto("")
			}
			for i := range 30 {
				anna.Forward("Recruiter", fmt.Sprint("forwarded ", i, ";"))
			}
			d.showsAll("photo", 20)
			d.showsAll("forwarded ", 30)
			for _, v := range anna.Messages() {
				if strings.Contains(v.Text, "very quick") || strings.Contains(v.Text, "faster than") {
					t.Errorf("the person was told\n%s", v)
				}
			}
			for _, r := range srv.Refusals() {
				if !strings.Contains(r, "message is not modified") && !strings.Contains(r, "409") { // the edge of the kill
					t.Error(r)
				}
			}
		})
	}
}

func TestKindsThatCannotBePassedOnAreToldOnBothSidesAndServiceMessagesOnNeither(t *testing.T) {
	d := openDesk(t)
	anna := d.srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	topic := d.ask(anna)
	d.take(d.ruta, topic)
	d.sees(anna, "has joined")
	id := int64(40)
	raw := func(u *telegramtest.User, chat, more string) {
		id++
		d.srv.Raw(fmt.Sprintf(`{"message":{"message_id":%d,"date":%d,"from":{"id":%d,"is_bot":false,"first_name":"P","language_code":"en"},"chat":%s,%s}}`, id, time.Now().Unix(), u.ID, chat, more))
	}
	private := fmt.Sprintf(`{"id":%d,"type":"private"}`, anna.ID)
	before := len(anna.Messages())
	for _, field := range []string{"message_auto_delete_timer_changed", "pinned_message", "chat_background_set", "boost_added", "new_chat_photo"} {
		raw(anna, private, fmt.Sprintf(`%q:{"value":1}`, field))
	}
	anna.Send(telegramtest.Media{Kind: "venue", Title: "The farm", Address: "Long street 5"})
	d.showsAll("venue", 1)
	if n := len(anna.Messages()); n != before+1 { // her own place
		t.Errorf("service messages were answered:\n%s", strings.Join(anna.History(), "\n"))
	}
	if n := d.shows("perduoti negalima"); n != 0 {
		t.Errorf("service messages were told to the counsellors, %d", n)
	}
	for i, field := range []string{"poll", "dice", "story", "checklist", "paid_media", "something_of_next_year"} {
		raw(anna, private, fmt.Sprintf(`%q:{"value":1}`, field))
		d.showsAll("perduoti negalima", i+1)
		d.sees(anna, "I pass on words, photos")
	}
	group := fmt.Sprintf(`{"id":%d,"type":"supergroup","title":"Desk","is_forum":true}`, d.group.ID)
	for i, field := range []string{"poll", "dice", "story", "checklist", "paid_media", "giveaway"} {
		raw(d.ruta, group, fmt.Sprintf(`"message_thread_id":%d,"is_topic_message":true,%q:{"value":1}`, topic, field))
		d.within(10*time.Second, field+" is refused", func() error {
			if n := d.shows("Žmogui neperduota: galima"); n != i+1 {
				return fmt.Errorf("%d", n)
			}
			return nil
		})
	}
}

func TestOnMessengerEveryAttachmentOfAMessageCountsAndASharedPostGivesItsTitleAndLink(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	fb := messengertest.New(t, messengertest.Options{})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{})}
	d.program = launch(t, append(deskFor(srv, d.group), messengerFor(fb)...)...)
	fb.Hook(d.base + "/messenger")
	u := fb.User(messengertest.Person{Name: "P", Locale: "en_US"})
	u.Say("talk to a person")
	d.onMessenger(u, "only what you write yourself")
	u.PressReply(u.Screen().Replies[0])
	d.onMessenger(u, "code word")
	u.SendAttachments("see this", messengertest.Attachment{Type: "fallback", Title: "Job in Norway", URL: "https://jobs.example/7"}, messengertest.Attachment{Type: "audio", URL: "https://cdn.example/voice.mp4"})
	d.showsAll("see this\nJob in Norway\nhttps://jobs.example/7", 1)
	d.showsAll("perduoti negalima", 1)
	d.onMessenger(u, "words, photos and links")
	u.SendAttachments("", messengertest.Attachment{Type: "file", URL: "https://cdn.example/a.pdf"}, messengertest.Attachment{Type: "video", URL: "https://cdn.example/v.mp4"})
	d.showsAll("apklausą): 2.", 1)
	u.Event(map[string]any{"message": map[string]any{"text": map[string]any{"odd": 1}}})
	d.showsAll("apklausą): 1.", 2)
	d.onMessenger(u, "cannot read your last message")
	u.Say("after all that")
	d.showsAll("after all that", 1)
}
