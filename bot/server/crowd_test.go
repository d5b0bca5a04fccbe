package server

import (
	"errors"
	"net"
	"testing"
)

// caller is a connection from an address, and whether it was closed.
type caller struct {
	net.Conn
	from   net.Addr
	closed int
}

func (c *caller) RemoteAddr() net.Addr { return c.from }
func (c *caller) Close() error         { c.closed++; return nil }

// callers is a listener at which they stand, one after the other.
type callers struct {
	net.Listener
	next []*caller
}

var errNobody = errors.New("nobody calls")

func (l *callers) Accept() (net.Conn, error) {
	if len(l.next) == 0 {
		return nil, errNobody
	}
	c := l.next[0]
	l.next = l.next[1:]
	return c, nil
}

func from(ip string, n int) (all []*caller) {
	for range n {
		all = append(all, &caller{from: &net.TCPAddr{IP: net.ParseIP(ip), Port: 4242}})
	}
	return all
}

// open takes all who call and gives those that were let in.
func open(t *testing.T, f *fair, l *callers, all []*caller) (in []net.Conn) {
	t.Helper()
	l.next = all
	for {
		c, err := f.Accept()
		if errors.Is(err, errNobody) {
			return in
		}
		if err != nil {
			t.Fatal(err)
		}
		in = append(in, c)
	}
}

func TestOneAddressHoldsItsShareOfConnectionsAndNoMore(t *testing.T) {
	for name, test := range map[string]struct{ one, same, other string }{
		"IPv4":           {"203.0.113.7", "203.0.113.7", "203.0.113.8"},
		"IPv4 in IPv6":   {"203.0.113.7", "::ffff:203.0.113.7", "203.0.113.8"},
		"one IPv6 /64":   {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"},
		"IPv6 with zone": {"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"},
	} {
		t.Run(name, func(t *testing.T) {
			l := &callers{}
			f := newFair(l)
			in := open(t, f, l, from(test.one, mostConnsOfPeer))
			if len(in) != mostConnsOfPeer {
				t.Fatalf("%d are let in", len(in))
			}
			more := from(test.same, 3)
			if n := len(open(t, f, l, more)); n != 0 {
				t.Errorf("%d more are let in", n)
			}
			for _, c := range more {
				if c.closed != 1 {
					t.Errorf("one beyond the share was closed %d times", c.closed)
				}
			}
			if n := len(open(t, f, l, from(test.other, 5))); n != 5 {
				t.Errorf("of another address %d of 5 are let in", n)
			}
			in[0].Close()
			in[0].Close() // twice counts once
			if n := len(open(t, f, l, from(test.same, 3))); n != 1 {
				t.Errorf("after one has left, %d are let in", n)
			}
			for _, c := range in[1:] {
				c.Close()
			}
			if n := len(open(t, f, l, from(test.one, 10))); n != 10 {
				t.Errorf("after all have left, %d of 10 are let in", n)
			}
		})
	}
}

func TestBehindAProxyAllConnectionsComeFromOneAddressAndAreNotCountedAsOnePersons(t *testing.T) {
	for _, proxy := range []string{"127.0.0.1", "::1", "10.0.0.2", "172.18.0.3", "192.168.1.4", "fd00::5"} {
		l := &callers{}
		f := newFair(l)
		if n := len(open(t, f, l, from(proxy, mostConnsOfPeer+50))); n != mostConnsOfPeer+50 {
			t.Errorf("of %s %d are let in", proxy, n)
		}
		if len(f.open) != 0 {
			t.Errorf("%s is counted", proxy)
		}
	}
}
