package console

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"patikra/bot"
)

// names turns a case's key in the store into a word for an address, and back. The word says nothing to whoever has not our key,
// and cannot be made up: its first half is a keyed hash of the case's key, which is encrypted with that as its beginning. Words are made
// with the first of the keys and read with all, so that a page that was open when the sealing key changed still finds its case.
type names []naming

// naming is what one key gives.
type naming struct {
	block cipher.Block
	mac   []byte
}

func newNames(secrets []string) (names, error) {
	var out names
	for _, secret := range secrets {
		a, b := sha256.Sum256([]byte("encrypt "+secret)), sha256.Sum256([]byte("hash "+secret))
		block, err := aes.NewCipher(a[:])
		if err != nil {
			return nil, err
		}
		out = append(out, naming{block, b[:]})
	}
	return out, nil
}

func (n naming) tag(plain []byte) []byte {
	mac := hmac.New(sha256.New, n.mac)
	mac.Write(plain)
	return mac.Sum(nil)[:aes.BlockSize]
}

// of names a case.
func (n names) of(k bot.Key) string {
	plain := append(binary.BigEndian.AppendUint16(nil, k.Partition), k.Hash[:]...)
	out := n[0].tag(plain)
	out = append(out, plain...)
	cipher.NewCTR(n[0].block, out[:aes.BlockSize]).XORKeyStream(out[aes.BlockSize:], plain)
	return base64.RawURLEncoding.EncodeToString(out)
}

// key finds the case that a word names.
func (n names) key(word string) (k bot.Key, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil || len(raw) != aes.BlockSize+2+len(k.Hash) {
		return k, false
	}
	for _, n := range n {
		plain := make([]byte, len(raw)-aes.BlockSize)
		cipher.NewCTR(n.block, raw[:aes.BlockSize]).XORKeyStream(plain, raw[aes.BlockSize:])
		if hmac.Equal(n.tag(plain), raw[:aes.BlockSize]) {
			k.Partition = binary.BigEndian.Uint16(plain)
			copy(k.Hash[:], plain[2:])
			return k, true
		}
	}
	return k, false
}
