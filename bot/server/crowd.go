package server

import (
	"net"
	"net/netip"
	"sync"

	"golang.org/x/net/netutil"
)

// Connections at once: in all, and of one address or IPv6 /64 that is neither this machine nor a private network's, where
// proxies stand. What is beyond the first waits to be accepted; what is beyond the second is closed.
const (
	mostConns       = 4096
	mostConnsOfPeer = 1024
)

// bounded keeps a listener's connections within their number.
func bounded(l net.Listener) net.Listener {
	return netutil.LimitListener(newFair(l), mostConns)
}

// fair closes what one address opens beyond its share.
type fair struct {
	net.Listener
	mu   sync.Mutex
	open map[netip.Prefix]int
}

func newFair(l net.Listener) *fair { return &fair{Listener: l, open: map[netip.Prefix]int{}} }

func (f *fair) Accept() (net.Conn, error) {
	for {
		c, err := f.Listener.Accept()
		if err != nil {
			return nil, err
		}
		at, ok := network(c.RemoteAddr())
		if !ok {
			return c, nil
		}
		f.mu.Lock()
		full := f.open[at] >= mostConnsOfPeer
		if !full {
			f.open[at]++
		}
		f.mu.Unlock()
		if full {
			c.Close()
			continue
		}
		return &counted{Conn: c, end: sync.OnceFunc(func() { f.left(at) })}, nil
	}
}

func (f *fair) left(at netip.Prefix) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[at]--; f.open[at] <= 0 {
		delete(f.open, at)
	}
}

// counted is a connection that is counted until it is closed.
type counted struct {
	net.Conn
	end func()
}

func (c *counted) Close() error {
	c.end()
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
