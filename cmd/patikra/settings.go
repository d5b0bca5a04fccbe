package main

import (
	"errors"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/inbox"
	"patikra/bot/libretranslate"
	"patikra/bot/messenger"
	"patikra/bot/seal"
	"patikra/content/sheet"
)

// setting is one line of the table that `patikra serve --help` prints.
type setting struct{ name, meaning, standard string }

const standardListen = "127.0.0.1:8080"

var table = []setting{
	{"PATIKRA_LISTEN", "address of the web server", standardListen},
	{"PATIKRA_URL", "public base URL", "from the listen address"},
	{"PATIKRA_DATA", "folder of the embedded store", "data"},
	{"PATIKRA_KEY", "sealing key, 32 bytes in base64 (patikra key prints a new one)", "made once into the data folder; required with Redis"},
	{"PATIKRA_KEY_OLD", "the sealing key before, while it is being changed (patikra key rotate) and for certificates signed with it; several with commas", ""},
	{"PATIKRA_FILES", "folder with flows/ and content/ to use instead of the built-in files", "built-in"},
	{"PATIKRA_IDLE", "how long a silent conversation is kept, as 24h or 30m (10m to 168h)", "24h"},
	{"PATIKRA_PARTITIONS", "number of partitions; fixed once the store has data", "64"},
	{"PATIKRA_FLOOD", "updates a second from one person before flood control answers; 0 lifts it, and the limits of the web pages", "2"},
	{"PATIKRA_LOG", "json or console", "json"},
	{"REDIS_URL", "redis://, rediss://, redis+cluster://, redis+sentinel://, or several addresses", "embedded store"},
	{"TELEGRAM_TOKEN", "bot token", "no Telegram"},
	{"TELEGRAM_API", "base URL of the Bot API server", "https://api.telegram.org"},
	{"TELEGRAM_WEBHOOK", "true: register a webhook at PATIKRA_URL/telegram; else long polling", "false"},
	{"TELEGRAM_SECRET", "webhook secret", "derived from the key"},
	{"TELEGRAM_RATE", "messages a second overall / a second in a chat / a minute in a group; 0 lifts a limit", "30/1/20"},
	{"TELEGRAM_DESK", "chat id of the counsellors' group, as -1001234567890", "people get the numbers only"},
	{"PATIKRA_INBOX", "web address of another program in which counsellors answer; cases go there by signed webhook", ""},
	{"PATIKRA_INBOX_SECRET", "signs what goes to the inbox and what comes back, 16 characters or more", ""},
	{"PATIKRA_TRANSLATE", "address of a LibreTranslate server of your own, as http://127.0.0.1:5000; what people write goes there, and counsellors see the machine's words beside it", "nothing is translated"},
	{"PATIKRA_TRANSLATE_KEY", "the key that server asks for", ""},
	{"PATIKRA_DESK_HOURS", "always: the desk is open whatever its hours", "content/desk.yaml"},
	{"PATIKRA_ADMIN_TOKEN", "bearer token of POST /admin/ and, from elsewhere, of /metrics; 16 signs or more; commands on this machine need none", "no /admin/"},
	{"MESSENGER_TOKEN", "page token; it needs the next two", "no Messenger"},
	{"MESSENGER_APP_SECRET", "the app's secret, which signs what comes in", "no Messenger"},
	{"MESSENGER_VERIFY_TOKEN", "a word of your own, written into the webhook's settings too", "no Messenger"},
	{"MESSENGER_API", "base URL of the Graph API", "https://graph.facebook.com"},
	{"MESSENGER_VERSION", "version of the Graph API", "v25.0"},
}

// settings are the environment, read and checked.
type settings struct {
	listen, url, data, key, files, redis, log string
	named                                     bool // PATIKRA_URL was given
	idle                                      time.Duration
	partitions                                int
	flood                                     float64
	token, api, secret                        string
	hook                                      bool
	overall, chat, group                      bot.Pace
	desk                                      int64    // the counsellors' group; 0: none
	always                                    bool     // the desk is open whatever its hours
	older                                     []string // keys before, the latest first
	admin                                     string
	existing                                  bool // a store that is not there is not made
	messenger                                 messenger.Settings
	inbox                                     inbox.Settings
	translate                                 *libretranslate.Client // nil: nothing is translated
	translateURL                              string
}

// lookup reads a variable, or the file that NAME_FILE names, or the .env file.
type lookup func(name string) (string, error)

// environment reads .env (a set variable wins) and returns a lookup.
func environment(dotenv string) (lookup, error) {
	file := map[string]string{}
	data, err := os.ReadFile(dotenv)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, sheet.Say("%s cannot be read: %v", dotenv, err)
	}
	data, not := sheet.Plain(data)
	if not != nil {
		return nil, sheet.Say("%s:%d: %s; %s", dotenv, not.Line, not.Message, not.Remedy)
	}
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export "))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, sheet.Say("%s:%d: this line is no NAME=value; write one, or begin it with #", dotenv, i+1)
		}
		value = strings.TrimSpace(value)
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = value[1 : n-1]
		}
		file[strings.TrimSpace(name)] = value
	}
	get := func(name string) string {
		if v, ok := os.LookupEnv(name); ok {
			return v
		}
		return file[name]
	}
	return func(name string) (string, error) {
		if v := get(name); v != "" {
			return v, nil
		}
		path := get(name + "_FILE")
		if path == "" {
			return "", nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return "", sheet.Say("the file that %s_FILE names cannot be read", name)
		}
		return strings.TrimSpace(string(b)), nil
	}, nil
}

// read checks every setting and returns all mistakes at once.
func read(get lookup) (settings, error) {
	var s settings
	var errs []error
	bad := func(name string, wording sheet.Text, args ...any) {
		errs = append(errs, sheet.Say("%s: %s", name, sheet.Say(wording, args...)))
	}
	text := func(name, standard string) string {
		v, err := get(name)
		if err != nil {
			bad(name, "%v; correct the path, or set %s itself", err, name)
		}
		if v == "" {
			return standard
		}
		return v
	}
	s.listen = text("PATIKRA_LISTEN", standardListen)
	if _, _, err := net.SplitHostPort(s.listen); err != nil {
		bad("PATIKRA_LISTEN", "%q is no address; write host:port, as 127.0.0.1:8080", s.listen)
	}
	s.named = text("PATIKRA_URL", "") != ""
	s.url = strings.TrimSuffix(text("PATIKRA_URL", "http://"+s.listen), "/")
	if u, err := url.Parse(s.url); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		bad("PATIKRA_URL", "this is no web address; write https://host")
	}
	s.data, s.files = text("PATIKRA_DATA", "data"), text("PATIKRA_FILES", "")
	s.redis, s.key = text("REDIS_URL", ""), text("PATIKRA_KEY", "")
	switch _, err := seal.New(s.key, 1); {
	case s.key == "" && s.redis != "":
		bad("PATIKRA_KEY", "is required with Redis; patikra key prints one, keep it where the data is not")
	case s.key != "" && err != nil:
		bad("PATIKRA_KEY", "this is no key of 32 bytes in base64; patikra key prints one")
	}
	for _, k := range strings.Split(text("PATIKRA_KEY_OLD", ""), ",") {
		if k = strings.TrimSpace(k); k == "" {
			continue
		}
		if _, err := seal.New(k, 1); err != nil {
			bad("PATIKRA_KEY_OLD", "this is no key of 32 bytes in base64; write the key that PATIKRA_KEY was before")
		}
		s.older = append(s.older, k)
	}
	s.log = text("PATIKRA_LOG", "json")
	if s.log != "json" && s.log != "console" {
		bad("PATIKRA_LOG", "write json or console")
	}
	var err error
	if s.idle, err = time.ParseDuration(text("PATIKRA_IDLE", "24h")); err != nil || s.idle < 10*time.Minute || s.idle > 168*time.Hour {
		bad("PATIKRA_IDLE", "write a time from 10m to 168h, as 24h")
	}
	if s.partitions, err = strconv.Atoi(text("PATIKRA_PARTITIONS", "64")); err != nil || s.partitions < 1 || s.partitions > 4096 {
		bad("PATIKRA_PARTITIONS", "write a whole number from 1 to 4096")
	}
	if s.flood, err = strconv.ParseFloat(text("PATIKRA_FLOOD", "2"), 64); err != nil || s.flood < 0 || s.flood > 1e6 {
		bad("PATIKRA_FLOOD", "write updates a second, as 2; 0 lifts the limit")
	}
	s.token, s.api = text("TELEGRAM_TOKEN", ""), text("TELEGRAM_API", "https://api.telegram.org")
	if s.token != "" && strings.ContainsAny(s.token, " \t/?#%") {
		bad("TELEGRAM_TOKEN", "holds a character that no token has; copy it again from BotFather")
	}
	if u, err := url.Parse(s.api); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		bad("TELEGRAM_API", "this is no web address; write http://host:port or https://host")
	}
	if s.hook, err = strconv.ParseBool(text("TELEGRAM_WEBHOOK", "false")); err != nil {
		bad("TELEGRAM_WEBHOOK", "write true or false")
	}
	s.secret = text("TELEGRAM_SECRET", "")
	if len(s.secret) > 256 || strings.Trim(s.secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		bad("TELEGRAM_SECRET", "write 1 to 256 letters, digits, _ or -")
	}
	if v := text("TELEGRAM_DESK", ""); v != "" {
		if s.desk, err = strconv.ParseInt(v, 10, 64); err != nil || s.desk >= 0 {
			bad("TELEGRAM_DESK", "write the group's id, a negative number such as -1001234567890")
		}
		if s.token == "" {
			bad("TELEGRAM_DESK", "needs TELEGRAM_TOKEN; the bot writes into the group")
		}
	}
	s.inbox = inbox.Settings{URL: text("PATIKRA_INBOX", ""), Secret: text("PATIKRA_INBOX_SECRET", "")}
	if s.inbox.URL != "" {
		if u, err := url.Parse(s.inbox.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			bad("PATIKRA_INBOX", "this is no web address; write https://host/path")
		}
		if len(s.inbox.Secret) < 16 {
			bad("PATIKRA_INBOX_SECRET", "write 16 characters or more; patikra key prints a good one")
		}
		if s.desk != 0 {
			bad("PATIKRA_INBOX", "choose one desk: this, or TELEGRAM_DESK")
		}
	}
	if s.translateURL = text("PATIKRA_TRANSLATE", ""); s.translateURL != "" {
		var err error
		if s.translate, err = libretranslate.New(s.translateURL, text("PATIKRA_TRANSLATE_KEY", "")); err != nil {
			bad("PATIKRA_TRANSLATE", "this is no web address; write http://host:port")
		}
	}
	switch v := text("PATIKRA_DESK_HOURS", ""); v {
	case "", "file":
	case "always":
		s.always = true
	default:
		bad("PATIKRA_DESK_HOURS", "write always, or leave it out for the hours of content/desk.yaml")
	}
	if s.admin = text("PATIKRA_ADMIN_TOKEN", ""); s.admin != "" && (len(s.admin) < 16 || strings.ContainsFunc(s.admin, func(r rune) bool { return r <= ' ' || r > '~' })) {
		bad("PATIKRA_ADMIN_TOKEN", "write at least 16 letters, digits and signs, without spaces")
	}
	s.overall, s.chat, s.group, err = rates(text("TELEGRAM_RATE", "30/1/20"))
	if err != nil {
		bad("TELEGRAM_RATE", "%v", err)
	}
	s.messenger = messenger.Settings{Token: text("MESSENGER_TOKEN", ""), AppSecret: text("MESSENGER_APP_SECRET", ""),
		VerifyToken: text("MESSENGER_VERIFY_TOKEN", ""), API: text("MESSENGER_API", "https://graph.facebook.com"),
		Version: text("MESSENGER_VERSION", "v25.0"), Flood: s.flood}
	secrets := []struct{ name, value string }{{"MESSENGER_TOKEN", s.messenger.Token}, {"MESSENGER_APP_SECRET", s.messenger.AppSecret}, {"MESSENGER_VERIFY_TOKEN", s.messenger.VerifyToken}}
	some := s.messenger.Token + s.messenger.AppSecret + s.messenger.VerifyToken
	for _, secret := range secrets {
		if secret.value == "" && some != "" {
			bad(secret.name, "is missing; Messenger needs MESSENGER_TOKEN, MESSENGER_APP_SECRET and MESSENGER_VERIFY_TOKEN together")
		}
	}
	if strings.ContainsFunc(s.messenger.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		bad("MESSENGER_TOKEN", "holds a character that no token has; copy it again from the app's page")
	}
	if u, err := url.Parse(s.messenger.API); err != nil || u.Host == "" || u.RawQuery != "" || u.Scheme != "http" && u.Scheme != "https" {
		bad("MESSENGER_API", "this is no web address; write http://host:port or https://host")
	}
	if !graphVersion.MatchString(s.messenger.Version) {
		bad("MESSENGER_VERSION", "write v and two numbers, as v25.0")
	}
	return s, errors.Join(errs...)
}

var graphVersion = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)

// burst is how many messages may go to one chat at once, so that quick tapping feels quick.
const burst = 3

// rates reads "30/1/20": a second overall, a second in a chat, a minute in a group.
func rates(v string) (overall, chat, group bot.Pace, err error) {
	parts := strings.Split(v, "/")
	if len(parts) != 3 {
		return overall, chat, group, sheet.Text("write three numbers, as 30/1/20; 0 lifts a limit")
	}
	var n [3]float64
	for i, p := range parts {
		if n[i], err = strconv.ParseFloat(p, 64); err != nil || n[i] < 0 || n[i] > 1e6 {
			return overall, chat, group, sheet.Text("write three numbers, as 30/1/20; 0 lifts a limit")
		}
	}
	if n[0] > 0 {
		// A part is left free, so that a stall of the machine, after which messages leave closer together, does not
		// bring more into one second than the limit.
		overall = bot.Pace{Interval: time.Duration(float64(time.Second) / (n[0] * 0.85)), Burst: max(1, int(n[0]*0.07))}
	}
	if n[1] > 0 {
		chat = bot.Pace{Interval: time.Duration(float64(time.Second) / n[1]), Burst: burst}
	}
	if n[2] > 0 {
		// In any minute: the burst, and what the interval lets through. Together they stay below the limit.
		group = bot.Pace{Interval: time.Duration(float64(time.Minute) / (n[2] * 0.55)), Burst: max(1, int(n[2]*0.4))}
	}
	return overall, chat, group, nil
}

// strangers lists the names in the environment and in .env that begin as ours do and mean nothing, each with the name that may
// have been meant.
func strangers(dotenv string, environ []string) []string {
	given := environ
	data, _ := os.ReadFile(dotenv)
	for line := range strings.Lines(string(data)) {
		given = append(given, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export ")))
	}
	var out []string
	for _, pair := range given {
		name, _, ok := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		base := strings.TrimSuffix(name, "_FILE")
		known := slices.ContainsFunc(table, func(s setting) bool { return s.name == name || s.name == base })
		if !ok || known || !strings.HasPrefix(name, "PATIKRA_") {
			continue
		}
		text := name
		if like := nearest(name); like != "" {
			text += " (did you mean " + like + "?)"
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// nearest is the setting whose name differs least, empty when none is like it.
func nearest(name string) string {
	best, least := "", 4
	for _, s := range table {
		if d := distance(name, s.name); d < least {
			best, least = s.name, d
		}
	}
	return best
}

// distance is how many letters are to be put in, taken out or changed to make one word of another (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			before, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, before+cost)
		}
	}
	return row[len(b)]
}
