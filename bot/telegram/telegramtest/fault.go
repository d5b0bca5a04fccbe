package telegramtest

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Call is a method call as it arrives.
type Call struct {
	Method string
	N      int               // the how manieth call of this method, from 1
	Params map[string]string // strings as they are, the rest as JSON
}

// key tells whether two calls ask for the same.
func (c Call) key() string {
	var b strings.Builder
	b.WriteString(c.Method)
	for _, name := range sorted(c.Params) {
		fmt.Fprintf(&b, "\x00%s=%s", name, c.Params[name])
	}
	return b.String()
}

// Fault is what goes wrong with a call; the zero value is nothing. Except for Delay and Lost the call has no effect.
type Fault struct {
	Delay      time.Duration // before anything else
	Status     int           // answered with a page that is no JSON
	Reset      bool          // the connection breaks
	Hang       bool          // no answer until the caller gives up
	RetryAfter int           // 429 with these seconds
	Lost       bool          // the call has its effect, then the connection breaks in place of the answer
}

// The usual faults.
var (
	BadGateway = Fault{Status: http.StatusBadGateway}
	Reset      = Fault{Reset: true}
	Hang       = Fault{Hang: true}
	Lost       = Fault{Lost: true}
)

// TooManyFor is a 429 that asks to wait.
func TooManyFor(seconds int) Fault { return Fault{RetryAfter: seconds} }

// Fault sets what decides about each call whether something goes wrong with it; nil ends the trouble. Calls that
// ride in a webhook's answer are spared.
//
// When an answer was lost, the same call made again may be refused ("message is not modified") and that refusal
// isn't kept: the caller could not know.
func (s *Server) Fault(f func(Call) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// suffer lets a fault happen and reports whether the call ends with it.
func (s *Server) suffer(w http.ResponseWriter, r *http.Request, f Fault) bool {
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
			return true
		case <-s.ctx.Done():
			return true
		}
	}
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
	case f.Reset:
		reset(w)
	case f.RetryAfter > 0:
		s.answer(w, "", nil, s.refuse("", "", later(f.RetryAfter)))
	case f.Status > 0:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		fmt.Fprintf(w, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[2]s</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
			f.Status, http.StatusText(f.Status))
	default:
		return false
	}
	return true
}

// reset breaks the connection without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if c, ok := conn.(*net.TCPConn); ok {
		c.SetLinger(0)
	}
	conn.Close()
}
