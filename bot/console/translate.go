package console

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

const (
	translateTime = 2 * time.Second  // all lines of a page together
	mostWordsKept = 500              // translations in memory
	restTime      = 30 * time.Second // after a page's time was over, nothing is asked: a talk waits for no machine
)

// translations keeps what was translated, in memory and by a hash of the words.
type translations struct {
	by Translator

	mu   sync.Mutex
	kept map[[32]byte]string
	rest time.Time // until when nothing is asked
}

func newTranslations(by Translator) *translations {
	return &translations{by: by, kept: map[[32]byte]string{}}
}

// of puts a text into another language; empty when that is not possible now.
func (t *translations) of(ctx context.Context, text, from, to string) string {
	if t.by == nil || from == to || text == "" {
		return ""
	}
	k := sha256.Sum256([]byte(from + "\x00" + to + "\x00" + text))
	t.mu.Lock()
	known, ok := t.kept[k]
	rests := time.Now().Before(t.rest)
	t.mu.Unlock()
	if ok || rests {
		return known
	}
	out, err := t.by.Translate(ctx, text, from, to)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		if ctx.Err() != nil {
			t.rest = time.Now().Add(restTime)
		}
		return ""
	}
	if len(t.kept) >= mostWordsKept {
		clear(t.kept)
	}
	t.kept[k] = out
	return out
}
