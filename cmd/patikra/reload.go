package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"

	"patikra/bot/desk"
	"patikra/bot/engine"
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
// version goes on. The folder is looked at beside all else: a network drive that does not answer holds up nothing.
func books(ctx context.Context, b *desk.Desk, dir string, files *watch, joined bool, log *zap.Logger) {
	follow, renew := time.NewTicker(followEvery), time.NewTicker(renewEvery)
	defer follow.Stop()
	defer renew.Stop()
	go b.Keep(ctx, "loop", func(ctx context.Context) { follows(ctx, b, files, log) })
	warnOfNumbers(b, log)
	for {
		select {
		case <-ctx.Done():
			return
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

// follows makes what is saved in the folder the present book, and SIGHUP has it read at once.
func follows(ctx context.Context, b *desk.Desk, files *watch, log *zap.Logger) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	f := follower{files: files, log: log, shelve: b.Shelve}
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			f.files, f.told = newWatch(files.dir), "" // whoever asks is told
			f.publish(ctx)
		case now := <-look.C:
			f.look(ctx, now)
		}
	}
}

// follower takes over what is saved in a folder.
type follower struct {
	files  *watch
	log    *zap.Logger
	shelve func(context.Context, fs.FS) (engine.Edition, error)
	again  bool   // the last attempt failed for a reason that passes
	gone   bool   // it was said that the folder is away
	told   string // the mistakes that were told last
}

// look looks at the folder at a time, and takes over what was saved and has rested.
func (f *follower) look(ctx context.Context, now time.Time) {
	saved := f.files.looked(now)
	switch {
	case f.files.gone:
		if !f.gone {
			f.log.Warn("the folder of the files cannot be read; the running version goes on, and the folder is looked for", zap.Error(f.files.seen.err))
		}
		f.gone = true
	case f.gone:
		f.log.Info("the folder of the files is there again")
		f.gone = false
	}
	if saved || f.again && !f.files.moving {
		f.publish(ctx)
	}
}

// publish makes the files in the folder the present book.
func (f *follower) publish(ctx context.Context) {
	f.again = false
	if f.files.dir == "" { // the built-in files do not change
		return
	}
	call, cancel := context.WithTimeout(ctx, shelveTime)
	defer cancel()
	fsys, err := f.files.snapshot()
	var e engine.Edition
	if err == nil {
		e, err = f.shelve(call, fsys)
	}
	var mistakes sheet.Problems
	switch {
	case err == nil:
		f.told = ""
		f.log.Info("the files were read again", zap.String("book", e.ID))
	case errors.As(err, &mistakes):
		if f.told != err.Error() {
			f.log.Error("the files have mistakes and were refused; the running version goes on", zap.Error(err))
		}
		f.told = err.Error()
	case errors.Is(err, errMoved), errors.Is(err, fs.ErrNotExist):
		f.again = true // the next look sees why
	case ctx.Err() == nil:
		f.log.Warn("the files were read, and cannot be saved yet", zap.Error(err))
		f.again = true
	}
}

// join brings the files the program started with together with the store. It reports false when the store is away.
func join(ctx context.Context, b *desk.Desk, dir string, log *zap.Logger) bool {
	call, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	err := b.Join(call, dir == "")
	var mistakes sheet.Problems
	switch {
	case errors.As(err, &mistakes):
		log.Error("the files were refused, and the book before them goes on", zap.Error(mistakes))
	case err != nil:
		log.Debug("the book cannot be saved yet", zap.Error(err))
		return false
	}
	return true
}
