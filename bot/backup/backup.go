// Package backup is the form of a copy of a whole store in one file: sealed as a whole, so that whoever finds it learns its day and
// size and nothing else, and so that what was altered or cut off is noticed.
//
// A file is the line "patikra backup", a line of JSON (the [Header]), and pieces of at most 64 KiB, each sealed with AES-256-GCM
// under a key that is derived by HKDF-SHA256 from the store's key, a random salt and the header. The nonce is the piece's number
// and, in its last byte, whether it is the last: pieces cannot be left out, exchanged, repeated or cut off. This is the STREAM
// construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015).
package backup

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	magic      = "patikra backup\n"
	form       = 1
	piece      = 64 << 10
	mostHeader = 4 << 10
)

// Header stands in the file in clear.
type Header struct {
	Form       int       `json:"form"`
	Made       time.Time `json:"made"`
	Program    string    `json:"program"` // its version
	Partitions int       `json:"partitions"`
	Check      []byte    `json:"check"` // says which key it is sealed with, and nothing else of it
	Salt       []byte    `json:"salt"`
}

// Errors of a file that is not taken.
var (
	ErrNone    = errors.New("this is no backup of patikra")
	ErrKey     = errors.New("this backup was made with another key; set PATIKRA_KEY to the one it was made with, or name that one in PATIKRA_KEY_OLD")
	ErrAltered = errors.New("this backup is damaged or was altered: nothing of it is used")
	ErrCut     = errors.New("this backup is cut off: nothing of it is used")
)

func check(secret string) []byte {
	sum := sha256.Sum256([]byte("patikra backup check " + secret))
	return sum[:8]
}

func sealer(secret string, header []byte, salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), salt, "patikra backup "+string(header), 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func nonce(n uint64, last bool) []byte {
	b := make([]byte, 12)
	binary.BigEndian.PutUint64(b[3:11], n)
	if last {
		b[11] = 1
	}
	return b
}

// Writer seals what is written to it. Nothing of it counts before Close.
type Writer struct {
	to   io.Writer
	aead cipher.AEAD
	buf  []byte
	n    uint64
}

// NewWriter begins a file with a secret derived from the store's key.
func NewWriter(to io.Writer, secret string, partitions int, program string, made time.Time) (*Writer, error) {
	h := Header{Form: form, Made: made.UTC().Truncate(time.Second), Program: program, Partitions: partitions, Check: check(secret), Salt: make([]byte, 32)}
	rand.Read(h.Salt)
	line, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	aead, err := sealer(secret, line, h.Salt)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(to, "%s%s\n", magic, line)
	return &Writer{to: to, aead: aead, buf: make([]byte, 0, piece)}, err
}

// Write adds to the file.
func (w *Writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		if len(w.buf) == piece { // there is more: it is not the last
			if err := w.flush(false); err != nil {
				return n, err
			}
		}
		took := min(piece-len(w.buf), len(p))
		w.buf = append(w.buf, p[:took]...)
		p, n = p[took:], n+took
	}
	return n, nil
}

func (w *Writer) flush(last bool) error {
	_, err := w.to.Write(w.aead.Seal(nil, nonce(w.n, last), w.buf, nil))
	w.n++
	w.buf = w.buf[:0]
	return err
}

// Close writes the last piece.
func (w *Writer) Close() error { return w.flush(true) }

// Reader reads a file piece by piece. What it gives is authentic, but that it is whole is known only with io.EOF: see [Verify].
type Reader struct {
	Header Header
	from   *bufio.Reader
	aead   cipher.AEAD
	n      uint64
	buf    []byte
	ended  bool
}

// NewReader reads a file's beginning. The secrets are derived from the keys that may have been used.
func NewReader(from io.Reader, secrets ...string) (*Reader, error) {
	r := &Reader{from: bufio.NewReaderSize(from, piece+64)}
	begin := make([]byte, len(magic))
	if _, err := io.ReadFull(r.from, begin); err != nil || string(begin) != magic {
		return nil, ErrNone
	}
	line, err := r.from.ReadSlice('\n')
	if err != nil || len(line) > mostHeader {
		return nil, ErrNone
	}
	line = bytes.Clone(line[:len(line)-1])
	if err := json.Unmarshal(line, &r.Header); err != nil {
		return nil, ErrNone
	}
	if r.Header.Form != form {
		return nil, fmt.Errorf("this backup has form %d, and this program knows form %d; use the program that made it (%s) or a later one", r.Header.Form, form, r.Header.Program)
	}
	for _, secret := range secrets {
		if subtle.ConstantTimeCompare(check(secret), r.Header.Check) != 1 {
			continue
		}
		r.aead, err = sealer(secret, line, r.Header.Salt)
		return r, err
	}
	return nil, ErrKey
}

// Read gives what was written.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.buf) == 0 {
		if r.ended {
			return 0, io.EOF
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.buf)
	r.buf = r.buf[n:]
	return n, nil
}

func (r *Reader) next() error {
	sealed := make([]byte, piece+r.aead.Overhead())
	n, err := io.ReadFull(r.from, sealed)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return err
	}
	if n == 0 {
		return ErrCut
	}
	_, peek := r.from.Peek(1)
	last := peek != nil
	plain, err := r.aead.Open(nil, nonce(r.n, last), sealed[:n], nil)
	if err != nil && last {
		if _, err := r.aead.Open(nil, nonce(r.n, false), sealed[:n], nil); err == nil {
			return ErrCut
		}
	}
	if err != nil {
		return ErrAltered
	}
	r.n, r.buf, r.ended = r.n+1, plain, last
	return nil
}

// Verify reads a file to its end and tells whether it is whole and unaltered.
func Verify(from io.Reader, secrets ...string) (Header, error) {
	r, err := NewReader(from, secrets...)
	if err != nil {
		return Header{}, err
	}
	_, err = io.Copy(io.Discard, r)
	return r.Header, err
}
