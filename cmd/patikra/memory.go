package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// room is how much may be allocated between two collections of the heap, at least as much as is alive, at most
// four times that. Go's own rule, as much as is alive, makes a program that holds little collect all the time.
const room = 8 << 20

// spare sets the collector by what is alive, until the context ends. Whoever sets GOGC or GOMEMLIMIT is left alone.
func spare(ctx context.Context) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for was := 0; ; {
		metrics.Read(live)
		percent := 400
		if n := live[0].Value.Uint64(); n > 0 {
			percent = min(max(int(room*100/n), 100), 400)
		}
		if percent < was || percent > was+was/10 { // each change stops the program for a moment
			debug.SetGCPercent(percent)
			was = percent
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}
