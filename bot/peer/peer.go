// Package peer tells who asks over HTTP, as far as the connection and a proxy say it.
package peer

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Address is who asks: the peer, or behind a proxy on this machine or in this network, whom that proxy names last in
// X-Forwarded-For. Anybody else's X-Forwarded-For counts for nothing.
func Address(r *http.Request) string {
	host := host(r)
	if near(host) {
		if last, ok := named(r); ok {
			return last
		}
	}
	return host
}

// Network is what limits go by: an IPv4 address, or the /64 of an IPv6 one, which is one household's or one phone's.
func Network(r *http.Request) string {
	address := Address(r)
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		p, _ := ip.Prefix(64)
		return p.String()
	}
	return ip.String()
}

// Unnamed reports whether a request came from this machine or this network and names nobody: then everybody behind that proxy
// looks like one.
func Unnamed(r *http.Request) bool {
	if !near(host(r)) {
		return false
	}
	_, ok := named(r)
	return !ok
}

// Local reports whether a request was made on this machine, for this machine, by a program that is no proxy: what only its
// operator may read is shown to it without a token. A proxy is known by the headers that it adds, a page in a browser by its
// Origin, or by the name that it had led here. A proxy that adds nothing and asks for a loopback address is not known.
func Local(r *http.Request) bool {
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "X-Forwarded-Host", "X-Forwarded-Proto", "Via", "Origin"} {
		if len(r.Header.Values(name)) > 0 { // an empty one was added by somebody too
			return false
		}
	}
	return loopback(host(r)) && (loopback(withoutPort(r.Host)) || withoutPort(r.Host) == "localhost")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func host(r *http.Request) string { return withoutPort(r.RemoteAddr) }

func withoutPort(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return strings.Trim(address, "[]")
	}
	return host
}

// near reports whether an address is of this machine or of a private network.
func near(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsLoopback() || ip.IsPrivate())
}

// named is the last address of X-Forwarded-For. A proxy that adds a header of its own instead of adding to the one it got is
// followed too.
func named(r *http.Request) (string, bool) {
	all := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	last := strings.TrimSpace(all[strings.LastIndexByte(all, ',')+1:])
	if h, _, err := net.SplitHostPort(last); err == nil { // some proxies add the port
		last = h
	}
	ip := net.ParseIP(strings.Trim(last, "[]"))
	if ip == nil {
		return "", false
	}
	return ip.String(), true
}
