package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
	"patikra/content"
)

// Desk is the counsellors' group on Telegram: a topic for each case, or, where the group has no topics, a
// thread of replies to the case's card. It is a channel of its own, with the group's allowance.
type Desk struct {
	t     *Telegram
	first int64        // the group as it was set
	plain atomic.Bool  // no topics can be made
	again atomic.Int64 // not before this time is another topic asked for: one was refused; Unix seconds
	note  atomic.Value // what staff should know, a string
	shut  atomic.Value // why the last message was refused by the group, a string
	look  chan struct{}
	now   atomic.Int64 // what the group has become, as far as this process has seen it; 0: nothing else
	vain  vain         // updates of the group that could not be saved yet
	asked asked        // about whom the group was asked
	pins  atomic.Bool  // it is known that messages can be pinned
	loose atomic.Bool  // and that they cannot

	// Pace waits for a place in the order of what is written into the group; nil: there is no order. Set before KeepBoard.
	Pace func(ctx context.Context) error

	// Link makes a one-time link to the desk's page for a member of the group; nil: there is no page. Set before the first update.
	Link func(ctx context.Context, name string, who bot.Actor) (string, error)
}

// thread in place of a topic: the case lies in replies to its card.
const thread = -1

// topicsAgain is how long after a topic was refused the next is asked for. What comes meanwhile goes into threads, and moves later.
const topicsAgain = 30 * time.Second

// placing bounds how often one message looks for its place: a lost topic, a moved group.
const placing = 6

// NewDesk returns the desk of a group.
func (t *Telegram) NewDesk(group int64) *Desk {
	d := &Desk{t: t, first: group, look: make(chan struct{}, 1), asked: newAsked()}
	d.note.Store("")
	d.shut.Store("")
	t.desk = d
	return d
}

// Name is the channel's name.
func (d *Desk) Name() string { return bot.DeskName }

// Note says what staff should know about the group, nil when all is as it should be. The desk works nevertheless.
func (d *Desk) Note(context.Context) error {
	for _, v := range []*atomic.Value{&d.shut, &d.note} {
		if s := v.Load().(string); s != "" {
			return errors.New(s)
		}
	}
	if d.loose.Load() {
		return errors.New(noteUnpinned)
	}
	return nil
}

// group is the group's present id: it changes when an ordinary group becomes a supergroup.
func (d *Desk) group(ctx context.Context) int64 {
	id, _ := d.present(ctx)
	return id
}

// present is the group's id as it is known. An error says that the store cannot be asked what it has become, and that nothing is known
// here either. Once known it stays known: a supergroup becomes nothing else.
func (d *Desk) present(ctx context.Context) (int64, error) {
	r, err := d.t.bot.Roster(ctx)
	if err == nil && r.Moved != 0 {
		d.now.Store(r.Moved)
	}
	if id := d.now.Load(); id != 0 {
		return id, nil
	}
	return d.first, err
}

// at reports whether a chat is the desk's group. With an error that cannot be known now, and an update of that chat is to be sent again.
func (d *Desk) at(ctx context.Context, chat int64) (bool, error) {
	if d == nil {
		return false, nil
	}
	if chat == d.first || chat == d.now.Load() {
		return true, nil
	}
	look, cancel := context.WithTimeout(ctx, handleTime)
	defer cancel()
	id, err := d.present(look)
	return chat == id, err
}

// moved follows a group that has become a supergroup.
func (d *Desk) moved(ctx context.Context, to int64) error {
	d.now.Store(to)
	return d.t.bot.ChangeRoster(ctx, func(r *desk.Roster) { r.Moved = to })
}

// Run looks at the group now and then, and whenever the bot's rights there change, so that /readyz can tell what is wrong with it.
func (d *Desk) Run(ctx context.Context) {
	introduced := false
	var asked time.Time
	for wait := 2 * time.Second; ; {
		err := d.inspect(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			d.note.Store("the group cannot be seen: " + err.Error())
			wait = min(2*wait, 5*time.Minute)
		default:
			if !introduced {
				introduced = d.introduce(ctx)
			}
			if time.Since(asked) >= memberEvery {
				asked = time.Now()
				d.membership(ctx)
			}
			wait = 5 * time.Minute
		}
		select {
		case <-ctx.Done():
			return
		case <-d.look:
			wait = 2 * time.Second
		case <-time.After(wait):
		}
	}
}

// foldedEvery is how often it is looked whether cases were put aside.
const foldedEvery = 10 * time.Second

// foldedPlace is under what it is noted that the group was told of cases that were put aside.
const foldedPlace = "told of what is put aside"

// unledPlace is under what it is noted that the group was told that nobody leads.
const unledPlace = "told that nobody leads"

// Watch tells the group, and there the lead that desk.yaml names, outside every case and once: when more cases come from the web than the
// desk can look at, and again only after all that was put aside is dealt with; and when the last lead of the desk's page has left.
func (d *Desk) Watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(foldedEvery):
		}
		call, cancel := context.WithTimeout(ctx, 10*time.Second)
		if err := d.tellFolded(call); err != nil {
			d.t.log.Debug("telegram: the group cannot be told of what is put aside", zap.Error(err))
		}
		if err := d.tellUnled(call); err != nil {
			d.t.log.Debug("telegram: the group cannot be told that nobody leads", zap.Error(err))
		}
		cancel()
	}
}

func (d *Desk) tellFolded(ctx context.Context) error {
	folded, err := d.t.bot.Folded(ctx)
	if err != nil {
		return err
	}
	return d.tellOnce(ctx, foldedPlace, len(folded) > 0, func(lang *content.Language) string {
		text := strings.ReplaceAll(lang.Text("console.folded"), "{name}", strconv.Itoa(len(folded))) + "\n" + lang.Text("console.folded-text")
		if d.Link != nil {
			text += "\n/desk"
		}
		return text
	})
}

func (d *Desk) tellUnled(ctx context.Context) error {
	_, unled, err := d.t.bot.Unled(ctx)
	if err != nil {
		return err
	}
	return d.tellOnce(ctx, unledPlace, unled, func(lang *content.Language) string { return lang.Text("desk.note-unled") })
}

// tellOnce tells the group, and its lead, once what is so now, until it is so no longer. All processes that share a store know that it was
// told; two that look in the same moment may both tell it.
func (d *Desk) tellOnce(ctx context.Context, place string, so bool, text func(*content.Language) string) error {
	_, told, err := d.t.bot.Recall(ctx, place)
	switch {
	case err != nil || told == so:
		return err
	case told:
		return d.t.bot.Unremember(ctx, place)
	}
	catalog := d.t.bot.Library().Catalog
	say := strings.TrimSpace(catalog.Desk.Lead + "\n" + text(catalog.Language(catalog.Desk.Language)))
	if _, err := d.send(ctx, d.group(ctx), 0, 0, words(strconv.FormatInt(d.group(ctx), 10), "ⓘ "+say, false)); err != nil {
		return err
	}
	return d.t.bot.Remember(ctx, place, bot.Address{Channel: bot.DeskName})
}

// introduce sets the commands that counsellors see in the group.
func (d *Desk) introduce(ctx context.Context) bool {
	var commands []map[string]string
	for _, c := range []string{"take", "release", "transfer", "close"} {
		commands = append(commands, map[string]string{"command": c, "description": d.text(c)})
	}
	for _, c := range []string{"duty", "help"} {
		commands = append(commands, map[string]string{"command": c, "description": d.text("command-" + c)})
	}
	list, _ := json.Marshal(commands)
	return d.t.present(ctx, tgbotapi.Params{"commands": string(list), "scope": fmt.Sprintf(`{"type":"chat","chat_id":%d}`, d.group(ctx))})
}

// inspect asks what the group is and what the bot may do there.
func (d *Desk) inspect(ctx context.Context) error {
	call, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var group struct {
		Forum bool `json:"is_forum"`
	}
	chat := strconv.FormatInt(d.group(ctx), 10)
	if err := d.t.call.call(call, "getChat", tgbotapi.Params{"chat_id": chat}, &group); err != nil {
		var e *tgbotapi.Error
		if errors.As(err, &e) && e.MigrateToChatID != 0 {
			return errors.Join(d.moved(ctx, e.MigrateToChatID), err)
		}
		return err
	}
	var me struct {
		ID int64 `json:"id"`
	}
	if err := d.t.call.call(call, "getMe", nil, &me); err != nil {
		return err
	}
	var own struct {
		Status string `json:"status"`
		Topics bool   `json:"can_manage_topics"`
		Pin    bool   `json:"can_pin_messages"`
	}
	if err := d.t.call.call(call, "getChatMember", tgbotapi.Params{"chat_id": chat, "user_id": strconv.FormatInt(me.ID, 10)}, &own); err != nil {
		return err
	}
	switch {
	case !group.Forum || !own.Topics:
		d.without()
	default:
		d.plain.Store(false)
		d.note.Store("")
	}
	if own.Pin {
		d.pins.Store(true)
		d.loose.Store(false)
	} else {
		d.unpinned()
	}
	return nil
}

// without notes that the group has no topics that the bot could make.
func (d *Desk) without() {
	if !d.plain.Swap(true) {
		d.t.log.Warn("telegram: the desk's group has no topics that the bot may make; each case is a thread of replies to its card")
	}
	d.note.Store("the group has no topics that the bot may make, so each case is a thread of replies; switch topics on and let the bot manage them")
}

// Deliver puts a message where the case lies, and makes that place when there is none.
func (d *Desk) Deliver(ctx context.Context, m bot.Message) (int64, error) {
	var err error
	for range placing {
		var again bool
		if again, err = d.deliver(ctx, m); err == nil && !again {
			d.shut.Store("")
			return 0, nil
		}
		if err != nil {
			var e *tgbotapi.Error
			if !errors.As(err, &e) || e.MigrateToChatID == 0 {
				break
			}
			if err = d.moved(ctx, e.MigrateToChatID); err != nil {
				break
			}
		}
	}
	if err == nil {
		err = errors.New("the case found no place at the desk")
	}
	var away *bot.DeliveryError
	if err = placed(err, m.Media.Kind != ""); errors.As(err, &away) && away.Place {
		d.shut.Store("the group cannot be written to, and nobody there learns of what people write; it is kept and sent later: " + away.Err.Error())
		d.lookAgain()
	}
	return 0, err
}

// lookAgain lets Run inspect the group now.
func (d *Desk) lookAgain() {
	select {
	case d.look <- struct{}{}:
	default:
	}
}

// deliver tries once. again asks for another try, on what is now known about the place.
func (d *Desk) deliver(ctx context.Context, m bot.Message) (again bool, err error) {
	group := d.group(ctx)
	if m.Act == bot.DropTopic {
		return false, d.drop(ctx, group, m)
	}
	topic, card := m.Topic, m.Edit
	if topic == 0 {
		s, err := d.t.bot.Session(ctx, m.Case)
		if err != nil {
			return false, err
		}
		view, ok := talk.Card(d.t.bot.Library(), s)
		if !ok {
			return false, nil // erased meanwhile: there is nothing left to say
		}
		topic, card = s.Case.Topic, s.Case.Card
		if topic == 0 {
			if topic, err = d.open(ctx, group, m.Case, view); err != nil {
				return false, err
			}
			if topic != thread {
				return true, nil // meanwhile it may have been erased
			}
			card = 0
		} else if topic == thread {
			if moved, err := d.rise(ctx, group, m.Case, card, view); moved || err != nil {
				return true, err
			}
		}
		if card == 0 || m.Act == bot.Card {
			lost, err := d.card(ctx, group, m.Case, topic, card, view)
			if refused(err, "topic_closed") && topic > 0 {
				return d.reopen(ctx, group, topic, m)
			}
			if err != nil || lost || m.Act == bot.Card {
				return lost, err
			}
			return true, nil // the card is there: now what was to be said
		}
	}
	err = d.words(ctx, group, topic, card, m)
	if refused(err, "topic_closed") && topic > 0 {
		return d.reopen(ctx, group, topic, m)
	}
	if lost(err) {
		if m.Topic != 0 {
			return false, nil
		}
		return true, d.place(ctx, m.Case, 0, 0)
	}
	return false, err
}

// reopen opens a topic that somebody has closed; where the bot may not, the case gets a new one.
func (d *Desk) reopen(ctx context.Context, group, topic int64, m bot.Message) (again bool, err error) {
	err = d.t.call.call(ctx, "reopenForumTopic", tgbotapi.Params{"chat_id": strconv.FormatInt(group, 10), "message_thread_id": strconv.FormatInt(topic, 10)}, nil)
	switch {
	case err == nil || refused(err, "topic_not_modified"):
		return true, nil
	case !uneditable(err):
		return false, err
	case m.Topic != 0: // a farewell has no other place
		return false, nil
	}
	return true, d.place(ctx, m.Case, 0, 0)
}

// lost reports whether a place at the desk is no longer there.
func lost(err error) bool {
	for _, text := range []string{"message thread not found", "topic_deleted", "topic_id_invalid", "message to be replied not found", "message to reply not found", "replied message not found"} {
		if refused(err, text) {
			return true
		}
	}
	return false
}

// place tells the conversation where it lies at the desk.
func (d *Desk) place(ctx context.Context, person bot.Address, topic, card int64) error {
	_, err := d.t.bot.Handle(ctx, bot.Update{From: person, Kind: bot.Placed, Topic: topic, Ref: card, At: time.Now()})
	return err
}

// open makes a topic for a case, or tells that it is to be a thread.
func (d *Desk) open(ctx context.Context, group int64, person bot.Address, card talk.CardView) (topic int64, err error) {
	if d.plain.Load() || time.Now().Unix() < d.again.Load() {
		return thread, nil // it is noted together with its card
	}
	var made struct {
		Topic int64 `json:"message_thread_id"`
	}
	title := []rune(card.Title)
	err = d.t.call.call(ctx, "createForumTopic", tgbotapi.Params{"chat_id": strconv.FormatInt(group, 10), "name": string(title[:min(len(title), 128)])}, &made)
	var e *tgbotapi.Error
	switch {
	case errors.As(err, &e) && e.Code == 400 && e.MigrateToChatID == 0 && e.RetryAfter == 0:
		d.again.Store(time.Now().Add(topicsAgain).Unix())
		d.without()
		d.lookAgain() // it may have been refused for a moment only
		return thread, nil
	case err != nil:
		return 0, err
	}
	if err := d.t.bot.Remember(ctx, topicPlace(group, made.Topic), person); err != nil {
		return 0, err
	}
	return made.Topic, d.place(ctx, person, made.Topic, 0)
}

// rise moves a case out of its thread into a topic of its own as soon as topics can be made. Answers to what was said in the thread are
// still understood; its card goes, so that nobody presses it.
func (d *Desk) rise(ctx context.Context, group int64, person bot.Address, card int64, view talk.CardView) (moved bool, err error) {
	topic, err := d.open(ctx, group, person, view)
	if err != nil || topic == thread {
		return false, err
	}
	if card != 0 {
		err := d.t.call.call(ctx, "deleteMessage", tgbotapi.Params{"chat_id": strconv.FormatInt(group, 10), "message_id": strconv.FormatInt(card, 10)}, nil)
		if err != nil {
			d.t.log.Warn("telegram: the old card of a case that has a topic now cannot be removed; remove it by hand", zap.Error(err))
		}
	}
	return true, nil
}

func topicPlace(group, topic int64) string     { return fmt.Sprintf("%d topic %d", group, topic) }
func messagePlace(group, message int64) string { return fmt.Sprintf("%d message %d", group, message) }

// card puts the card up, or brings the one that is there up to date. gone reports that the topic is no longer there.
func (d *Desk) card(ctx context.Context, group int64, person bot.Address, topic, card int64, view talk.CardView) (gone bool, err error) {
	chat := strconv.FormatInt(group, 10)
	parts := split(view.Text, MaxText)
	if card != 0 {
		err := d.t.call.send(ctx, "editMessageText", form(chat, card, parts[0], view.Buttons), nil)
		switch {
		case err == nil, refused(err, "message is not modified"):
			return false, nil
		case !uneditable(err) || ofPlace(err) && !lost(err):
			return false, err
		}
		if topic == thread { // whoever answers the old card must still be understood
			return true, d.place(ctx, person, 0, 0)
		}
	}
	ref, err := d.send(ctx, group, topic, 0, form(chat, 0, parts[0], view.Buttons))
	if lost(err) {
		return true, d.place(ctx, person, 0, 0)
	}
	if err != nil {
		return false, err
	}
	if topic == thread {
		if err := d.t.bot.Remember(ctx, messagePlace(group, ref), person); err != nil {
			return false, err
		}
	}
	return false, d.place(ctx, person, topic, ref)
}

// send sends a form into a topic, or as a reply.
func (d *Desk) send(ctx context.Context, group, topic, reply int64, form []byte) (ref int64, err error) {
	var sent struct {
		ID int64 `json:"message_id"`
	}
	switch {
	case topic > 0:
		form = append(form, "&message_thread_id="+strconv.FormatInt(topic, 10)...)
	case reply > 0:
		form = append(form, "&reply_parameters="...)
		form = escape(form, fmt.Sprintf(`{"message_id":%d}`, reply))
	}
	err = d.t.call.send(ctx, "sendMessage", form, &sent)
	return sent.ID, err
}

// words says something in a case's topic.
func (d *Desk) words(ctx context.Context, group, topic, card int64, m bot.Message) error {
	if m.Media.Kind != "" {
		return d.media(ctx, group, topic, card, m)
	}
	if blank(m.Text) {
		return nil
	}
	parts := split(strings.ToValidUTF8(m.Text, "\uFFFD"), MaxText)
	for i, part := range parts {
		var buttons [][]bot.Button
		if i == len(parts)-1 {
			buttons = m.Buttons
		}
		ref, err := d.send(ctx, group, topic, card, put(strconv.FormatInt(group, 10), part, buttons, m.Human))
		if err != nil {
			return err
		}
		if topic == thread && m.Topic == 0 { // an answer to it is an answer to the case
			if err := d.t.bot.Remember(ctx, messagePlace(group, ref), m.Case); err != nil {
				d.t.log.Warn("a reply to a message may not be understood", zap.Error(err))
			}
		}
	}
	return nil
}

// drop removes what lies at the desk of a conversation that is over for good.
func (d *Desk) drop(ctx context.Context, group int64, m bot.Message) error {
	chat := strconv.FormatInt(group, 10)
	method, params, place := "deleteForumTopic", tgbotapi.Params{"chat_id": chat, "message_thread_id": strconv.FormatInt(m.Topic, 10)}, topicPlace(group, m.Topic)
	if m.Topic == thread {
		if m.Edit == 0 {
			return nil
		}
		method, params, place = "deleteMessage", tgbotapi.Params{"chat_id": chat, "message_id": strconv.FormatInt(m.Edit, 10)}, messagePlace(group, m.Edit)
	}
	err := d.t.call.call(ctx, method, params, nil)
	var e *tgbotapi.Error
	if err != nil && !(errors.As(err, &e) && e.Code == 400 && e.RetryAfter == 0 && e.MigrateToChatID == 0) {
		return err
	}
	if err != nil && !lost(err) && !refused(err, "message to delete not found") {
		d.t.log.Warn("telegram: what lies at the desk cannot be removed; remove it by hand", zap.Error(err))
	}
	return d.t.bot.Unremember(ctx, place)
}

// member reports whether somebody belongs to the group now.
func (d *Desk) member(ctx context.Context, user int64) (bool, error) {
	var found struct {
		Status string `json:"status"`
		Member bool   `json:"is_member"`
	}
	err := d.t.call.call(ctx, "getChatMember", tgbotapi.Params{"chat_id": strconv.FormatInt(d.group(ctx), 10), "user_id": strconv.FormatInt(user, 10)}, &found)
	var e *tgbotapi.Error
	if errors.As(err, &e) && e.Code == 400 && e.MigrateToChatID == 0 {
		d.asked.answered(user, false, time.Now()) // nobody the group knows
		return false, nil
	}
	if err != nil {
		return false, err
	}
	in := found.Member || found.Status == "creator" || found.Status == "administrator" || found.Status == "member"
	d.asked.answered(user, in, time.Now())
	return in, nil
}

// take carries an update of the group through a turn of the conversation it belongs to. With an error Telegram is to send it again.
func (d *Desk) take(ctx context.Context, in *update) (*answer, error) {
	turn, cancel := context.WithTimeout(ctx, handleTime)
	defer cancel()
	switch {
	case in.Callback != nil:
		return d.pressed(turn, in), nil
	case in.Member != nil: // of the bot itself
		select {
		case d.look <- struct{}{}:
		default:
		}
	case in.Members != nil:
		d.asked.changed(in.Members.New.User.ID)
		if s := in.Members.New; s.Status == "left" || s.Status == "kicked" || s.Status == "restricted" && !s.Member {
			return nil, d.vain.again(in, d.left(turn, s.User), membersKept)
		}
	case in.Message != nil && in.Message.MigrateTo != 0:
		err := d.moved(turn, in.Message.MigrateTo)
		if err != nil {
			d.t.log.Warn("telegram: the group has moved, which could not be noted", zap.Error(err))
		}
		return nil, d.vain.again(in, err, membersKept)
	case in.Message != nil && in.Message.Left != nil:
		return nil, d.vain.again(in, d.left(turn, *in.Message.Left), membersKept)
	case in.Message != nil:
		return nil, d.written(turn, in, in.Message)
	case in.Edited != nil:
		return nil, d.written(turn, in, in.Edited)
	}
	return nil, nil
}

// left gives back what somebody held who is no longer in the group.
func (d *Desk) left(ctx context.Context, u user) error {
	err := d.t.bot.MemberLeft(ctx, actor(u), time.Now())
	if err != nil {
		d.t.log.Warn("telegram: a counsellor has left the group, and their account and cases could not be ended yet", zap.Error(err))
	}
	return err
}

// memberEvery is how often the group is asked whether those who have an account by it still belong to it: the update that says so may have
// been missed.
const memberEvery = 5 * time.Minute

// membership asks the group about everybody who has an account by it. Whoever cannot be asked about stays.
func (d *Desk) membership(ctx context.Context) {
	all, err := d.t.bot.Members(ctx)
	if err != nil {
		return // the store is away; the next time
	}
	for _, of := range all {
		id, err := strconv.ParseInt(strings.TrimPrefix(of, Name+":"), 10, 64)
		if err != nil {
			continue
		}
		call, cancel := context.WithTimeout(ctx, 10*time.Second)
		if in, err := d.member(call, id); err == nil && !in {
			d.left(call, user{ID: id}) // the next look tries again
		}
		cancel()
	}
}

func actor(u user) bot.Actor {
	return bot.Actor{ID: Name + ":" + strconv.FormatInt(u.ID, 10), Name: strings.TrimSpace(u.First), User: u.User}
}

// text is a text of the desk, in its language.
func (d *Desk) text(name string) string {
	lib := d.t.bot.Library()
	return lib.Catalog.Language(lib.Catalog.Desk.Language).Text("desk." + name)
}

// whose finds the conversation that a message of the group belongs to.
func (d *Desk) whose(ctx context.Context, m *message) (bot.Address, bool, error) {
	if m.Thread != 0 && m.InTopic {
		if p, ok, err := d.t.bot.Recall(ctx, topicPlace(m.Chat.ID, m.Thread)); ok || err != nil {
			return p, ok, err
		}
	}
	if m.Reply != nil {
		if p, ok, err := d.t.bot.Recall(ctx, messagePlace(m.Chat.ID, m.Reply.ID)); ok || err != nil {
			return p, ok, err
		}
	}
	return d.t.bot.Recall(ctx, messagePlace(m.Chat.ID, m.ID))
}

// pressed carries out a button under a card.
func (d *Desk) pressed(ctx context.Context, in *update) *answer {
	c := in.Callback
	ans := &answer{id: c.ID}
	word, rest, _ := strings.Cut(c.Data, ":")
	if word != "case" || c.Message == nil {
		return ans
	}
	word, arg, _ := strings.Cut(rest, ":")
	person, ok, err := d.whose(ctx, c.Message)
	for i := 0; err == nil && !ok && i < 5; i++ { // somebody is quicker than the note of where the card lies
		if !sleep(ctx, 100*time.Millisecond) {
			break
		}
		person, ok, err = d.whose(ctx, c.Message)
	}
	if err == nil && !ok {
		ans.text = d.text("refused-closed")
		return ans
	}
	if err == nil {
		ok, err = d.member(ctx, c.From.ID)
	}
	switch {
	case err != nil:
		d.t.log.Warn("telegram: a button at the desk could not be carried out", zap.Error(err))
		ans.text = d.text("refused-away")
		return ans
	case !ok:
		ans.text = d.text("refused-member")
		return ans
	}
	reply, err := d.t.bot.Handle(ctx, bot.Update{ID: uint64(*in.ID) + 1, From: person, Kind: bot.Acted, Text: strings.TrimSpace(word + " " + arg), Actor: actor(c.From), At: time.Now()})
	ans.text = reply.Toast
	if err == nil && !reply.Refused && !reply.Repeat {
		act := word
		if word == "say" {
			act = "answer"
		}
		d.did(ctx, actor(c.From), act, person)
		if word == "transfer" || word == "say" { // what was to choose from is used up
			d.remove(ctx, c.Message)
		}
	}
	if err != nil {
		d.t.log.Warn("telegram: a button at the desk could not be carried out", zap.Error(err))
		ans.text = d.text("refused-away")
	}
	return ans
}

// remove takes away a message of ours whose buttons are used up, best effort: pressed again they do no harm.
func (d *Desk) remove(ctx context.Context, m *message) {
	err := d.t.call.call(ctx, "deleteMessage", tgbotapi.Params{"chat_id": strconv.FormatInt(m.Chat.ID, 10), "message_id": strconv.FormatInt(m.ID, 10)}, nil)
	if err != nil {
		d.t.log.Debug("telegram: buttons that are used up cannot be removed", zap.Error(err))
	}
}

// did writes an act into the list of who did what. One that cannot be written there has been done nevertheless.
func (d *Desk) did(ctx context.Context, a bot.Actor, what string, person bot.Address) {
	var about desk.About
	if person != (bot.Address{}) {
		about.Case = d.t.bot.Key(person)
	}
	if what == "transfer" {
		if s, err := d.t.bot.Session(ctx, person); err == nil && s.Case != nil {
			about.Name = s.Case.Name
		}
	}
	if err := d.t.bot.Did(ctx, a, what, about, time.Now()); err != nil {
		d.t.log.Warn("telegram: an act at the desk could not be noted", zap.String("act", what), zap.Error(err))
	}
}

// reply says something short below a message of the group, best effort: whoever wrote it may wait for an answer to what was not passed
// on, so it is tried several times.
func (d *Desk) reply(m *message, text string) {
	go d.t.bot.Guard("reply", func() {
		topic := int64(0)
		if m.InTopic {
			topic = m.Thread
		}
		var err error
		for _, pause := range []time.Duration{time.Second, 5 * time.Second, 15 * time.Second, 0} {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			_, err = d.send(ctx, m.Chat.ID, topic, m.ID, words(strconv.FormatInt(m.Chat.ID, 10), text, false))
			cancel()
			if err == nil || uneditable(err) {
				break
			}
			time.Sleep(pause)
		}
		if err != nil {
			d.t.log.Warn("telegram: an answer at the desk did not arrive", zap.Error(err))
		}
	})
}

// acts are the commands that do what the buttons do.
var acts = map[string]bool{"take": true, "release": true, "transfer": true, "close": true, "reopen": true, "look": true}

// written deals with what somebody writes in the group. With an error it could not be saved, and Telegram is to send it again.
func (d *Desk) written(ctx context.Context, in *update, m *message) error {
	if m.From == nil || m.From.Bot && m.Sender == nil || m.service || strings.HasPrefix(strings.TrimSpace(m.Text), "//") {
		return nil
	}
	if in.Edited != nil && m.Text == "" && m.Location != nil {
		return nil // a place that moves: that this is not passed on was said when it was sent
	}
	command, arg := "", ""
	if strings.HasPrefix(m.Text, "/") {
		command, arg, _ = strings.Cut(m.Text[1:], " ")
		command, _, _ = strings.Cut(command, "@")
		command, arg = strings.ToLower(command), strings.TrimSpace(arg)
	}
	person, ok, err := d.whose(ctx, m)
	if err == nil && !ok && command != "duty" && command != "help" && command != "start" {
		return nil // talk among colleagues
	}
	unsaid := "" // whoever has written words is told that the person does not have them
	if !acts[command] && command != "duty" && command != "help" && command != "start" {
		unsaid = d.text("not-passed") + " "
	}
	if m.Sender != nil {
		d.reply(m, unsaid+d.text("refused-anonymous"))
		return nil
	}
	belongs := false
	if err == nil {
		belongs, err = d.member(ctx, m.From.ID)
	}
	if err == nil && !belongs {
		d.reply(m, unsaid+d.text("refused-member"))
		return nil
	}
	if err == nil {
		err = d.said(ctx, in, m, person, command, arg)
	}
	left := d.vain.again(in, err, wordsKept)
	if err != nil {
		d.t.log.Warn("telegram: what a counsellor wrote could not be passed on", zap.Bool("kept", left != nil), zap.Error(err))
		if left == nil {
			d.reply(m, unsaid+d.text("refused-away"))
		}
	}
	return left
}

// said carries out what a member of the group writes about a case.
func (d *Desk) said(ctx context.Context, in *update, m *message, person bot.Address, command, arg string) (err error) {
	media := m.media()
	u := bot.Update{ID: uint64(*in.ID) + 1, From: person, Actor: actor(*m.From), Aloud: true, At: time.Now()}
	switch {
	case command == "duty":
		return d.duty(ctx, m, u.Actor, arg)
	case command == "help" || command == "start":
		d.reply(m, d.text("desk-help"))
	case acts[command]:
		u.Kind, u.Text = bot.Acted, strings.TrimSpace(command+" "+arg)
		var reply bot.Reply
		if reply, err = d.t.bot.Handle(ctx, u); err == nil && !reply.Refused && !reply.Repeat {
			d.did(ctx, u.Actor, command, person)
		}
	case command != "":
		d.reply(m, d.text("refused-command"))
	case in.unread || m.Text == "" && media.Kind == "":
		d.reply(m, d.text("refused-kind"))
	default:
		u.Kind, u.Text, u.Media = bot.Said, m.Text, media
		if m.Text != "" {
			u.Media = bot.Media{}
		}
		switch mark := "✎ "; {
		case in.Edited != nil && m.Text != "":
			u.Text = mark + u.Text
		case in.Edited != nil:
			u.Media.Caption = mark + u.Media.Caption
		}
		var reply bot.Reply
		reply, err = d.t.bot.Handle(ctx, u)
		if err == nil && !reply.Refused && !reply.Repeat && m.Location != nil && m.Location.Live != 0 {
			d.reply(m, d.text("refused-live"))
		}
	}
	return err
}

// invite answers /desk, which a member of the group writes to the bot in private, with a one-time link to the desk's page. It reports
// false for everybody else: nobody learns that there is such a command. While more strangers write it than the group may be asked
// about, a member about whom it was not asked before is taken for one of them.
func (d *Desk) invite(ctx context.Context, m *message) bool {
	if d == nil || d.Link == nil || m == nil || m.From == nil || m.From.Bot || m.Chat.Type != "private" || strings.TrimSpace(m.Text) != "/desk" {
		return false
	}
	now := time.Now()
	switch in, out := d.asked.known(m.From.ID, now); {
	case out:
		return false
	case in:
		if dropped, _ := d.asked.links.Over(strconv.FormatInt(m.From.ID, 10), now); dropped {
			return true // the links they have just asked for are on their way
		}
	default:
		if dropped, first := d.asked.strangers.Over("", now); dropped {
			if first {
				d.t.log.Warn("telegram: more strangers ask for the desk's page than the group is asked about; a new colleague may have to ask again in a minute")
			}
			return false
		}
	}
	call, cancel := context.WithTimeout(ctx, handleTime)
	defer cancel()
	ok, err := d.member(call, m.From.ID)
	if err == nil && !ok {
		return false
	}
	text := d.text("refused-away")
	if err == nil {
		id := strconv.FormatInt(m.From.ID, 10)
		name := strings.TrimSpace(strings.Map(func(r rune) rune { // what an account's name may hold; the digits keep two of one name apart
			if unicode.IsLetter(r) || r == ' ' {
				return r
			}
			return -1
		}, m.From.First)) + " " + id[max(0, len(id)-5):]
		var link string
		if link, err = d.Link(call, strings.TrimSpace(name), actor(*m.From)); err == nil {
			text = strings.ReplaceAll(d.text("desk-link"), "{link}", link)
		}
	}
	if err != nil {
		d.t.log.Warn("telegram: no link to the desk's page could be made", zap.Error(err))
	}
	d.reply(m, text)
	return true
}

// duty writes somebody into the roster, or tells who is in it.
func (d *Desk) duty(ctx context.Context, m *message, a bot.Actor, arg string) error {
	switch arg {
	case "on", "off":
		if err := d.t.bot.OnDuty(ctx, a, arg == "on"); err != nil {
			return err
		}
		d.did(ctx, a, "duty-"+arg, bot.Address{})
		d.reply(m, strings.ReplaceAll(d.text("duty-"+arg), "{name}", a.Name))
	default:
		r, err := d.t.bot.Roster(ctx)
		if err != nil {
			return err
		}
		var names []string
		for _, x := range r.OnDuty(time.Now()) {
			names = append(names, x.Name)
		}
		if len(names) == 0 {
			d.reply(m, d.text("duty-none"))
			return nil
		}
		d.reply(m, strings.ReplaceAll(d.text("duty-list"), "{names}", strings.Join(names, ", ")))
	}
	return nil
}
