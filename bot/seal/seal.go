// Package seal keeps the disk silent: it turns addresses into keyed hashes and values
// into sealed bytes. Whoever holds a copy of the store but not the key learns neither who wrote nor what.
//
// Values are sealed with AES-256-GCM under a key of their partition, derived from the master key
// by HKDF-SHA256. The nonce is random; with 64 partitions and at most 2^32 values for each
// key (NIST SP 800-38D) a deployment may seal more than 2^38 values before it needs a new key.
// The conversation's hash is bound to every value, so values cannot be exchanged between conversations, and the version
// to every record, so that an earlier value does not open under a later version.
//
// # Changing the key
//
// A ring may hold keys that were used before. A store keeps a label ([Ring.Label]) that says which key its values are sealed
// with, so that a wrong key is refused before anything is read or written with it. The label also holds, sealed, the secret that
// names are made with. A new key takes the values over ([Ring.Next], [Ring.Reseal]) and leaves the names as they are: nothing moves
// in the store, no order is lost, and processes that seal with one key and with the other work on the same records at the same time.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
	"sync/atomic"
)

// Size is the length of the master key in bytes.
const Size = 32

// ErrSealed says that a value was not sealed with a key of this ring for this conversation, or was changed since.
var ErrSealed = errors.New("the value cannot be unsealed with this key")

// ErrKey says that a store's values are sealed with another key than those of the ring.
var ErrKey = errors.New("the store was made with another key")

// ErrLocked says that it is not known yet which key a store is sealed with.
var ErrLocked = errors.New("which key the store is sealed with is not known yet")

// Ring holds the keys of one deployment. It is safe for use by many goroutines.
type Ring struct {
	partitions uint16
	set        atomic.Pointer[set]
	names      atomic.Pointer[namer]
	mu         sync.Mutex // of what changes set
}

// set is the keys, the newest first, and which of them seals.
type set struct {
	keys  []*derived
	seals int
}

// derived is what one master key gives.
type derived struct {
	values []cipher.AEAD
	secret []byte
	names  []byte      // of a store that was made with this key
	check  []byte      // says which key it is, and nothing else of it
	label  cipher.AEAD // seals the secret of names in the store's label
}

// namer makes names. All stores but locked ones have one.
type namer struct {
	secret []byte
	pool   sync.Pool // of *hasher
}

func newNamer(secret []byte) *namer {
	n := &namer{secret: secret}
	n.pool.New = func() any { return &hasher{Hash: hmac.New(sha256.New, secret)} }
	return n
}

// NewKey makes a master key, in base64 as PATIKRA_KEY takes it.
func NewKey() string {
	var b [Size]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// New derives the keys of a deployment with that many partitions from a master key in base64, and from those that were used before,
// the latest first. The ring names as a store does that was made with key; see [Ring.Lock] for one that may have been made with another.
func New(key string, partitions int, older ...string) (*Ring, error) {
	if partitions < 1 || partitions > 4096 {
		return nil, fmt.Errorf("there should be 1 to 4096 partitions, not %d", partitions)
	}
	r := &Ring{partitions: uint16(partitions)}
	all := &set{}
	for _, k := range append([]string{key}, older...) {
		d, err := derive(k, partitions)
		if err != nil {
			return nil, err
		}
		all.keys = append(all.keys, d)
	}
	r.set.Store(all)
	r.names.Store(newNamer(all.keys[0].names))
	return r, nil
}

// Add puts a new key before the others. Nothing is sealed with it, and no secret derived from it, before [Ring.Next] is the
// store's label.
func (r *Ring) Add(key string) error {
	d, err := derive(key, int(r.partitions))
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.set.Load()
	if hmac.Equal(now.keys[0].check, d.check) {
		return nil
	}
	r.set.Store(&set{keys: append([]*derived{d}, now.keys...), seals: now.seals + 1})
	return nil
}

// sealWith makes the i-th key of a set the one that seals.
func (r *Ring) sealWith(now *set, i int) { r.set.Store(&set{keys: now.keys, seals: i}) }

func derive(key64 string, partitions int) (*derived, error) {
	master, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key64))
	if err != nil || len(master) != Size {
		return nil, fmt.Errorf("the key should be %d bytes in base64", Size)
	}
	d := &derived{}
	var errs []error
	key := func(purpose string) []byte {
		k, err := hkdf.Key(sha256.New, master, nil, purpose, Size)
		errs = append(errs, err)
		return k
	}
	sealer := func(purpose string) cipher.AEAD {
		block, err := aes.NewCipher(key(purpose))
		errs = append(errs, err)
		if err != nil {
			return nil
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		errs = append(errs, err)
		return aead
	}
	for p := range partitions {
		d.values = append(d.values, sealer(fmt.Sprintf("patikra value %d", p)))
	}
	d.names, d.secret, d.label = key("patikra names"), key("patikra webhook"), sealer("patikra label")
	m := hmac.New(sha256.New, key("patikra check"))
	m.Write([]byte("patikra"))
	d.check = m.Sum(nil)
	return d, errors.Join(errs...)
}

// Secret derives a word for a webhook's header from the key that seals now, of letters, digits, - and _.
func (r *Ring) Secret(purpose string) string { return r.Secrets(purpose)[0] }

// Secrets derives that word from every key, first from the one that seals now: what was signed before a change of the key can be told
// from a forgery as long as the earlier key is in the ring, and as long as the store has not turned to a new key, a process that knows
// it signs as those do that have the earlier one alone.
func (r *Ring) Secrets(purpose string) []string {
	now := r.set.Load()
	out := []string{now.keys[now.seals].word(purpose)}
	for i, d := range now.keys {
		if i != now.seals {
			out = append(out, d.word(purpose))
		}
	}
	return out
}

func (d *derived) word(purpose string) string {
	m := hmac.New(sha256.New, d.secret)
	m.Write([]byte(purpose))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// Name hashes an address to a conversation's partition and name. The name is all zeros as long as the ring is locked.
func (r *Ring) Name(channel, id string) (partition uint16, name [16]byte) {
	n := r.names.Load()
	if n == nil {
		return 0, name
	}
	sum := n.sum("a", channel, id)
	copy(name[:], sum[:16])
	return uint16(binary.BigEndian.Uint32(sum[16:20]) % uint32(r.partitions)), name
}

// Lasting derives a secret from what the store's names are made with: it is the same for every process and whatever becomes of the
// sealing key. Ok is false while the ring is locked.
func (r *Ring) Lasting(purpose string) (secret [sha256.Size]byte, ok bool) {
	n := r.names.Load()
	if n == nil {
		return secret, false
	}
	return n.sum("k", purpose, ""), true
}

// Digest hashes the id of an update, so that it can be remembered without saying whose it was.
func (r *Ring) Digest(channel string, id uint64) uint64 {
	n := r.names.Load()
	if n == nil {
		return 1
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], id)
	sum := n.sum("u", channel, string(b[:]))
	return max(binary.BigEndian.Uint64(sum[:8]), 1)
}

// hasher is a keyed hash with room for what goes in and comes out.
type hasher struct {
	hash.Hash
	in  []byte
	out [sha256.Size]byte
}

func (n *namer) sum(kind, channel, id string) [sha256.Size]byte {
	m := n.pool.Get().(*hasher)
	defer n.pool.Put(m)
	m.in = append(append(append(append(m.in[:0], kind...), channel...), 0), id...)
	m.Reset()
	m.Write(m.in)
	m.Sum(m.out[:0])
	return m.out
}

// overhead is what a sealed value is longer than the plain one: nonce and tag.
const overhead = 28

// most is how long what a value is bound to can be: name, kind, version.
const most = 16 + 1 + 4

// bound writes what a value is bound to, its conversation and kind and for a record its version, behind the room for n bytes in one
// piece of memory.
func bound(n int, name [16]byte, kind byte, version uint32) (room, data []byte) {
	b := make([]byte, n, n+most)
	b = append(append(b, name[:]...), kind)
	if version != 0 {
		b = binary.BigEndian.AppendUint32(b, version)
	}
	return b[:0:n], b[n:]
}

// Seal seals a value of a conversation; kind keeps sessions and messages apart.
func (r *Ring) Seal(partition uint16, name [16]byte, kind byte, plain []byte) []byte {
	return r.SealVersion(partition, name, kind, 0, plain)
}

// Open unseals what Seal made. Anything else is ErrSealed.
func (r *Ring) Open(partition uint16, name [16]byte, kind byte, sealed []byte) ([]byte, error) {
	return r.OpenVersion(partition, name, kind, 0, sealed)
}

// SealVersion seals a record, which does not open under another version.
func (r *Ring) SealVersion(partition uint16, name [16]byte, kind byte, version uint32, plain []byte) []byte {
	now := r.set.Load()
	return now.keys[now.seals].seal(partition, name, kind, version, plain)
}

// OpenVersion unseals what SealVersion made for that version, and what earlier programs made, which is bound to none. Anything else is
// ErrSealed.
func (r *Ring) OpenVersion(partition uint16, name [16]byte, kind byte, version uint32, sealed []byte) ([]byte, error) {
	out, _, err := r.set.Load().open(partition, name, kind, version, sealed)
	return out, err
}

func (d *derived) seal(partition uint16, name [16]byte, kind byte, version uint32, plain []byte) []byte {
	room, data := bound(len(plain)+overhead, name, kind, version)
	return d.values[partition].Seal(room, nil, plain, data)
}

// open tries the key that seals first, then the others. settled says that it was sealed with that key, and for its version.
func (s *set) open(partition uint16, name [16]byte, kind byte, version uint32, sealed []byte) (plain []byte, settled bool, err error) {
	if int(partition) >= len(s.keys[0].values) {
		return nil, false, ErrSealed
	}
	try := func(i int, version uint32) bool {
		room, data := bound(len(sealed), name, kind, version)
		plain, err = s.keys[i].values[partition].Open(room, nil, sealed, data)
		return err == nil
	}
	if try(s.seals, version) {
		return plain, true, nil
	}
	for i := range s.keys {
		if i != s.seals && try(i, version) || version != 0 && try(i, 0) {
			return plain, false, nil
		}
	}
	return nil, false, ErrSealed
}

// Reseal seals a value anew with the key that seals now. changed is false where that was so already; anything no key of the ring opens
// is ErrSealed.
func (r *Ring) Reseal(partition uint16, name [16]byte, kind byte, version uint32, sealed []byte) (next []byte, changed bool, err error) {
	now := r.set.Load()
	plain, settled, err := now.open(partition, name, kind, version, sealed)
	if err != nil || settled {
		return nil, false, err
	}
	return now.keys[now.seals].seal(partition, name, kind, version, plain), true, nil
}

// Partitions is how many partitions there are.
func (r *Ring) Partitions() int { return int(r.partitions) }

// Keys is how many keys the ring holds.
func (r *Ring) Keys() int { return len(r.set.Load().keys) }

// label is how a store says which key its values are sealed with.
type label struct {
	Check []byte `json:"check"`
	Names []byte `json:"names"` // the secret of its names, sealed
}

// Lock makes the ring forget what names are made with, until [Ring.Unlock] learns it from a store.
func (r *Ring) Lock() { r.names.Store(nil) }

// Label is what a store is labelled with whose values are sealed with the key that seals now. Of a locked ring it is the label of a new
// store.
func (r *Ring) Label() []byte {
	now := r.set.Load()
	return r.labelled(now.keys[now.seals])
}

func (r *Ring) labelled(d *derived) []byte {
	secret := d.names
	if n := r.names.Load(); n != nil {
		secret = n.secret
	}
	out, err := json.Marshal(label{Check: d.check, Names: d.label.Seal(nil, nil, secret, d.check)})
	if err != nil { // two byte slices
		panic(err)
	}
	return out
}

// Unlock reads a store's label: from then values are sealed with the key it names, and names are made as the store has them. ErrKey says
// that it names no key of the ring. The ring never goes back to an earlier key: whoever can write to the store, and has that key, could
// wish it to.
func (r *Ring) Unlock(stored []byte) error {
	var l label
	if err := json.Unmarshal(stored, &l); err != nil {
		return ErrKey
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.set.Load()
	for i, d := range now.keys {
		if !hmac.Equal(l.Check, d.check) {
			continue
		}
		secret, err := d.label.Open(nil, nil, l.Names, d.check)
		if err != nil || len(secret) != Size {
			return ErrKey
		}
		switch n := r.names.Load(); {
		case n == nil:
			r.sealWith(now, i)
			r.names.Store(newNamer(secret))
		case !hmac.Equal(n.secret, secret):
			return ErrKey // another store has taken its place
		case i < now.seals:
			r.sealWith(now, i)
		}
		return nil
	}
	return ErrKey
}

// Adopt unlocks the ring for a store without a label, which is new or was written by an earlier program, as one that was made with the
// i-th key.
func (r *Ring) Adopt(i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.set.Load()
	r.sealWith(now, i)
	r.names.Store(newNamer(now.keys[i].names))
}

// Opens reports whether the i-th key opens a value of a store without a label.
func (r *Ring) Opens(i int, partition uint16, name [16]byte, kind byte, version uint32, sealed []byte) bool {
	one := &set{keys: r.set.Load().keys[i : i+1]}
	_, _, err := one.open(partition, name, kind, version, sealed)
	return err == nil
}

// Next is the label with which the newest key takes a store over. It reports false where that key seals already.
func (r *Ring) Next() (label []byte, ok bool) {
	now := r.set.Load()
	if now.seals == 0 || r.names.Load() == nil {
		return nil, false
	}
	return r.labelled(now.keys[0]), true
}
