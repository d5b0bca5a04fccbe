package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"patikra/content/sheet"
)

// Limits of the stream that tells a preview's pages of a new draft.
const (
	previewPath = "/preview"
	streamTime  = 20 * time.Second // the browser then asks again
	mostStreams = 16
)

// Preview tells the pages of a preview which draft of the files is shown, and what is wrong with a later one.
type Preview struct {
	mu       sync.Mutex
	draft    int
	mistakes error
	waits    []sheet.Text
	changed  chan struct{}
	streams  int
}

// Previewed is what a page of a preview is drawn with.
type Previewed struct {
	Draft    int
	Mistakes []string // of the files as they were last saved, each with its file, line and remedy
	Waits    []string // what waits for a translation, a line for each language
	Lang     string   // in which they are told
}

// NewPreview returns a preview of a first draft.
func NewPreview() *Preview { return &Preview{changed: make(chan struct{})} }

// Saved notes that the files were saved, with their mistakes if there are any. The open pages are loaded again.
func (p *Preview) Saved(mistakes error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draft++
	p.mistakes = mistakes
	close(p.changed)
	p.changed = make(chan struct{})
}

// Waits notes what waits for a translation; the next page shows it.
func (p *Preview) Waits(lines ...sheet.Text) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waits = lines
}

// now is what a page in a language is drawn with, nil where there is no preview. Mistakes are told in Lithuanian on pages in Lithuanian, and in
// English on all others.
func (p *Preview) now(lang string) *Previewed {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := &Previewed{Draft: p.draft, Lang: sheet.English}
	if base, _, _ := strings.Cut(lang, "-"); base == sheet.Lithuanian {
		at.Lang = sheet.Lithuanian
	}
	if p.mistakes != nil {
		at.Mistakes = strings.Split(sheet.In(at.Lang, p.mistakes), "\n")
	}
	for _, line := range p.waits {
		at.Waits = append(at.Waits, line.In(at.Lang))
	}
	return at
}

// follow returns the present draft and what is closed when there is another.
func (p *Preview) follow() (string, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strconv.Itoa(p.draft), p.changed
}

// enter takes one of the streams; leave gives it back.
func (p *Preview) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.streams == mostStreams {
		return false
	}
	p.streams++
	return true
}

func (p *Preview) leave() {
	p.mu.Lock()
	p.streams--
	p.mu.Unlock()
}

// changes is the stream of events that a page of a preview listens to.
func (w *Web) changes(v *visit) {
	p := w.set.Preview
	if !p.enter() {
		v.w.Header().Set("Retry-After", "10")
		http.Error(v.w, "too many pages of this preview are open; close some", http.StatusServiceUnavailable)
		return
	}
	defer p.leave()
	v.w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	out := http.NewResponseController(v.w)
	end := time.After(streamTime)
	for {
		draft, changed := p.follow()
		if _, err := fmt.Fprintf(v.w, "retry: 500\ndata: %s\n\n", draft); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-end:
			return
		case <-v.r.Context().Done():
			return
		}
	}
}
