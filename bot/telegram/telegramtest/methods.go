package telegramtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxText    = 4096 // UTF-16 units
	maxCaption = 1024
	maxNotice  = 200
	deletable  = 48 * time.Hour
)

// query is a pressed button that waits for its answer.
type query struct {
	id       string
	chat     *chat
	at       time.Time
	handed   int // how often it was delivered
	answered int
}

// Command of the bot's menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// method carries out a call whose parameters fit the Bot API, under the lock.
type method func(s *Server, p params, files files) (any, error)

// offered are the methods of this server, beside getUpdates.
func offered() map[string]method {
	return map[string]method{
		"getMe":                  (*Server).getMe,
		"setWebhook":             (*Server).setWebhook,
		"deleteWebhook":          (*Server).deleteWebhook,
		"getWebhookInfo":         (*Server).getWebhookInfo,
		"sendMessage":            (*Server).sendMessage,
		"editMessageText":        (*Server).editMessageText,
		"editMessageReplyMarkup": (*Server).editMessageReplyMarkup,
		"deleteMessage":          (*Server).deleteMessage,
		"deleteMessages":         (*Server).deleteMessages,
		"answerCallbackQuery":    (*Server).answerCallbackQuery,
		"sendChatAction":         (*Server).sendChatAction,
		"sendPhoto":              (*Server).sendPhoto,
		"sendDocument":           (*Server).sendDocument,
		"sendVoice":              (*Server).sendVoice,
		"sendAudio":              (*Server).sendAudio,
		"sendVideo":              (*Server).sendVideo,
		"sendAnimation":          (*Server).sendAnimation,
		"sendVideoNote":          (*Server).sendVideoNote,
		"sendSticker":            (*Server).sendSticker,
		"sendLocation":           (*Server).sendLocation,
		"sendVenue":              (*Server).sendVenue,
		"sendContact":            (*Server).sendContact,
		"editMessageCaption":     (*Server).editMessageCaption,
		"getFile":                (*Server).getFile,
		"pinChatMessage":         (*Server).pinChatMessage,
		"unpinChatMessage":       (*Server).unpinChatMessage,
		"copyMessage":            (*Server).copyMessage,
		"getChatMember":          (*Server).getChatMember,
		"getChatAdministrators":  (*Server).getChatAdministrators,
		"createForumTopic":       (*Server).createForumTopic,
		"editForumTopic":         (*Server).editForumTopic,
		"closeForumTopic":        (*Server).closeForumTopic,
		"reopenForumTopic":       (*Server).reopenForumTopic,
		"deleteForumTopic":       (*Server).deleteForumTopic,
		"getChat":                (*Server).getChat,
		"setMyCommands":          (*Server).setMyCommands,
		"getMyCommands":          (*Server).getMyCommands,
		"deleteMyCommands":       (*Server).deleteMyCommands,
	}
}

// int reads an Integer that has been checked; absent is 0.
func (p params) int(name string) int64 {
	n, _ := strconv.ParseInt(p[name], 10, 64)
	return n
}

// execute checks a call against the Bot API and carries it out.
func (s *Server) execute(ctx context.Context, method string, p params, files files) (any, error) {
	if spec().Methods[method] == nil {
		return nil, &refusal{code: 404, text: "Not Found: method not found"}
	}
	if err := spec().check(method, p, files); err != nil {
		return nil, bad("%v", err)
	}
	if err := absent(method, p, files); err != nil {
		return nil, err
	}
	if method == "getUpdates" {
		return s.getUpdates(ctx, p)
	}
	do := s.methods[method]
	if do == nil {
		return nil, bad("%s is not supported by the fake", method)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return do(s, p, files)
}

// absent refuses a call without a parameter that must be there, in Telegram's words.
func absent(method string, p params, files files) error {
	name := spec().missing(method, p, files)
	_, given := p[name]
	switch {
	case name == "", method == "setWebhook" && given: // an empty address removes the webhook
		return nil
	case name == "chat_id":
		return bad("chat_id is empty")
	case name == "text":
		return bad("message text is empty")
	case name == "message_id":
		return bad("message identifier is not specified")
	case slices.Contains(attachable, name):
		return bad("there is no %s in the request", strings.ReplaceAll(name, "_", " "))
	case name == "name":
		return bad("title must be non-empty")
	case name == "message_ids":
		return bad("message identifiers are not specified")
	case name == "callback_query_id":
		return bad("query is too old and response timeout expired or query ID is invalid")
	}
	return bad("parameter %q is required", name)
}

func (s *Server) getMe(params, files) (any, error) {
	o, all := me(), true // privacy mode is one setting for all groups; here it is on when it is on somewhere
	for _, c := range s.chats {
		all = all && (c.private() || c.bot.SeesAll)
	}
	for k, v := range map[string]bool{"can_join_groups": true, "can_read_all_group_messages": all, "supports_inline_queries": false,
		"can_connect_to_business": false, "has_main_web_app": false} {
		o[k] = v
	}
	return o, nil
}

var secretToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

func (s *Server) setWebhook(p params, files files) (any, error) {
	if p["url"] == "" {
		return s.deleteWebhook(p, files)
	}
	u, err := url.Parse(p["url"])
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, bad("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if secret, given := p["secret_token"]; given && secret != "" && !secretToken.MatchString(secret) {
		if len(secret) > 256 {
			return nil, bad("secret token is too long")
		}
		return nil, bad("secret token contains unallowed characters")
	}
	most := 40
	if p["max_connections"] != "" {
		most = int(p.int("max_connections"))
	}
	if most < 1 || most > 100 {
		return nil, bad("max_connections must be 1-100")
	}
	if err := s.allow(p); err != nil {
		return nil, err
	}
	if p["drop_pending_updates"] == "true" {
		s.updates.queue = nil
	}
	s.interrupt("terminated by setWebhook request")
	text := "Webhook was set"
	if s.hook != nil && s.hook.URL == p["url"] {
		text = "Webhook is already set"
	}
	s.hook = &Hook{URL: p["url"], Secret: p["secret_token"], Most: most}
	s.notify()
	s.pump()
	return done{true, text}, nil
}

func (s *Server) deleteWebhook(p params, _ files) (any, error) {
	if p["drop_pending_updates"] == "true" {
		s.updates.queue = nil
	}
	text := "Webhook was deleted"
	if s.hook == nil {
		text = "Webhook is already deleted"
	}
	s.hook = nil
	s.notify()
	return done{true, text}, nil
}

func (s *Server) getWebhookInfo(params, files) (any, error) {
	o := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": len(s.updates.queue)}
	if s.updates.allowed != nil {
		o["allowed_updates"] = sorted(s.updates.allowed)
	}
	if s.hook != nil {
		o["url"], o["max_connections"] = s.hook.URL, s.hook.Most
		if s.trouble != "" {
			o["last_error_date"], o["last_error_message"] = s.troubled.Unix(), s.trouble
		}
	}
	return o, nil
}

// chat finds the chat that a call is about.
func (s *Server) chat(p params) (*chat, error) {
	if p["chat_id"] == "" {
		return nil, bad("chat_id is empty")
	}
	c := s.chats[p.int("chat_id")]
	if c == nil {
		return nil, bad("chat not found")
	}
	return c, nil
}

// writable finds the chat that a call is about, if the bot may write there.
func (s *Server) writable(p params) (*chat, error) {
	c, err := s.chat(p)
	switch {
	case err != nil:
		return nil, err
	case c.deleted:
		return nil, forbidden("user is deactivated")
	case c.blocked && c.private():
		return nil, forbidden("bot was blocked by the user")
	case c.private() && !c.started:
		return nil, forbidden("bot can't initiate conversation with a user")
	case !c.private():
		return c, c.present()
	}
	return c, nil
}

// text reads a text with its markup.
func text(p params) (string, []Entity, error) {
	plain, entities, err := marked(p, "text", "entities")
	switch {
	case err != nil:
		return "", nil, err
	case plain == "":
		return "", nil, bad("message text is empty")
	case length(plain) > maxText:
		return "", nil, bad("message is too long")
	}
	return plain, entities, nil
}

// caption reads a caption with its markup.
func caption(p params) (string, []Entity, error) {
	plain, entities, err := marked(p, "caption", "caption_entities")
	if err == nil && length(plain) > maxCaption {
		err = bad("message caption is too long")
	}
	return plain, entities, err
}

// marked reads a text that may be empty, with its markup.
func marked(p params, name, list string) (string, []Entity, error) {
	plain, entities := p[name], []Entity(nil)
	switch mode := strings.ToLower(p["parse_mode"]); mode {
	case "":
		if p[list] != "" {
			json.Unmarshal([]byte(p[list]), &entities)
		}
	case "html":
		var err error
		if plain, entities, err = parseHTML(plain); err != nil {
			return "", nil, bad("can't parse entities: %v", err)
		}
	case "markdown", "markdownv2":
		return "", nil, bad("parse_mode %s is not supported by the fake", p["parse_mode"])
	default:
		return "", nil, bad("unsupported parse_mode")
	}
	plain, entities = trim(plain, entities)
	return plain, entities, nil
}

// pass lets a message through the limits, or says how long to wait.
func (s *Server) pass(c *chat) error {
	if !s.opt.Limits {
		return nil
	}
	now := s.opt.Now()
	overall, own := s.overall.frozen, c.limit.frozen
	if n := s.overall.wait(now); n > 0 {
		if s.overall.frozen != overall {
			s.excesses = append(s.excesses, fmt.Sprintf("%s: over all chats, the %s", now.Format("15:04:05.000"), s.overall.full(now)))
		}
		return later(n)
	}
	if n := c.limit.wait(now); n > 0 {
		if c.limit.frozen != own {
			s.excesses = append(s.excesses, fmt.Sprintf("%s: in the %s chat %d, the %s", now.Format("15:04:05.000"), c.kind, c.id, c.limit.full(now)))
		}
		return later(n)
	}
	s.overall.take(now)
	c.limit.take(now)
	return nil
}

func (s *Server) sendMessage(p params, _ files) (any, error) {
	c, err := s.writable(p)
	if err != nil {
		return nil, err
	}
	plain, entities, err := text(p)
	if err != nil {
		return nil, err
	}
	rows, markup, err := keyboard(p["reply_markup"])
	if err != nil {
		return nil, err
	}
	m := &message{kind: "text", text: plain, entities: entities, rows: rows, markup: markup}
	if err := s.send(c, m, p); err != nil {
		return nil, err
	}
	return c.message(m), nil
}

// send puts a message of the bot where the call wants it, if the topic, the message it answers and the limits allow.
func (s *Server) send(c *chat, m *message, p params) error {
	for _, name := range []string{"business_connection_id", "direct_messages_topic_id", "message_effect_id", "suggested_post_parameters"} {
		if p[name] != "" {
			return bad("%s is not supported by the fake", name)
		}
	}
	m.from, m.sender, m.bot, m.date, m.protected = me(), botID, true, s.opt.Now(), p["protect_content"] == "true"
	if err := c.locate(m, p.int("message_thread_id")); err != nil {
		return err
	}
	if p["reply_parameters"] != "" {
		var to struct {
			ID      int64           `json:"message_id"`
			Chat    json.RawMessage `json:"chat_id"`
			Without bool            `json:"allow_sending_without_reply"`
		}
		json.Unmarshal([]byte(p["reply_parameters"]), &to)
		if there := strings.Trim(string(to.Chat), `"`); there != "" && there != strconv.FormatInt(c.id, 10) {
			return bad("a reply to another chat is not supported by the fake")
		}
		if old := c.find(to.ID); old != nil {
			c.answer(m, old)
		} else if !to.Without {
			return bad("message to be replied not found")
		}
	}
	if err := c.open(m.thread, c.bot.manages()); err != nil {
		return err
	}
	if err := s.pass(c); err != nil {
		return err
	}
	c.add(m)
	c.shown++
	c.note("send %d: %s", m.id, flat(m.view()))
	s.notify()
	return nil
}

// flat writes a message in one line.
func flat(v View) string { return strings.ReplaceAll(v.String(), "\n", " / ") }

// editable finds the message that a call is to change.
func (s *Server) editable(p params) (*chat, *message, error) {
	if p["inline_message_id"] != "" || p["business_connection_id"] != "" {
		return nil, nil, bad("inline and business messages are not supported by the fake")
	}
	c, err := s.writable(p)
	if err != nil {
		return nil, nil, err
	}
	if p.int("message_id") == 0 {
		return nil, nil, bad("message identifier is not specified")
	}
	m := c.find(p.int("message_id"))
	switch {
	case m == nil:
		return nil, nil, bad("message to edit not found")
	case !m.bot:
		return nil, nil, bad("message can't be edited")
	}
	return c, m, nil
}

func (s *Server) editMessageText(p params, _ files) (any, error) {
	c, m, err := s.editable(p)
	if err != nil {
		return nil, err
	}
	if p["rich_message"] != "" {
		return nil, bad("rich_message is not supported by the fake")
	}
	if m.kind != "text" {
		return nil, bad("there is no text in the message to edit")
	}
	next := *m
	if next.text, next.entities, err = text(p); err != nil {
		return nil, err
	}
	return s.edit(c, m, next, p)
}

func (s *Server) editMessageCaption(p params, _ files) (any, error) {
	c, m, err := s.editable(p)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(captioned, m.kind) {
		return nil, bad("there is no caption in the message to edit")
	}
	next := *m
	if next.text, next.entities, err = caption(p); err != nil {
		return nil, err
	}
	return s.edit(c, m, next, p)
}

func (s *Server) editMessageReplyMarkup(p params, _ files) (any, error) {
	c, m, err := s.editable(p)
	if err != nil {
		return nil, err
	}
	return s.edit(c, m, *m, p)
}

// edit puts next in place of m, with the keyboard that the call gives.
func (s *Server) edit(c *chat, m *message, next message, p params) (any, error) {
	var err error
	if next.rows, next.markup, err = keyboard(p["reply_markup"]); err != nil {
		return nil, err
	}
	if next.text == m.text && reflect.DeepEqual(next.entities, m.entities) && string(next.markup) == string(m.markup) {
		return nil, bad("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if err := s.pass(c); err != nil {
		return nil, err
	}
	next.edited = s.opt.Now()
	*m = next
	c.shown++
	c.note("edit %d: %s", m.id, flat(m.view()))
	s.notify()
	return c.message(m), nil
}

func (s *Server) deleteMessage(p params, _ files) (any, error) {
	c, err := s.chat(p)
	if err != nil {
		return nil, err
	}
	if c.find(p.int("message_id")) == nil {
		return nil, bad("message to delete not found")
	}
	return s.delete(c, []int64{p.int("message_id")})
}

func (s *Server) deleteMessages(p params, _ files) (any, error) {
	c, err := s.chat(p)
	if err != nil {
		return nil, err
	}
	var ids []int64
	json.Unmarshal([]byte(p["message_ids"]), &ids)
	switch {
	case len(ids) == 0:
		return nil, bad("message identifiers are not specified")
	case len(ids) > 100:
		return nil, bad("too many message identifiers specified")
	}
	return s.delete(c, ids)
}

// delete removes messages: all of them, or none when one is too old. Those that are gone already are passed over.
func (s *Server) delete(c *chat, ids []int64) (any, error) {
	if !c.private() {
		if err := c.present(); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if id <= 0 {
			return nil, bad("invalid message identifier specified")
		}
		if m := c.find(id); m != nil && !c.private() && (m.kind == "forum_topic_created" || !m.bot && !c.bot.deletes(c)) {
			return nil, bad("message can't be deleted")
		}
		if m := c.find(id); m != nil && s.opt.Now().Sub(m.date) >= deletable {
			return nil, bad("message can't be deleted for everyone")
		}
	}
	for _, id := range ids {
		if c.remove(id) {
			c.note("delete %d", id)
		}
	}
	s.notify()
	return true, nil
}

func (s *Server) answerCallbackQuery(p params, _ files) (any, error) {
	switch {
	case length(p["text"]) > maxNotice:
		return nil, bad("MESSAGE_TOO_LONG")
	case p["url"] != "":
		return nil, bad("URL_INVALID")
	case p.int("cache_time") < 0:
		return nil, bad("cache_time must not be negative")
	}
	q := s.queries[p["callback_query_id"]]
	if q == nil || s.opt.Now().Sub(q.at) > s.opt.QueryLife || q.answered >= max(q.handed, 1) {
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	}
	q.answered++
	if q.chat != nil && p["text"] != "" {
		q.chat.notices = append(q.chat.notices, p["text"])
		q.chat.shown++
		q.chat.note("notice: %s", p["text"])
	}
	s.notify()
	return true, nil
}

var chatActions = []string{"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
	"choose_sticker", "find_location", "record_video_note", "upload_video_note"}

func (s *Server) sendChatAction(p params, _ files) (any, error) {
	c, err := s.writable(p)
	if err != nil {
		return nil, err
	}
	if err := c.locate(&message{}, p.int("message_thread_id")); err != nil {
		return nil, err
	}
	if !slices.Contains(chatActions, p["action"]) {
		return nil, bad("wrong parameter action in request")
	}
	return true, nil
}

func (s *Server) getChat(p params, _ files) (any, error) {
	c, err := s.chat(p)
	if err != nil {
		return nil, err
	}
	if c.private() && !c.started {
		return nil, bad("chat not found")
	}
	o := c.object()
	if !c.private() {
		if err := c.present(); err != nil {
			return nil, err
		}
		if n := len(c.pins); n > 0 && c.find(c.pins[n-1]) != nil {
			o["pinned_message"] = c.alone(c.find(c.pins[n-1]))
		}
	}
	o["accent_color_id"], o["max_reaction_count"] = 0, 11
	o["accepted_gift_types"] = map[string]bool{"unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false,
		"premium_subscription": false, "gifts_from_channels": false}
	return o, nil
}

var (
	commandName  = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	languageCode = regexp.MustCompile(`^[a-z]{2}$`)
)

func commandKey(scope string, chat, user int64, language string) string {
	return strings.Join([]string{scope, strconv.FormatInt(chat, 10), strconv.FormatInt(user, 10), language}, " ")
}

// commandList finds which list of commands a call is about.
func (s *Server) commandList(p params) (string, error) {
	scope := struct {
		Type string
		Chat int64           `json:"-"`
		Name json.RawMessage `json:"chat_id"` // a number, or a number in quotes
		User int64           `json:"user_id"`
	}{Type: "default"}
	if p["scope"] != "" {
		json.Unmarshal([]byte(p["scope"]), &scope)
		scope.Chat, _ = strconv.ParseInt(strings.Trim(string(scope.Name), `"`), 10, 64)
	}
	switch scope.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		if scope.Chat != 0 || scope.User != 0 {
			return "", bad("can't parse BotCommandScope: %s takes no chat", scope.Type)
		}
	case "chat", "chat_administrators", "chat_member":
		c := s.chats[scope.Chat]
		if c == nil {
			return "", bad("chat not found")
		}
		if !c.private() {
			if err := c.present(); err != nil {
				return "", err
			}
		}
		if (scope.Type == "chat_member") != (scope.User != 0) {
			return "", bad("can't parse BotCommandScope: user_id goes with chat_member")
		}
	default:
		return "", bad("can't parse BotCommandScope: Unsupported type specified")
	}
	if l := p["language_code"]; l != "" && !languageCode.MatchString(l) {
		return "", bad("invalid language code specified")
	}
	return commandKey(scope.Type, scope.Chat, scope.User, p["language_code"]), nil
}

func (s *Server) setMyCommands(p params, _ files) (any, error) {
	key, err := s.commandList(p)
	if err != nil {
		return nil, err
	}
	var list []Command
	if err := json.Unmarshal([]byte(p["commands"]), &list); err != nil {
		return nil, bad("can't parse commands: %v", err)
	}
	seen := map[string]bool{}
	for _, c := range list {
		switch n := length(strings.TrimSpace(c.Description)); {
		case !commandName.MatchString(c.Command), seen[c.Command]:
			return nil, bad("BOT_COMMAND_INVALID")
		case n < 1 || n > 256:
			return nil, bad("BOT_COMMAND_DESCRIPTION_INVALID")
		}
		seen[c.Command] = true
	}
	switch {
	case len(list) == 0:
		return nil, bad("commands must be 1-100: deleteMyCommands removes them")
	case len(list) > 100:
		return nil, bad("BOT_COMMANDS_TOO_MUCH")
	}
	s.commands[key] = list
	s.notify()
	return true, nil
}

func (s *Server) getMyCommands(p params, _ files) (any, error) {
	key, err := s.commandList(p)
	if err != nil {
		return nil, err
	}
	return append([]Command{}, s.commands[key]...), nil
}

func (s *Server) deleteMyCommands(p params, _ files) (any, error) {
	key, err := s.commandList(p)
	if err != nil {
		return nil, err
	}
	delete(s.commands, key)
	return true, nil
}
