package main

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"os"
	"time"

	"patikra/bot/engine"
	"patikra/bot/library"
)

// A folder of staff's files is looked at again and again: network drives and mounted volumes tell nobody of a change. Times and sizes are looked at
// every time, what stands in the files now and then, for some programs put the old time back. A change is taken when it has rested: a moment,
// or longer where something is gone, for many programs empty a file or take it away before they write it anew.

// Times of a look at a folder.
const (
	contentsEvery = 30 * time.Second // what stands in the files, where neither time nor size has changed
	lossRests     = 10 * time.Second // before a file that is gone, or empty, is believed to be so
)

// watch looks at a folder of staff's files for saved changes. It is for one goroutine.
type watch struct {
	dir    string
	seen   look
	taken  look          // when something was saved last
	loss   time.Duration // how long a loss has to rest
	rests  time.Time     // before then nothing is taken
	moving bool          // somebody is just saving
	gone   bool          // the folder cannot be read now
	deep   time.Time     // when the contents were looked at last
	inside uint64        // what they were
}

// look is what can be seen of a folder without reading its files.
type look struct {
	files map[string]trace
	err   error // it cannot be read, or a part of it cannot
}

// trace is what can be seen of a file without reading it.
type trace struct {
	size int64
	at   int64
	mode fs.FileMode
}

func newWatch(dir string) *watch {
	if dir == "" { // the built-in files lie in no folder
		return &watch{}
	}
	w := &watch{dir: dir, seen: glance(dir), loss: lossRests}
	w.taken, w.gone = w.seen, w.seen.absent()
	return w
}

// saved looks again, and reports whether something was saved and has rested since.
func (w *watch) saved() bool { return w.looked(time.Now()) }

// looked is saved at a time.
func (w *watch) looked(now time.Time) bool {
	if w.dir == "" {
		return false
	}
	next := glance(w.dir)
	if w.gone = next.absent(); w.gone { // a drive that is away, or permissions: what it held is not known
		w.moving, w.seen.err = true, next.err
		return false
	}
	moved := w.seen.moved(next)
	if !moved && !w.moving && now.Sub(w.deep) >= contentsEvery {
		first, was := w.deep.IsZero(), w.inside
		w.deep, w.inside = now, contents(w.dir)
		moved = w.inside != was && !first
	}
	w.seen = next
	if moved {
		w.moving, w.rests = true, now
		if w.taken.loses(next) {
			w.rests = now.Add(w.loss)
		}
		return false
	}
	if !w.moving || now.Before(w.rests) {
		return false
	}
	w.moving, w.taken, w.deep, w.inside = false, next, now, contents(w.dir)
	return true
}

// still reports whether nothing was saved since the last look.
func (w *watch) still() bool {
	return !w.seen.moved(glance(w.dir))
}

// absent reports whether nothing of the folder can be seen.
func (l look) absent() bool { return len(l.files) == 0 }

// moved reports whether a later look sees something else.
func (l look) moved(next look) bool {
	return !maps.Equal(l.files, next.files) || fmt.Sprint(l.err) != fmt.Sprint(next.err)
}

// loses reports whether in a later look a file is gone, or has lost a quarter of what it held.
func (l look) loses(next look) bool {
	for name, was := range l.files {
		if is, there := next.files[name]; !there || is.size < was.size/4*3 || is.size <= 0 && was.size > 0 {
			return true
		}
	}
	return next.err != nil
}

// glance looks at the files of a book in a folder. Nothing is read.
func glance(dir string) look {
	l := look{files: map[string]trace{}}
	l.err = inFolder(dir, func(fsys fs.FS, name string) {
		info, err := fs.Stat(fsys, name) // of the file that a link leads to
		if err != nil {
			l.files[name] = trace{size: -1}
			return
		}
		l.files[name] = trace{info.Size(), info.ModTime().UnixNano(), info.Mode()}
	})
	return l
}

// contents is a sum of what stands in the files of a book in a folder, and of which of them cannot be read.
func contents(dir string) uint64 {
	sum := fnv.New64a()
	err := inFolder(dir, func(fsys fs.FS, name string) {
		fmt.Fprintln(sum, name)
		if info, err := fs.Stat(fsys, name); err != nil || !info.Mode().IsRegular() || info.Size() > mostWatched {
			fmt.Fprintln(sum, "unread")
			return
		}
		data, err := fs.ReadFile(fsys, name)
		sum.Write(data)
		fmt.Fprintln(sum, len(data), err)
	})
	fmt.Fprintln(sum, err)
	return sum.Sum64()
}

// mostWatched is how large a file is at most whose contents are looked at.
const mostWatched = 4 << 20 // bytes

// inFolder visits the files of a book in a folder.
func inFolder(dir string, visit func(fsys fs.FS, name string)) error {
	if dir == "" {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	fsys := root.FS()
	return library.Walk(fsys, func(name string, _ fs.DirEntry) error {
		if library.InBook(name) {
			visit(fsys, name)
		}
		return nil
	})
}

// snapshot reads a folder whole, as it is at one time. While somebody saves it reports errMoved; what cannot be read is left for
// the check to name.
func (w *watch) snapshot() (fs.FS, error) {
	root, err := os.OpenRoot(w.dir)
	if err != nil {
		return nil, err
	}
	once, err := engine.Snapshot(root.FS())
	if !w.still() {
		root.Close()
		return nil, errMoved
	}
	if err != nil {
		return root.FS(), nil
	}
	root.Close()
	return once, nil
}

var errMoved = errors.New("somebody is just saving")
