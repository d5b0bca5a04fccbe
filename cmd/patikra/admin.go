package main

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/flood"
	"patikra/bot/library"
	"patikra/content/sheet"
)

// A chore is what staff have done by a command: publish a book, erase a conversation. The embedded store belongs to the program
// that runs, so that one is asked to do it; when none runs, and with Redis, it is done here.
type chore func(ctx context.Context, s *staff, in json.RawMessage) (any, error)

// onlyNoted is a chore that is done elsewhere: it only stands in the list of deeds.
func onlyNoted(context.Context, *desk.Desk, json.RawMessage) (any, error) { return struct{}{}, nil }

// staff is what chores work with.
type staff struct {
	bot   *desk.Desk
	store *opened
	set   settings
}

// ofBot makes a chore of what needs the bot alone.
func ofBot(do func(ctx context.Context, b *desk.Desk, in json.RawMessage) (any, error)) chore {
	return func(ctx context.Context, s *staff, in json.RawMessage) (any, error) { return do(ctx, s.bot, in) }
}

var chores = map[string]chore{"publish": ofBot(publishBook), "books": ofBot(listBooks), "rollback": ofBot(rollbackBook), "erase": ofBot(eraseConversation),
	"backup": ofBot(onlyNoted), "restore": ofBot(onlyNoted), "export": ofBot(exportCase), "report": ofBot(reportDays), "cases": ofBot(reportCases),
	"invite": func(ctx context.Context, s *staff, in json.RawMessage) (any, error) {
		return inviteColleague(ctx, s, in)
	},
	"rotate": func(ctx context.Context, s *staff, in json.RawMessage) (any, error) {
		return rotateKey(ctx, s.store, s.set, in)
	}}

// Limits of a chore.
const (
	choreTime = 15 * time.Second
	choreBody = 8 << 20
	adminPath = "/admin/"
)

// choreAnswer is how the running program answers. One of the two is set.
type choreAnswer struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

func tellChore(w http.ResponseWriter, code int, a choreAnswer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(a)
}

// remote lets chores through for who shows PATIKRA_ADMIN_TOKEN. Without that setting there is no way but the socket. Wrong tries are
// limited by address, and the first of each minute is logged.
func remote(token string, tries *flood.Watch, log *zap.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") == "" && bearer(r, token) {
			next.ServeHTTP(w, r)
			return
		}
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		dropped, first := tries.Over(host, time.Now())
		if !dropped || first {
			log.Warn("a chore was asked for without the right token")
		}
		if dropped {
			w.Header().Set("Retry-After", "60")
			tellChore(w, http.StatusTooManyRequests, choreAnswer{Error: "too many tries; wait a minute"})
			return
		}
		tellChore(w, http.StatusForbidden, choreAnswer{Error: "not allowed; run the command on the program's machine as its user, or set PATIKRA_ADMIN_TOKEN"})
	})
}

// guessed holds up who tries wrong tokens at the metrics, with the same allowance as at the chores. Who shows no token, or the right one, is
// let through to next, which decides.
func guessed(token string, tries *flood.Watch, log *zap.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" || bearer(r, token) {
			next.ServeHTTP(w, r)
			return
		}
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		dropped, first := tries.Over(host, time.Now())
		if !dropped || first {
			log.Warn("the metrics were asked for without the right token")
		}
		if dropped {
			w.Header().Set("Retry-After", "60")
			http.Error(w, "too many tries; wait a minute", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// adminTries is the allowance of wrong tokens of one address, for everything that PATIKRA_ADMIN_TOKEN opens: ten, and one more every five
// seconds.
func adminTries() *flood.Watch { return flood.New(0.2, 10) }

// bearer reports whether a request bears a token; nobody bears an empty one.
func bearer(r *http.Request, token string) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && token != "" && subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1
}

// admin does chores for who is let through to it.
func admin(s *staff, log *zap.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			tellChore(w, http.StatusMethodNotAllowed, choreAnswer{Error: "POST it"})
			return
		}
		name := strings.TrimPrefix(r.URL.Path, adminPath)
		if chores[name] == nil {
			tellChore(w, http.StatusNotFound, choreAnswer{Error: "this program knows no such chore; it is an older one"})
			return
		}
		in, err := io.ReadAll(http.MaxBytesReader(w, r.Body, choreBody))
		if err != nil {
			tellChore(w, http.StatusRequestEntityTooLarge, choreAnswer{Error: "that is too much"})
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), choreTime)
		defer cancel()
		result, err := s.do(ctx, name, in)
		var plain *plainError
		switch {
		case errors.As(err, &plain):
			tellChore(w, http.StatusUnprocessableEntity, choreAnswer{Error: plain.Error()})
		case err != nil:
			log.Warn("a chore could not be done", zap.Error(err))
			tellChore(w, http.StatusServiceUnavailable, choreAnswer{Error: "the store cannot be reached now; try again"})
		default:
			tellChore(w, http.StatusOK, choreAnswer{Result: result})
		}
	})
}

// deed says what a chore is about in the list of who did what. Not worth a line is what shows nothing of people; invitations are noted where
// they are made.
func (s *staff) deed(ctx context.Context, name string, in json.RawMessage) (about desk.About, worth bool) {
	switch name {
	case "erase", "export":
		var r conversation
		if json.Unmarshal(in, &r) == nil {
			if at, err := addressOf(ctx, s.bot, r); err == nil {
				about.Case = s.bot.Key(at)
			}
		}
		return about, true
	case "rotate":
		var step rotation
		return about, json.Unmarshal(in, &step) == nil && step.Begin
	}
	return about, name != "books" && name != "invite"
}

// do does one chore, and notes it.
func (s *staff) do(ctx context.Context, name string, in json.RawMessage) (json.RawMessage, error) {
	about, worth := s.deed(ctx, name, in) // before: afterwards the case may be gone
	out, err := chores[name](ctx, s, in)
	if err != nil {
		return nil, err
	}
	if worth {
		if e, ok := out.(engine.Edition); ok {
			about.Name = e.ID
		}
		if err := s.bot.Did(ctx, bot.Actor{ID: desk.CommandName}, name, about, time.Now()); err != nil {
			return nil, fmt.Errorf("it was done, but could not be noted: %w", err)
		}
	}
	return json.Marshal(out)
}

// plainError is an error that staff can do something about.
type plainError struct{ text string }

func (e *plainError) Error() string { return e.text }

// plainf makes such an error. It passes to the program that asked as it is in English, which draws a sentence without values in its own language.
func plainf(wording sheet.Text, args ...any) error {
	return &plainError{sheet.Say(wording, args...).In(sheet.English)}
}

// have has a chore done with the settings of the environment, and puts its result into out.
func have(ctx context.Context, name string, in, out any) error {
	get, err := environment(".env")
	if err != nil {
		return err
	}
	set, err := read(get)
	if err != nil {
		return sheet.Say("these settings are wrong:\n%v", err)
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, choreTime+5*time.Second)
	defer cancel()
	var result json.RawMessage
	if set.redis == "" {
		result, err = haveProgram(ctx, set, name, body)
	}
	if set.redis != "" || errors.Is(err, errUnanswered) {
		result, err = haveStore(ctx, set, name, body)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(result, out)
}

// haveStore does a chore in the store itself.
func haveStore(ctx context.Context, set settings, name string, in []byte) (json.RawMessage, error) {
	fsys, err := files(set.files)
	if err != nil {
		return nil, sheet.Say("PATIKRA_FILES: the folder cannot be read: %v", err)
	}
	lib, err := library.Open(fsys)
	if err != nil {
		return nil, sheet.Say("the quizzes and texts have mistakes (patikra check lists them):\n%v", err)
	}
	set.existing = true // a command makes no second store
	store, err := openStore(ctx, set)
	if err != nil {
		return nil, sheet.Say("no program answers at its socket in %s (PATIKRA_DATA), and the store cannot be opened: %v", set.data, err)
	}
	defer store.Close()
	b := desk.New(lib, store, store.ring)
	b.Files = fsys
	if err := b.Join(ctx, true); err != nil { // what is the present book there
		return nil, err
	}
	b.Idle, b.Always = set.idle, set.always
	if set.desk != 0 || set.inbox.URL != "" {
		b.Desk = engine.Reach{On: true, Topics: true}
	}
	return (&staff{bot: b, store: store, set: set}).do(ctx, name, in)
}

// errUnanswered says that no program runs that could be asked.
var errUnanswered = errors.New("nothing answers")

// haveProgram asks the program that runs with this data folder.
func haveProgram(ctx context.Context, set settings, name string, in []byte) (json.RawMessage, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://patikra"+adminPath+name, bytes.NewReader(in))
	if err != nil {
		return nil, err
	}
	resp, err := controlClient(set.data).Do(req)
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, sheet.Say("the program's socket in the folder %s cannot be opened; run this as the user that runs the program", set.data)
	case err != nil && ctx.Err() != nil:
		return nil, sheet.Say("the program that has the folder %s does not answer in time", set.data)
	case err != nil:
		return nil, errUnanswered
	}
	defer resp.Body.Close()
	var a choreAnswer
	if err := json.NewDecoder(io.LimitReader(resp.Body, choreBody)).Decode(&a); err != nil {
		return nil, sheet.Text("the program answers in a form that is unknown; it is an older or a later one")
	}
	if a.Error != "" {
		return nil, &plainError{a.Error}
	}
	return a.Result, nil
}
