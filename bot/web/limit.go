package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// People share a municipality's address, so the limits are generous: this many requests a second, twice as many at
// once, and this many a minute. Files that a browser keeps do not count.
const (
	perSecond   = 10
	perMinute   = 300
	mostWatched = 50_000
)

// limiter keeps two allowances for each address. It holds no addresses: only their hash under a key that lives
// as long as the process.
type limiter struct {
	mu   sync.Mutex
	key  [32]byte
	seen map[[8]byte]*allowance
}

type allowance struct{ second, minute time.Time }

func newLimiter() *limiter {
	l := &limiter{seen: map[[8]byte]*allowance{}}
	rand.Read(l.key[:])
	return l
}

// allow takes one request of the address, unless that is too many.
func (l *limiter) allow(address string, now time.Time) bool {
	mac := hmac.New(sha256.New, l.key[:])
	mac.Write([]byte(address))
	var k [8]byte
	copy(k[:], mac.Sum(nil))
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.seen[k]
	if a == nil {
		if len(l.seen) >= mostWatched {
			for k, a := range l.seen {
				if a.minute.Before(now) && a.second.Before(now) {
					delete(l.seen, k)
				}
			}
			if len(l.seen) >= mostWatched {
				clear(l.seen)
			}
		}
		a = &allowance{}
		l.seen[k] = a
	}
	second, ok1 := spend(a.second, now, time.Second/perSecond, 2*time.Second)
	minute, ok2 := spend(a.minute, now, time.Minute/perMinute, time.Minute)
	if !ok1 || !ok2 {
		return false
	}
	a.second, a.minute = second, minute
	return true
}

// spend moves the time at which an allowance is whole again.
func spend(whole, now time.Time, each, window time.Duration) (time.Time, bool) {
	if whole.Before(now) {
		whole = now
	}
	whole = whole.Add(each)
	return whole, whole.Sub(now) <= window
}

// address is who asks: the peer, or behind a proxy on this machine or in this network, whom that proxy names last.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsPrivate()) {
		list := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if last := net.ParseIP(strings.TrimSpace(list[len(list)-1])); last != nil {
			return last.String()
		}
	}
	return host
}

// forms makes and checks the hidden field of a form: a time, and its seal for one session.
type forms struct{ key []byte }

func newForms(secret string) forms { return forms{[]byte(secret)} }

func (f forms) issue(session string, now time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(now.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, f.seal(b, session)...))
}

func (f forms) seal(at []byte, session string) []byte {
	mac := hmac.New(sha256.New, f.key)
	mac.Write(at)
	mac.Write([]byte(session))
	return mac.Sum(nil)[:16]
}

func (f forms) good(field, session string, now time.Time) bool {
	b, err := base64.RawURLEncoding.DecodeString(field)
	if err != nil || len(b) != 24 || !hmac.Equal(b[8:], f.seal(b[:8], session)) {
		return false
	}
	age := now.Sub(time.Unix(int64(binary.BigEndian.Uint64(b)), 0))
	return age > -time.Minute && age < formTime
}
