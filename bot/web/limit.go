package web

import (
	"container/list"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/peer"
)

// Limits, for each process. A session under way has an allowance of its own and is never held up by others at its address: people
// share that of a municipality, of a school or of a mobile network. Who has no session yet is limited by the address, an IPv6
// one by its /64: so many may begin, and twice as many pages may be read, in a minute. Files that a browser keeps and the way
// out do not count.
const (
	sessionSecond = 10 // requests a second, twice as many at once
	sessionMinute = 300
	newMinute     = 300 // sessions
	readMinute    = 2 * newMinute
	mostWatched   = 50_000
)

// limits keeps the allowances. It holds no addresses and no sessions: only their hash under a key that lives as long as the process.
type limits struct {
	off      bool
	key      [32]byte
	sessions *table
	begins   *table
	reads    *table
	uploads  *table
}

func newLimits(off bool) *limits {
	l := &limits{off: off, sessions: newTable(), begins: newTable(), reads: newTable(), uploads: newTable()}
	rand.Read(l.key[:])
	return l
}

func (l *limits) hash(s string) (k [8]byte) {
	mac := hmac.New(sha256.New, l.key[:])
	mac.Write([]byte(s))
	copy(k[:], mac.Sum(nil))
	return k
}

// session takes one request of a session under way.
func (l *limits) session(id string, now time.Time) bool {
	return l.off || l.sessions.take(l.hash(id), now, pace{time.Second / sessionSecond, 2 * time.Second}, pace{time.Minute / sessionMinute, time.Minute})
}

// stranger takes one request of a network that has no session: to read, or to begin one.
func (l *limits) stranger(network string, begins bool, now time.Time) bool {
	switch {
	case l.off:
		return true
	case begins:
		return l.begins.take(l.hash(network), now, pace{time.Minute / newMinute, time.Minute})
	}
	return l.reads.take(l.hash(network), now, pace{time.Minute / readMinute, time.Minute})
}

// pace lets one thing through each interval, and as many at once as fit into the window.
type pace struct{ each, window time.Duration }

// table keeps allowances. When it is full, whoever has not asked for longest goes out of it: their allowance is the one that is
// most nearly whole again.
type table struct {
	mu   sync.Mutex
	seen map[[8]byte]*list.Element
	last list.List // of *allowance, the longest unseen at the back
}

type allowance struct {
	key   [8]byte
	whole [2]time.Time // when it is whole again, for each pace
}

func newTable() *table { return &table{seen: map[[8]byte]*list.Element{}} }

// take spends one of each pace's allowance, unless one of them is used up.
func (t *table) take(k [8]byte, now time.Time, paces ...pace) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.seen[k]
	if e == nil {
		if len(t.seen) >= mostWatched {
			oldest := t.last.Back()
			delete(t.seen, oldest.Value.(*allowance).key)
			t.last.Remove(oldest)
		}
		e = t.last.PushFront(&allowance{key: k})
		t.seen[k] = e
	} else {
		t.last.MoveToFront(e)
	}
	a := e.Value.(*allowance)
	next := a.whole
	for i, p := range paces {
		var ok bool
		if next[i], ok = spend(a.whole[i], now, p.each, p.window); !ok {
			return false
		}
	}
	a.whole = next
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

// allowed takes one request from the allowance it belongs to.
func (w *Web) allowed(v *visit, now time.Time) bool {
	if strings.HasPrefix(v.r.URL.Path, "/a/") || v.r.URL.Path == "/" || strings.HasSuffix(v.r.URL.Path, "/"+recipe) {
		return true
	}
	if w.ids.ours(v.id) {
		return w.limit.session(v.id, now)
	}
	w.proxy.look(v.r, now)
	return w.limit.stranger(peer.Network(v.r), v.begins && v.r.Method == http.MethodPost, now)
}

// proxyWatch notices a proxy that does not say for whom it asks. Then everybody behind it shares one address's allowance.
type proxyWatch struct {
	on   bool // the page is served to others than this machine
	log  *zap.Logger
	last atomic.Int64 // Unix seconds, when it last happened
	told atomic.Int64
}

// Unnamed is how long a proxy that names nobody is remembered.
const unnamedTime = 10 * time.Minute

func (p *proxyWatch) look(r *http.Request, now time.Time) {
	if !p.on || !peer.Unnamed(r) {
		return
	}
	p.last.Store(now.Unix())
	if told := p.told.Load(); now.Unix()-told >= 3600 && p.told.CompareAndSwap(told, now.Unix()) {
		p.log.Warn("a proxy does not say for whom it asks, so everybody behind it shares the limits of one address; let it set X-Forwarded-For")
	}
}

// ids makes the names of sessions with its first key and knows its own again, of all keys, so that made-up ones get no allowance of
// their own. Who takes a talk up in another browser is given a name in two parts there: that of the session, and behind it what says that
// this browser has it now.
type ids []string

const (
	idRandom  = 16 // bytes: 128 bits
	idBytes   = 24 // with the seal
	idLetters = 32
)

func sealID(key string, random []byte) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(random)
	return mac.Sum(nil)[:idBytes-idRandom]
}

func (i ids) make() string { return i.sealed(nil) }

// moved is a new name for a session that is taken up in another browser.
func (i ids) moved(session string) string { return session + i.sealed([]byte(session)) }

// sealed is one part of a name, bound to the part before it.
func (i ids) sealed(before []byte) string {
	b := make([]byte, idRandom, idBytes)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(append(b, sealID(i[0], slices.Concat(b, before))...))
}

func (i ids) ours(id string) bool {
	return validID(id) && i.made(id[:idLetters], "") && (len(id) == idLetters || i.made(id[idLetters:], id[:idLetters]))
}

func (i ids) made(part, before string) bool {
	b, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && slices.ContainsFunc(i, func(key string) bool {
		return hmac.Equal(b[idRandom:], sealID(key, slices.Concat(b[:idRandom], []byte(before))))
	})
}

// validID reports whether something has the form of a session's name, those of earlier programs too.
func validID(s string) bool {
	b, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && (len(b) == idBytes && len(s) == idLetters || len(b) == 2*idBytes && len(s) == 2*idLetters)
}

// conversation is where the session of a name takes place.
func conversation(id string) bot.Address {
	return bot.Address{Channel: Name, ID: id[:min(len(id), idLetters)]}
}

// browserOf is what a session keeps of the browser that it was taken up in; empty of the one that it began in.
func browserOf(id string) string {
	if len(id) <= idLetters {
		return ""
	}
	sum := sha256.Sum256([]byte(id[idLetters:]))
	return base64.RawURLEncoding.EncodeToString(sum[:idRandom])
}

// forms makes the hidden field of a form, a time and its seal for one session, with its first key and checks it with all: a page that
// was open when the sealing key changed still sends what was written in it.
type forms []string

func (f forms) issue(session string, now time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(now.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, sealForm(f[0], b, session)...))
}

func sealForm(key string, at []byte, session string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(at)
	mac.Write([]byte(session))
	return mac.Sum(nil)[:16]
}

func (f forms) good(field, session string, now time.Time) bool {
	b, err := base64.RawURLEncoding.DecodeString(field)
	if err != nil || len(b) != 24 || !slices.ContainsFunc(f, func(key string) bool { return hmac.Equal(b[8:], sealForm(key, b[:8], session)) }) {
		return false
	}
	age := now.Sub(time.Unix(int64(binary.BigEndian.Uint64(b)), 0))
	return age > -time.Minute && age < formTime
}
