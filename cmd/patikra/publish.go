package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/content/sheet"
)

// packedBook is a book on its way to the running program.
type packedBook struct {
	Packed []byte `json:"packed"`
}

func publishBook(ctx context.Context, b *desk.Desk, in json.RawMessage) (any, error) {
	var p packedBook
	if err := json.Unmarshal(in, &p); err != nil {
		return nil, plainf("this is no book")
	}
	fsys, err := engine.Unpack(p.Packed)
	if err != nil {
		return nil, plainf("%v", err)
	}
	e, err := b.Shelve(ctx, fsys)
	var mistakes sheet.Problems
	if errors.As(err, &mistakes) {
		return nil, plainf("%v", mistakes)
	}
	return e, err
}

func listBooks(ctx context.Context, b *desk.Desk, _ json.RawMessage) (any, error) {
	list, err := b.Editions(ctx)
	if list == nil {
		list = []engine.Edition{}
	}
	return list, err
}

func rollbackBook(ctx context.Context, b *desk.Desk, in json.RawMessage) (any, error) {
	var id string
	if err := json.Unmarshal(in, &id); err != nil {
		return nil, plainf("name the book by its id")
	}
	e, err := b.Rollback(ctx, id)
	if errors.Is(err, engine.ErrNoBook) {
		return nil, plainf("there is no such book; patikra books lists them")
	}
	return e, err
}

// publishCommand makes a folder of files the book of new conversations.
func publishCommand(ctx context.Context, dir string, out, errs io.Writer) int {
	dir, err := folder(dir)
	if err != nil {
		fail(errs, "publish", err)
		return misuse
	}
	fsys, err := files(dir)
	if err != nil {
		fail(errs, "publish", sheet.Say("the folder %s cannot be read: %v", dir, err))
		return misuse
	}
	l, err := library.Open(fsys)
	if err != nil {
		tellAll(out, err)
		return found
	}
	packed, err := engine.Pack(fsys)
	var e engine.Edition
	if err == nil {
		err = have(ctx, "publish", packedBook{packed}, &e)
	}
	if err != nil {
		fail(errs, "publish", err)
		return found
	}
	tell(out, "new conversations use %s from now; patikra rollback goes back", e.ID)
	sayWaiting(out, l)
	return fine
}

// sayWaiting prints what waits for a translation, a line for each language.
func sayWaiting(out io.Writer, l *library.Library) {
	for _, line := range l.Waiting() {
		tell(out, line)
	}
}

// booksCommand lists the books, the newest first.
func booksCommand(ctx context.Context, asJSON bool, out, errs io.Writer) int {
	list := []engine.Edition{}
	if err := have(ctx, "books", nil, &list); err != nil {
		fail(errs, "books", err)
		return found
	}
	if asJSON {
		json.NewEncoder(out).Encode(list)
		return fine
	}
	for i := len(list) - 1; i >= 0; i-- {
		sign := " "
		if list[i].Current {
			sign = "*"
		}
		fmt.Fprintf(out, "%s %s  %s\n", sign, list[i].ID, list[i].At.Local().Format("2006-01-02 15:04"))
	}
	return fine
}

func rollbackCommand(ctx context.Context, id string, out, errs io.Writer) int {
	var e engine.Edition
	if err := have(ctx, "rollback", id, &e); err != nil {
		fail(errs, "rollback", err)
		return found
	}
	tell(out, "new conversations use %s again, published %s", e.ID, e.At.Local().Format("2006-01-02 15:04"))
	return fine
}
