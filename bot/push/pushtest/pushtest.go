// Package pushtest is a push service as strict as those of the browsers' makers, with browsers that can read what comes.
package pushtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot/desk"
)

// Service is a push service on this machine.
type Service struct {
	t    testing.TB
	srv  *httptest.Server
	mu   sync.Mutex
	subs map[string]*browser
	says func(n int) (status int, head http.Header) // answers in its place
	n    int
	why  []string
}

// browser is one that has subscribed.
type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
	of   string // for which program's key
	gone bool
	got  []Message
}

// Message is what a browser has read.
type Message struct {
	Words               string
	TTL, Urgency, Topic string
	Size                int    // of what came, sealed
	Subject             string // of whom the program says that it is
}

// New starts a service; it ends with the test.
func New(t testing.TB) *Service {
	s := &Service{t: t, subs: map[string]*browser{}}
	s.srv = httptest.NewTLSServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.srv.Close)
	return s
}

// Host is what the service is called, with its port.
func (s *Service) Host() string { return strings.TrimPrefix(s.srv.URL, "https://") }

// Roots are what its certificate is signed by.
func (s *Service) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.srv.Certificate())
	return pool
}

// Subscribe makes a browser that takes messages of the program with that public key.
func (s *Service) Subscribe(key string) desk.Browser {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &browser{key: private, auth: make([]byte, 16), of: key}
	rand.Read(b.auth)
	name := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs["/send/"+name] = b
	return desk.Browser{Endpoint: s.srv.URL + "/send/" + name, Key: raw(private.PublicKey().Bytes()), Auth: raw(b.auth)}
}

// Got returns what a browser has read.
func (s *Service) Got(x desk.Browser) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.subs[strings.TrimPrefix(x.Endpoint, s.srv.URL)].got...)
}

// End ends a browser's subscription.
func (s *Service) End(x desk.Browser) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs[strings.TrimPrefix(x.Endpoint, s.srv.URL)].gone = true
}

// Say lets f answer the n-th request from now, the first is 0; status 0 lets the service answer itself.
func (s *Service) Say(f func(n int) (status int, head http.Header)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.says, s.n = f, 0
}

// Refused says why requests were refused.
func (s *Service) Refused() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.why...)
}

// Asked is how many requests there were since Say.
func (s *Service) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

func raw(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

var topic = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.n
	s.n++
	if s.says != nil {
		if status, head := s.says(n); status != 0 {
			for k, v := range head {
				w.Header()[k] = v
			}
			w.WriteHeader(status)
			return
		}
	}
	status, why := s.take(r, body)
	if status >= 300 {
		s.why = append(s.why, fmt.Sprint(status, " ", why))
		http.Error(w, why, status)
		return
	}
	w.Header().Set("Location", s.srv.URL+"/message/"+rand.Text())
	w.WriteHeader(status)
}

func (s *Service) take(r *http.Request, body []byte) (status int, why string) {
	b := s.subs[r.URL.Path]
	if b == nil {
		return http.StatusNotFound, "there is no such subscription"
	}
	if b.gone {
		return http.StatusGone, "the subscription has ended"
	}
	if r.Method != http.MethodPost {
		return http.StatusMethodNotAllowed, "POST only"
	}
	subject, why := vapid(r.Header.Get("Authorization"), s.srv.URL, b.of)
	if why != "" {
		return http.StatusForbidden, why
	}
	if ttl, err := strconv.Atoi(r.Header.Get("TTL")); err != nil || ttl < 0 {
		return http.StatusBadRequest, "TTL is missing"
	}
	switch r.Header.Get("Urgency") {
	case "very-low", "low", "normal", "high":
	default:
		return http.StatusBadRequest, "there is no such Urgency"
	}
	if t := r.Header.Get("Topic"); t != "" && !topic.MatchString(t) {
		return http.StatusBadRequest, "no good Topic"
	}
	if r.Header.Get("Content-Encoding") != "aes128gcm" {
		return http.StatusBadRequest, "the encoding is not aes128gcm"
	}
	if len(body) > 4096 {
		return http.StatusRequestEntityTooLarge, "too large"
	}
	words, err := b.read(body)
	if err != nil {
		return http.StatusBadRequest, err.Error()
	}
	b.got = append(b.got, Message{Words: words, TTL: r.Header.Get("TTL"), Urgency: r.Header.Get("Urgency"), Topic: r.Header.Get("Topic"), Size: len(body), Subject: subject})
	return http.StatusCreated, ""
}

// vapid checks who sends (RFC 8292): the signature, for whom it is, how long it holds, and that the key is the one subscribed to.
func vapid(head, origin, of string) (subject, why string) {
	token, key, ok := strings.Cut(strings.TrimPrefix(head, "vapid t="), ", k=")
	if !strings.HasPrefix(head, "vapid t=") || !ok {
		return "", "no vapid authorization"
	}
	if key != of {
		return "", "the key is not the one that the browser subscribed to"
	}
	public, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return "", "the key is no key"
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), public)
	if err != nil {
		return "", "the key is no key"
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", "no JWT"
	}
	var data [3][]byte
	for i, p := range parts {
		if data[i], err = base64.RawURLEncoding.DecodeString(p); err != nil {
			return "", "no JWT: " + err.Error()
		}
	}
	var kind struct{ Alg, Typ string }
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if json.Unmarshal(data[0], &kind) != nil || kind.Alg != "ES256" || kind.Typ != "JWT" || json.Unmarshal(data[1], &claims) != nil {
		return "", "no JWT of ES256"
	}
	left := time.Until(time.Unix(claims.Exp, 0))
	switch {
	case claims.Aud != origin:
		return "", "aud is " + claims.Aud
	case left <= 0 || left > 24*time.Hour:
		return "", "exp is in " + left.String()
	case !strings.HasPrefix(claims.Sub, "mailto:") && !strings.HasPrefix(claims.Sub, "https:"):
		return "", "sub is " + claims.Sub
	case len(data[2]) != 64:
		return "", "the signature is too short"
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(pub, sum[:], new(big.Int).SetBytes(data[2][:32]), new(big.Int).SetBytes(data[2][32:])) {
		return "", "the signature is wrong"
	}
	return claims.Sub, ""
}

// read opens what came for a browser (RFC 8188, RFC 8291): one record.
func (b *browser) read(body []byte) (string, error) {
	if len(body) < 21 || int(body[20]) != 65 || len(body) < 86+17 {
		return "", fmt.Errorf("no header of aes128gcm")
	}
	salt, size, from, sealed := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:86], body[86:]
	if size < 18 || len(sealed) > int(size) {
		return "", fmt.Errorf("a record of %d bytes is longer than %d", len(sealed), size)
	}
	public, err := ecdh.P256().NewPublicKey(from)
	if err != nil {
		return "", err
	}
	shared, err := b.key.ECDH(public)
	if err != nil {
		return "", err
	}
	key := func(secret, salt []byte, info string, n int) []byte {
		out, e := hkdf.Key(sha256.New, secret, salt, info, n)
		if e != nil {
			err = e
		}
		return out
	}
	ikm := key(shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(from), 32)
	block, e := aes.NewCipher(key(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	if e != nil {
		return "", e
	}
	gcm, e := cipher.NewGCM(block)
	if e != nil {
		return "", e
	}
	plain, e := gcm.Open(nil, key(ikm, salt, "Content-Encoding: nonce\x00", 12), sealed, nil)
	if e != nil || err != nil {
		return "", fmt.Errorf("the browser cannot read it")
	}
	words := strings.TrimRight(string(plain), "\x00")
	if !strings.HasSuffix(words, "\x02") {
		return "", fmt.Errorf("the last record does not end as one")
	}
	return strings.TrimSuffix(words, "\x02"), nil
}
