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
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/seal"
)

// A chore is what staff have done by a command: publish a book, erase a conversation. The embedded store belongs to the program
// that runs, so that one is asked to do it; when none runs, and with Redis, it is done here.
type chore func(ctx context.Context, b *bot.Bot, in json.RawMessage) (any, error)

var chores = map[string]chore{"publish": publishBook, "books": listBooks, "rollback": rollbackBook, "erase": eraseConversation, "export": exportCase, "report": reportDays, "cases": reportCases}

// Limits of a chore.
const (
	choreTime = 15 * time.Second
	choreBody = 8 << 20
	adminPath = "/admin/"
)

// adminPurpose derives, from the sealing key, the bearer token with which a command of the same machine has chores done.
const adminPurpose = "chores"

// choreAnswer is how the running program answers. One of the two is set.
type choreAnswer struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// admin does chores for who has the token. Without PATIKRA_ADMIN_TOKEN it is derived from the key and good on this machine only.
func admin(b *bot.Bot, token, derived string, log *zap.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tell := func(code int, a choreAnswer) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(code)
			json.NewEncoder(w).Encode(a)
		}
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			tell(http.StatusMethodNotAllowed, choreAnswer{Error: "POST it"})
			return
		}
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		same := func(with string) bool {
			return with != "" && subtle.ConstantTimeCompare([]byte(bearer), []byte(with)) == 1
		}
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		ip := net.ParseIP(host)
		near := ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
		if r.Header.Get("Origin") != "" || !same(token) && !(near && token == "" && same(derived)) {
			tell(http.StatusForbidden, choreAnswer{Error: "not allowed; run the command with the server's own settings, or set PATIKRA_ADMIN_TOKEN for both"})
			return
		}
		do := chores[strings.TrimPrefix(r.URL.Path, adminPath)]
		if do == nil {
			tell(http.StatusNotFound, choreAnswer{Error: "this program knows no such chore; it is an older one"})
			return
		}
		in, err := io.ReadAll(http.MaxBytesReader(w, r.Body, choreBody))
		if err != nil {
			tell(http.StatusRequestEntityTooLarge, choreAnswer{Error: "that is too much"})
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), choreTime)
		defer cancel()
		out, err := do(ctx, b, in)
		var plain *plainError
		switch {
		case errors.As(err, &plain):
			tell(http.StatusUnprocessableEntity, choreAnswer{Error: plain.Error()})
			return
		case err != nil:
			log.Warn("a chore could not be done", zap.Error(err))
			tell(http.StatusServiceUnavailable, choreAnswer{Error: "the store cannot be reached now; try again"})
			return
		}
		result, err := json.Marshal(out)
		if err != nil {
			tell(http.StatusInternalServerError, choreAnswer{Error: "the answer cannot be written"})
			return
		}
		tell(http.StatusOK, choreAnswer{Result: result})
	})
}

// plainError is an error that staff can do something about.
type plainError struct{ text string }

func (e *plainError) Error() string { return e.text }

func plainf(format string, args ...any) error { return &plainError{fmt.Sprintf(format, args...)} }

// have has a chore done with the settings of the environment, and puts its result into out.
func have(ctx context.Context, name string, in, out any) error {
	get, err := environment(".env")
	if err != nil {
		return err
	}
	set, err := read(get)
	if err != nil {
		return fmt.Errorf("these settings are wrong:\n%w", err)
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
		return nil, fmt.Errorf("PATIKRA_FILES: the folder cannot be read: %w", err)
	}
	lib, err := bot.Open(fsys)
	if err != nil {
		return nil, fmt.Errorf("the quizzes and texts have mistakes (patikra check lists them):\n%w", err)
	}
	store, key, _, err := openStore(ctx, set)
	if err != nil {
		return nil, fmt.Errorf("nothing answers at %s (PATIKRA_LISTEN), and the store cannot be opened: %w", set.listen, err)
	}
	defer store.Close()
	ring, err := seal.New(key, set.partitions)
	if err != nil {
		return nil, fmt.Errorf("the key: %w", err)
	}
	b := bot.New(lib, store, ring)
	b.Files = fsys
	if err := b.Join(ctx, true); err != nil { // what is the present book there
		return nil, err
	}
	b.Idle, b.Always = set.idle, set.always
	if set.desk != 0 || set.inbox.URL != "" {
		b.Desk = bot.Place{On: true, Topics: true}
	}
	out, err := chores[name](ctx, b, in)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// haveProgram asks the program that runs with these settings.
func haveProgram(ctx context.Context, set settings, name string, in []byte) (json.RawMessage, error) {
	token := set.admin
	if token == "" {
		key := set.key
		if key == "" {
			b, err := os.ReadFile(filepath.Join(set.data, keyFile))
			if errors.Is(err, os.ErrNotExist) {
				return nil, errUnanswered // no program has run with this folder yet
			}
			if err != nil {
				return nil, fmt.Errorf("the key in the folder %s cannot be read; run this as the user that runs the program, or set PATIKRA_ADMIN_TOKEN for both: %w", set.data, err)
			}
			key = strings.TrimSpace(string(b))
		}
		ring, err := seal.New(key, 1) // what it derives does not depend on the partitions
		if err != nil {
			return nil, fmt.Errorf("the key: %w", err)
		}
		token = ring.Secret(adminPurpose)
	}
	base, err := nearby(set.listen)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+adminPath+name, bytes.NewReader(in))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("the program at %s does not answer in time", set.listen)
		}
		return nil, errUnanswered
	}
	defer resp.Body.Close()
	var a choreAnswer
	if err := json.NewDecoder(io.LimitReader(resp.Body, choreBody)).Decode(&a); err != nil {
		return nil, fmt.Errorf("what answers at %s is not this program, or an older one; PATIKRA_LISTEN should be the address that patikra serve has", set.listen)
	}
	if a.Error != "" {
		return nil, &plainError{a.Error}
	}
	return a.Result, nil
}
