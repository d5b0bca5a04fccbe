// Package seal keeps the disk silent: it turns addresses into keyed hashes and values
// into sealed bytes. Whoever holds a copy of the store but not the key learns neither who wrote nor what.
//
// Values are sealed with AES-256-GCM under a key of their partition, derived from the master key
// by HKDF-SHA256. The nonce is random; with 64 partitions and at most 2^32 values for each
// key (NIST SP 800-38D) a deployment may seal more than 2^38 values before it needs a new key.
// The conversation's hash is bound to every value, so values cannot be exchanged between conversations.
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
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// Size is the length of the master key in bytes.
const Size = 32

// ErrSealed says that a value was not sealed with this key for this conversation, or was changed since.
var ErrSealed = errors.New("the value cannot be unsealed with this key")

// Ring holds the keys of one deployment. It is safe for use by many goroutines.
type Ring struct {
	partitions uint16
	values     []cipher.AEAD
	names      sync.Pool // of *hasher
	secret     []byte
}

// NewKey makes a master key, in base64 as PATIKRA_KEY takes it.
func NewKey() string {
	var b [Size]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// New derives the keys of a deployment with that many partitions from a master key in base64.
func New(key string, partitions int) (*Ring, error) {
	master, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
	if err != nil || len(master) != Size {
		return nil, fmt.Errorf("the key should be %d bytes in base64", Size)
	}
	if partitions < 1 || partitions > 4096 {
		return nil, fmt.Errorf("there should be 1 to 4096 partitions, not %d", partitions)
	}
	r := &Ring{partitions: uint16(partitions)}
	for p := range partitions {
		k, err := hkdf.Key(sha256.New, master, nil, fmt.Sprintf("patikra value %d", p), Size)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		r.values = append(r.values, aead)
	}
	names, err := hkdf.Key(sha256.New, master, nil, "patikra names", Size)
	if err != nil {
		return nil, err
	}
	r.secret, err = hkdf.Key(sha256.New, master, nil, "patikra webhook", Size)
	if err != nil {
		return nil, err
	}
	r.names.New = func() any { return &hasher{Hash: hmac.New(sha256.New, names)} }
	return r, nil
}

// Secret derives a word for a webhook's header from the key, of letters, digits, - and _.
func (r *Ring) Secret(purpose string) string {
	m := hmac.New(sha256.New, r.secret)
	m.Write([]byte(purpose))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// Name hashes an address to a conversation's partition and name.
func (r *Ring) Name(channel, id string) (partition uint16, name [16]byte) {
	sum := r.sum("a", channel, id)
	copy(name[:], sum[:16])
	return uint16(binary.BigEndian.Uint32(sum[16:20]) % uint32(r.partitions)), name
}

// Digest hashes the id of an update, so that it can be remembered without saying whose it was.
func (r *Ring) Digest(channel string, id uint64) uint64 {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], id)
	sum := r.sum("u", channel, string(b[:]))
	return max(binary.BigEndian.Uint64(sum[:8]), 1)
}

// hasher is a keyed hash with room for what goes in and comes out.
type hasher struct {
	hash.Hash
	in  []byte
	out [sha256.Size]byte
}

func (r *Ring) sum(kind, channel, id string) [sha256.Size]byte {
	m := r.names.Get().(*hasher)
	defer r.names.Put(m)
	m.in = append(append(append(append(m.in[:0], kind...), channel...), 0), id...)
	m.Reset()
	m.Write(m.in)
	m.Sum(m.out[:0])
	return m.out
}

// overhead is what a sealed value is longer than the plain one: nonce and tag.
const overhead = 28

// bound writes what a value is bound to, its conversation and kind, behind the room for n bytes in one piece of memory.
func bound(n int, name [16]byte, kind byte) (room, data []byte) {
	b := make([]byte, n+17)
	copy(b[n:], name[:])
	b[n+16] = kind
	return b[:0:n], b[n:]
}

// Seal seals a value of a conversation; kind keeps sessions and messages apart.
func (r *Ring) Seal(partition uint16, name [16]byte, kind byte, plain []byte) []byte {
	room, data := bound(len(plain)+overhead, name, kind)
	return r.values[partition].Seal(room, nil, plain, data)
}

// Open unseals what Seal made. Anything else is ErrSealed.
func (r *Ring) Open(partition uint16, name [16]byte, kind byte, sealed []byte) ([]byte, error) {
	if int(partition) >= len(r.values) {
		return nil, ErrSealed
	}
	room, data := bound(len(sealed), name, kind)
	out, err := r.values[partition].Open(room, nil, sealed, data)
	if err != nil {
		return nil, ErrSealed
	}
	return out, nil
}
