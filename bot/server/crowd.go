package server

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// Connections at once: in all, and of one address or IPv6 /64 that is neither this machine nor a private network's, where
// proxies stand. What is beyond the second is closed. When there are as many as may be in all, whoever holds most makes room
// for who holds fewer: first with the connection on which nothing has been asked for longest. What is under way is cut only for
// those who hold more than a few; where nobody does, who comes waits.
const (
	mostConns       = 4096
	mostConnsOfPeer = 1024
	fewConns        = 32 // what a household or an office opens
)

// fair keeps a listener's connections within their number.
type fair struct {
	net.Listener
	most, share int

	mu    sync.Mutex
	open  map[netip.Prefix]*holder
	conns list.List     // of *counted; longest since anything began or ended on it at the front
	room  chan struct{} // somebody may have left, or waits for a request now
	done  chan struct{} // closed with the listener
	end   func()
}

// holder is an address, or a /64, and how many connections it has.
type holder struct {
	at netip.Prefix
	n  int
}

func newFair(l net.Listener) *fair {
	f := &fair{Listener: l, most: mostConns, share: mostConnsOfPeer, open: map[netip.Prefix]*holder{}, room: make(chan struct{}, 1), done: make(chan struct{})}
	f.end = sync.OnceFunc(func() { close(f.done) })
	return f
}

func (f *fair) Close() error {
	f.end()
	return f.Listener.Close()
}

func (f *fair) Accept() (net.Conn, error) {
	for {
		c, err := f.Listener.Accept()
		if err != nil {
			return nil, err
		}
		k := &counted{Conn: c, all: f, idle: true}
		if f.enter(k) {
			return k, nil
		}
		c.Close()
	}
}

// enter counts a connection, and makes room for it if need be. It reports whether it may come in.
func (f *fair) enter(k *counted) bool {
	at, ok := network(k.RemoteAddr())
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		own := 0
		if h := f.open[at]; ok && h != nil {
			own = h.n
		}
		if own >= f.share {
			return false
		}
		if f.conns.Len() < f.most {
			break
		}
		out := f.loser(own)
		if out == nil && own > fewConns {
			return false
		}
		if out != nil {
			f.drop(out)
		}
		f.mu.Unlock()
		if out != nil {
			out.Conn.Close()
		} else {
			select {
			case <-f.room:
			case <-f.done:
			}
		}
		f.mu.Lock()
		select {
		case <-f.done:
			return false
		default:
		}
	}
	if ok {
		if f.open[at] == nil {
			f.open[at] = &holder{at: at}
		}
		k.of = f.open[at]
		k.of.n++
	}
	k.in = f.conns.PushBack(k)
	return true
}

// loser is the connection that makes room for somebody who holds own others, nil when nobody's is to. The lock is held.
func (f *fair) loser(own int) *counted {
	most := own
	for _, h := range f.open {
		most = max(most, h.n)
	}
	if most == own {
		return nil
	}
	var busy, any *counted
	for e := f.conns.Front(); e != nil; e = e.Next() {
		k := e.Value.(*counted)
		switch {
		case k.of == nil:
		case k.of.n == most && k.idle:
			return k
		case k.of.n == most && busy == nil && most > fewConns:
			busy = k
		case k.of.n > own && k.idle && any == nil:
			any = k
		}
	}
	if busy != nil {
		return busy
	}
	return any
}

// drop takes a connection out of the count. The lock is held.
func (f *fair) drop(k *counted) {
	if k.in == nil {
		return
	}
	f.conns.Remove(k.in)
	k.in = nil
	if k.of != nil {
		if k.of.n--; k.of.n == 0 {
			delete(f.open, k.of.at)
		}
	}
	f.call()
}

// call wakes who waits for room.
func (f *fair) call() {
	select {
	case f.room <- struct{}{}:
	default:
	}
}

// state notes whether something is under way on a connection. It is the server's ConnState.
func (f *fair) state(c net.Conn, s http.ConnState) {
	k, ok := c.(*counted)
	if !ok {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if k.in == nil {
		return
	}
	k.idle = s == http.StateNew || s == http.StateIdle
	f.conns.MoveToBack(k.in)
	if k.idle {
		f.call()
	}
}

// counted is a connection that is counted until it is closed.
type counted struct {
	net.Conn
	all  *fair
	of   *holder       // nil: of nobody in particular
	in   *list.Element // nil: it counts no more
	idle bool          // nothing is under way on it
}

func (c *counted) Close() error {
	c.all.mu.Lock()
	c.all.drop(c)
	c.all.mu.Unlock()
	return c.Conn.Close()
}

// network is whose share a connection takes; ok is false for addresses that many may stand behind by our own doing.
func network(a net.Addr) (netip.Prefix, bool) {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Prefix{}, false
	}
	ip := ap.Addr().Unmap().WithZone("")
	if ip.IsLoopback() || ip.IsPrivate() {
		return netip.Prefix{}, false
	}
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	return p, err == nil
}
