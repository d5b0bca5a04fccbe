package console

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"patikra/bot"
	"patikra/content"
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

// draft puts what a counsellor has typed into the person's language, below the words themselves and named as a program's, for the counsellor
// to look over: nothing of it goes out by itself. It reports false when that is not possible now.
func (c *Console) draft(ctx context.Context, text string, s *bot.Session, v *visit) (string, bool) {
	ctx, cancel := context.WithTimeout(ctx, translateTime)
	defer cancel()
	lib := c.bot.Library()
	if content.Length(text) > maxWords {
		return "", false
	}
	words := c.words.of(ctx, text, lib.Catalog.Base(v.lang), lib.Catalog.Base(s.Lang))
	if words == "" {
		return "", false
	}
	return text + "\n\n" + lib.Catalog.Language(s.Lang).Text("console.translation") + ":\n" + words, true
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
