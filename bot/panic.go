package bot

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// Panic is a mistake of the program that was contained: what was under way is given up, everything else goes on. It holds no word,
// id or token of anybody, so that it can be logged.
type Panic struct {
	What  string // the kind of mistake
	Where string // the function, file and line that made it
	Stack string // the calls that led there, innermost first, a line each, without what they were called with
}

func (p *Panic) Error() string { return "a mistake of the program: " + p.What + " in " + p.Where }

// Contain runs f and turns a panic into a *Panic. What kills the process (no memory left, a map written by two at once) cannot be
// contained.
func Contain(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = NewPanic(v)
		}
	}()
	return f()
}

// NewPanic describes what recover has returned. It is called in the deferred function that recovered.
func NewPanic(v any) *Panic {
	p := &Panic{What: fmt.Sprintf("a value of type %T", v)} // its text may hold anything
	if e, ok := v.(runtime.Error); ok {
		p.What = e.Error() // numbers and types only
	}
	calls := make([]uintptr, 64)
	frames := runtime.CallersFrames(calls[:runtime.Callers(2, calls)])
	var lines []string
	thrown := false // what comes before is the recovery itself
	for {
		f, more := frames.Next()
		file := f.File[strings.LastIndexByte(f.File, '/')+1:]
		line := fmt.Sprintf("%s %s:%d", f.Function, file, f.Line)
		switch {
		case f.Function == "runtime.gopanic":
			thrown, lines = true, nil
		case thrown:
			if p.Where == "" && !strings.HasPrefix(f.Function, "runtime.") {
				p.Where = line
			}
			lines = append(lines, line)
		}
		if !more {
			break
		}
	}
	p.Stack = strings.Join(lines, "\n")
	return p
}

// ErrSetAside says that an update has broken its turn twice. It is counted, whose words it held are told of it as far as
// possible, and the channel acknowledges it: sent again it would break the turn again.
var ErrSetAside = errors.New("an update that breaks its turn was set aside")

// TurnTries is how often an update may break its turn, or the channel that takes it, before it is set aside.
const TurnTries = 2

// Aside tells of the updates that were set aside. It names nobody.
type Aside struct {
	Number int64     `json:"number"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
	Where  string    `json:"where"` // the last one broke there
}
