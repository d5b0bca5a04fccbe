package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/console"
	"patikra/bot/seal"
)

// errUnanswered says that no program runs that could be asked.
var errUnanswered = errors.New("nothing answers")

// invite prints a link that lets a colleague in at the desk. The embedded store belongs to the program that runs, so that one is
// asked; when none runs, and with Redis, the store is opened here.
func invite(ctx context.Context, name, role string, asJSON bool, out, errs io.Writer) int {
	fail := func(code int, err error) int {
		fmt.Fprintln(errs, "patikra invite:", err)
		return code
	}
	asked := console.Asked{Name: name, Role: bot.Role(role)}
	if _, err := bot.GoodName(name); err != nil {
		return fail(misuse, err)
	}
	if role != "" && !asked.Role.Known() {
		return fail(misuse, fmt.Errorf("there is no role %q; write counsellor, lead or editor", role))
	}
	get, err := environment(".env")
	if err != nil {
		return fail(misuse, err)
	}
	set, err := read(get)
	if err != nil {
		return fail(misuse, fmt.Errorf("these settings are wrong:\n%w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	var a console.Answered
	if set.redis == "" {
		a, err = askProgram(ctx, set, asked)
		if errors.Is(err, errUnanswered) {
			if a, err = askStore(ctx, set, asked); err != nil {
				var name *bot.ErrName
				if errors.As(err, &name) {
					return fail(found, name)
				}
				err = fmt.Errorf("nothing answers at %s (PATIKRA_LISTEN), and the store cannot be opened: %w", set.listen, err)
			}
		}
	} else {
		a, err = askStore(ctx, set, asked)
	}
	if err != nil {
		return fail(found, err)
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.Encode(a)
		return fine
	}
	fmt.Fprintln(out, a.Link)
	fmt.Fprintf(errs, "for %s; it works once, until %s\n", a.Name, a.Until)
	return fine
}

// askStore makes the invitation in the store itself.
func askStore(ctx context.Context, set settings, asked console.Asked) (a console.Answered, err error) {
	fsys, err := files(set.files)
	if err != nil {
		return a, fmt.Errorf("PATIKRA_FILES: the folder cannot be read: %w", err)
	}
	lib, err := bot.Open(fsys)
	if err != nil {
		return a, fmt.Errorf("the quizzes and texts have mistakes (patikra check lists them):\n%w", err)
	}
	store, key, _, err := openStore(ctx, set)
	if err != nil {
		return a, err
	}
	defer store.Close()
	ring, err := seal.New(key, set.partitions)
	if err != nil {
		return a, fmt.Errorf("the key: %w", err)
	}
	return console.Invite(ctx, bot.New(lib, store, ring), set.url, asked, time.Now())
}

// askProgram asks the program that runs with these settings.
func askProgram(ctx context.Context, set settings, asked console.Asked) (a console.Answered, err error) {
	token := set.admin
	if token == "" {
		key := set.key
		if key == "" {
			b, err := os.ReadFile(filepath.Join(set.data, keyFile))
			if errors.Is(err, os.ErrNotExist) {
				return a, errUnanswered // no program has run with this folder yet
			}
			if err != nil {
				return a, fmt.Errorf("the key in the folder %s cannot be read; run this as the user that runs the program, or set PATIKRA_ADMIN_TOKEN for both: %w", set.data, err)
			}
			key = strings.TrimSpace(string(b))
		}
		ring, err := seal.New(key, 1) // what it derives does not depend on the partitions
		if err != nil {
			return a, fmt.Errorf("the key: %w", err)
		}
		token = ring.Secret(console.AdminPurpose)
	}
	base, err := nearby(set.listen)
	if err != nil {
		return a, err
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+console.Path+"/admin/invite", bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Client{Timeout: 6 * time.Second}).Do(req)
	if err != nil {
		return a, errUnanswered
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&a); err != nil {
		return a, fmt.Errorf("what answers at %s is not this program, or an older one; PATIKRA_LISTEN should be the address that patikra serve has", set.listen)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	if resp.StatusCode != http.StatusOK || a.Link == "" {
		return a, fmt.Errorf("the program at %s answers %s", set.listen, resp.Status)
	}
	return a, nil
}
