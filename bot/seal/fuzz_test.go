package seal_test

import (
	"bytes"
	"testing"

	"patikra/bot/seal"
)

// FuzzOpen holds that only what was sealed for a place, kind and version is opened there, whatever stands in the store.
func FuzzOpen(f *testing.F) {
	const key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	r := ring(f, key)
	name := [16]byte{1, 2, 3}
	good := r.SealVersion(1, name, 's', 7, []byte("words"))
	for _, b := range [][]byte{nil, {0}, good, good[:len(good)-1], append(bytes.Clone(good), 0), r.SealVersion(1, name, 's', 6, []byte("words")), r.Seal(1, name, 'm', nil)} {
		f.Add(b, uint32(7))
	}
	f.Fuzz(func(t *testing.T, sealed []byte, version uint32) {
		kept := bytes.Clone(sealed)
		plain, err := r.OpenVersion(1, name, 's', version, sealed)
		if !bytes.Equal(kept, sealed) {
			t.Fatal("what is stored was changed")
		}
		if err == nil {
			if again, err := r.OpenVersion(1, name, 's', version, r.SealVersion(1, name, 's', version, plain)); err != nil || !bytes.Equal(again, plain) {
				t.Fatalf("%q is not sealed again: %v", plain, err)
			}
			if _, err := r.OpenVersion(1, name, 's', version+1, sealed); err == nil {
				t.Error("opened as another version")
			}
		}
		if next, changed, err := r.Reseal(1, name, 's', version, sealed); err == nil && changed {
			if _, err := r.OpenVersion(1, name, 's', version, next); err != nil {
				t.Errorf("what was sealed again is not opened: %v", err)
			}
		}
		other, err2 := seal.New(key, r.Partitions())
		if err2 != nil {
			t.Fatal(err2)
		}
		_ = other.Unlock(sealed) // refused or not, it must not break
	})
}
