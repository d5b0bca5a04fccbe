package messengertest

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// Call is a call as it arrives.
type Call struct {
	What string // "me/messages", "me/messenger_profile", "profile" or "me"
	N    int    // the how manieth of its kind, from 1
	Body string
}

// Fault is what goes wrong with a call; the zero value is nothing. Except for Delay and Lost the call has no effect.
type Fault struct {
	Delay  time.Duration // before anything else
	Status int           // answered with a page that is no JSON
	Reset  bool          // the connection breaks
	Hang   bool          // no answer until the caller gives up
	Lost   bool          // the call has its effect, then the connection breaks in place of the answer
	Refuse *Refusal
}

// The usual faults.
var (
	BadGateway  = Fault{Status: http.StatusBadGateway}
	Reset       = Fault{Reset: true}
	Hang        = Fault{Hang: true}
	Lost        = Fault{Lost: true}
	Unknown     = Fault{Refuse: &Refusal{Status: 500, Code: 1, Text: "An unknown error has occurred."}}
	Unavailable = Fault{Refuse: &Refusal{Status: 500, Code: 2, Text: "Service temporarily unavailable", Transient: true}}
	BadToken    = Fault{Refuse: &Refusal{Status: 401, Code: 190, Subcode: 460, Text: "Error validating access token: " + Token}}
)

// TooManyFor is a limit that ends after so many minutes; 0 does not say when.
func TooManyFor(minutes int) Fault {
	return Fault{Refuse: &Refusal{Status: 400, Code: 80006, Subcode: 2446079, Minutes: minutes, Text: "(#80006) There have been too many messenger api calls to this Page account."}}
}

// Fault sets what decides about each call whether something goes wrong with it; nil ends the trouble.
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
	case f.Refuse != nil:
		s.answer(w, "profile", nil, f.Refuse) // a fault is nobody's mistake
	case f.Status > 0:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		fmt.Fprintf(w, "<!DOCTYPE html><html><head><title>Facebook | Error</title></head><body>Sorry, something went wrong.</body></html>")
	default:
		return false
	}
	return true
}

// reset breaks the connection without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}
