package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
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

// house is a listener's connections, with what happens on each told by hand.
type house struct {
	t *testing.T
	l *callers
	f *fair
}

func newHouse(t *testing.T) *house {
	l := &callers{}
	return &house{t, l, newFair(l)}
}

// comes has an address open so many connections, all of which are let in.
func (h *house) comes(ip string, n int, state http.ConnState) []net.Conn {
	h.t.Helper()
	in := open(h.t, h.f, h.l, from(ip, n))
	if len(in) != n {
		h.t.Fatalf("of %s %d of %d are let in", ip, len(in), n)
	}
	for _, c := range in {
		h.f.state(c, state)
	}
	return in
}

// here is how many of them are open.
func here(all []net.Conn) (n int) {
	for _, c := range all {
		if c.(*counted).Conn.(*caller).closed == 0 {
			n++
		}
	}
	return n
}

func (h *house) full() {
	h.t.Helper()
	if n := h.f.conns.Len(); n != mostConns {
		h.t.Fatalf("%d connections are open", n)
	}
}

func TestFourAddressesThatFillTheHouseKeepNobodyOut(t *testing.T) {
	for name, state := range map[string]http.ConnState{"slow heads": http.StateNew, "slow bodies": http.StateActive, "idle": http.StateIdle} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			person := h.comes("198.51.100.1", 2, http.StateIdle) // longest here, and with nothing under way
			crowd := h.comes("203.0.113.1", mostConnsOfPeer, state)
			for i := range 3 {
				h.comes(fmt.Sprintf("203.0.113.%d", i+2), mostConnsOfPeer-1, state)
			}
			h.comes("203.0.113.5", 1, state)
			h.full()
			for i := range 200 { // each of an address of its own
				person = append(person, h.comes(fmt.Sprintf("192.0.2.%d", i), 2, http.StateActive)...)
			}
			h.full()
			if n := here(crowd); n >= mostConnsOfPeer-50 || n < mostConnsOfPeer-200 {
				t.Errorf("of the %d of one of the crowd %d are left", mostConnsOfPeer, n)
			}
			for i, c := range crowd[:50] {
				if c.(*counted).Conn.(*caller).closed != 1 {
					t.Errorf("number %d was here longest and is left", i)
				}
			}
			for i := range 4 { // the crowd takes from itself alone
				open(t, h.f, h.l, from(fmt.Sprintf("203.0.113.%d", i+1), 500))
			}
			h.full()
			if n := here(person); n != 402 {
				t.Errorf("of 402 connections of people %d are left", n)
			}
		})
	}
}

func TestWhoMakesRoomLosesFirstWhatNothingIsUnderWayOn(t *testing.T) {
	h := newHouse(t)
	under := h.comes("203.0.113.1", 500, http.StateActive)
	waits := h.comes("203.0.113.1", 500, http.StateIdle)
	for i := range 6 {
		h.comes(fmt.Sprintf("198.51.100.%d", i), 500, http.StateActive)
	}
	h.comes("192.0.2.1", 96, http.StateActive)
	h.full()
	h.f.state(waits[0], http.StateActive) // the oldest asks for something
	h.comes("192.0.2.2", 300, http.StateActive)
	if here(under) != 500 || here(waits[:1]) != 1 || here(waits) != 200 {
		t.Errorf("of what is under way %d are left, of the others %d", here(under), here(waits))
	}
	h.full()
}

func TestWhereNobodyHoldsMoreThanAFewNothingUnderWayIsCut(t *testing.T) {
	h := newHouse(t)
	var all []net.Conn
	for i := range mostConns / fewConns {
		all = append(all, h.comes(fmt.Sprintf("203.0.113.%d", i), fewConns, http.StateActive)...)
	}
	h.full()
	h.l.next = from("198.51.100.1", 1)
	in := make(chan net.Conn, 1)
	synced := func() bool {
		select {
		case <-in:
			return true
		case <-time.After(20 * time.Millisecond):
			return false
		}
	}
	go func() {
		c, _ := h.f.Accept()
		in <- c
	}()
	if synced() {
		t.Fatal("it is let in beyond the number")
	}
	h.f.state(all[7], http.StateIdle)
	if !synced() || here(all) != mostConns-1 || here(all[7:8]) != 0 {
		t.Errorf("when one has nothing under way any more, %d of the others are left", here(all))
	}
	h.full()
}

func TestBehindAProxyWhoIsOneTooManyWaitsUntilSomebodyLeaves(t *testing.T) {
	h := newHouse(t)
	all := h.comes("127.0.0.1", mostConns, http.StateIdle)
	h.l.next = from("127.0.0.1", 2)
	in := make(chan net.Conn, 2)
	go func() {
		for range 2 {
			c, _ := h.f.Accept()
			in <- c
		}
	}()
	select {
	case <-in:
		t.Fatal("it is let in beyond the number")
	case <-time.After(20 * time.Millisecond):
	}
	all[5].Close()
	if c := <-in; c == nil || here(all) != mostConns-1 {
		t.Errorf("after one has left: %v, and %d of the others", c, here(all))
	}
	h.full()
	h.l.Listener = nowhere{}
	h.f.Close() // who waits then waits no longer
	<-in
}

// nowhere is a listener that is closed.
type nowhere struct{ net.Listener }

func (nowhere) Close() error { return nil }

// far is a connection without a network, from an address.
type far struct {
	net.Conn
	from net.Addr
}

func (c far) RemoteAddr() net.Addr { return c.from }

// gate is a listener for connections without a network.
type gate struct {
	come chan net.Conn
	shut chan struct{}
}

func (g *gate) Accept() (net.Conn, error) {
	select {
	case c := <-g.come:
		return c, nil
	case <-g.shut:
		return nil, net.ErrClosed
	}
}

func (g *gate) Close() error   { close(g.shut); return nil }
func (g *gate) Addr() net.Addr { return &net.TCPAddr{} }

// dial opens a connection from an address.
func (g *gate) dial(ip string) net.Conn {
	here, there := net.Pipe()
	g.come <- far{there, &net.TCPAddr{IP: net.ParseIP(ip), Port: 4242}}
	return here
}

// ask is one request over a connection of its own, and what it is answered.
func (g *gate) ask(ip string) (string, error) {
	c := g.dial(ip)
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(c)
	return string(answer), err
}

func TestThousandsOfSlowConnectionsKeepNobodyOut(t *testing.T) {
	g := &gate{come: make(chan net.Conn), shut: make(chan struct{})}
	f := newFair(g)
	f.most, f.share = crowdMost, crowdShare
	s := New(nil, func(mux *http.ServeMux) {
		mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) { io.ReadAll(r.Body) })
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, s, f) }()
	defer func() {
		cancel()
		s.Close()
		<-ended
	}()
	var crowd []net.Conn
	defer func() {
		for _, c := range crowd {
			c.Close()
		}
	}()
	for i := range crowdCalls {
		c := g.dial(fmt.Sprintf("203.0.113.%d", i%crowdOf))
		crowd = append(crowd, c)
		c.SetWriteDeadline(time.Now().Add(5 * time.Second))
		slow := "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc" // a body that does not come
		switch i % 3 {
		case 0:
			slow = "GET /heal" // a head that does not
		case 1:
			continue // nothing
		}
		_, _ = io.WriteString(c, slow) // whoever was one too many is closed
	}
	n, busy := 0, 0
	for end := time.Now().Add(5 * time.Second); (n != crowdMost || busy == 0) && time.Now().Before(end); time.Sleep(time.Millisecond) {
		f.mu.Lock()
		n, busy = f.conns.Len(), 0
		for e := f.conns.Front(); e != nil; e = e.Next() {
			if !e.Value.(*counted).idle {
				busy++
			}
		}
		f.mu.Unlock()
	}
	if n != crowdMost || busy == 0 {
		t.Errorf("of %d connections %d are open, and %d may be; on %d something is under way", crowdCalls, n, crowdMost, busy)
	}
	for i := range 20 {
		begun := time.Now()
		answer, err := g.ask(fmt.Sprintf("198.51.100.%d", i))
		if err != nil || !strings.HasPrefix(answer, "HTTP/1.1 200") {
			t.Fatalf("somebody else is answered %q, %v", answer, err)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("somebody else waits %v", took)
		}
	}
}
