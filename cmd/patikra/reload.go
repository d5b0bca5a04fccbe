package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"go.uber.org/zap"

	"patikra/bot"
)

// reloadOnSignal reads the staff's files again on SIGHUP. Files that do not load are refused
// whole, with every mistake in the log, and the running version goes on.
func reloadOnSignal(ctx context.Context, b *bot.Bot, dir string, log *zap.Logger) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			reload(b, dir, log)
		}
	}
}

func reload(b *bot.Bot, dir string, log *zap.Logger) {
	fsys, err := files(dir)
	if err == nil {
		var l *bot.Library
		if l, err = bot.Open(fsys); err == nil {
			b.Publish(l)
			log.Info("the files were read again", zap.String("book", l.Book.ID))
			return
		}
	}
	log.Error("the files have mistakes and were refused; the running version goes on", zap.Error(err))
}
