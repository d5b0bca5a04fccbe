package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/content/sheet"
)

// Times of the books.
const (
	lookEvery   = time.Second      // at the folder of files
	followEvery = 2 * time.Second  // at the store
	renewEvery  = 12 * time.Hour   // the present book's life in the store
	shelveTime  = 10 * time.Second // one attempt
	joinTime    = 2 * time.Second  // at the start, which nobody waits for long
)

// books keeps the running program and the store at the same book: a saved change of the files, SIGHUP, and what other processes
// or staff make the present book. Files that do not load are refused whole, with every mistake in the log, and the running
// version goes on.
func books(ctx context.Context, b *bot.Bot, dir string, files *watch, joined bool, log *zap.Logger) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	look, follow, renew := time.NewTicker(lookEvery), time.NewTicker(followEvery), time.NewTicker(renewEvery)
	defer look.Stop()
	defer follow.Stop()
	defer renew.Stop()
	again := false
	warnOfNumbers(b, log)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			files = newWatch(dir)
			again = !publish(ctx, b, dir, log)
		case <-look.C:
			if saved := files.saved(); saved || again && !files.moving {
				again = !publish(ctx, b, dir, log)
			}
		case <-follow.C:
			if !joined {
				joined = join(ctx, b, dir, log)
				continue
			}
			call, cancel := context.WithTimeout(ctx, shelveTime)
			before := b.Library().Edition
			if err := b.Follow(call); err != nil && ctx.Err() == nil {
				log.Debug("the present book cannot be looked up", zap.Error(err))
			}
			cancel()
			if now := b.Library().Edition; now != before {
				log.Info("another book was made the present one", zap.String("book", now))
			}
		case <-renew.C:
			warnOfNumbers(b, log)
			call, cancel := context.WithTimeout(ctx, shelveTime)
			if err := b.Renew(call); err != nil && ctx.Err() == nil {
				log.Warn("the present book cannot be renewed in the store", zap.Error(err))
			}
			cancel()
		}
	}
}

// join brings the files the program started with together with the store. It reports false when the store is away.
func join(ctx context.Context, b *bot.Bot, dir string, log *zap.Logger) bool {
	call, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	err := b.Join(call, dir == "")
	var mistakes sheet.Problems
	if err != nil && !errors.As(err, &mistakes) {
		log.Debug("the book cannot be saved yet", zap.Error(err))
		return false
	}
	return true
}

// publish makes the files in the folder the present book. It reports false when that should be tried again.
func publish(ctx context.Context, b *bot.Bot, dir string, log *zap.Logger) bool {
	if dir == "" { // the built-in files do not change
		return true
	}
	call, cancel := context.WithTimeout(ctx, shelveTime)
	defer cancel()
	fsys, err := files(dir)
	var e bot.Edition
	if err == nil {
		e, err = b.Shelve(call, fsys)
	}
	var mistakes sheet.Problems
	switch {
	case err == nil:
		log.Info("the files were read again", zap.String("book", e.ID))
	case errors.As(err, &mistakes), errors.Is(err, fs.ErrNotExist):
		log.Error("the files have mistakes and were refused; the running version goes on", zap.Error(err))
	case ctx.Err() == nil:
		log.Warn("the files were read, and cannot be saved yet", zap.Error(err))
		return false
	}
	return true
}

// watch looks at a folder of staff's files for saved changes.
type watch struct {
	dir    string
	seen   uint64
	moving bool // somebody is just saving
}

func newWatch(dir string) *watch { return &watch{dir: dir, seen: fingerprint(dir)} }

// saved looks again, and reports whether something was saved and it has been quiet since the last look.
func (w *watch) saved() bool {
	now := fingerprint(w.dir)
	moved := now != w.seen
	quiet := w.moving && !moved
	w.seen, w.moving = now, moved
	return quiet
}

// fingerprint tells whether anything in a folder of staff's files has changed. 0 for the built-in ones.
func fingerprint(dir string) uint64 {
	if dir == "" {
		return 0
	}
	sum := fnv.New64a()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return sum.Sum64()
	}
	defer root.Close()
	fsys := root.FS()
	bot.Walk(fsys, func(name string, _ fs.DirEntry) error {
		if info, err := fs.Stat(fsys, name); err == nil { // of the file that a link leads to
			fmt.Fprintln(sum, name, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return sum.Sum64()
}
