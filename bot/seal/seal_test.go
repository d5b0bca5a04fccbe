package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"testing"

	"patikra/bot/seal"
)

func ring(t testing.TB, key string) *seal.Ring {
	t.Helper()
	r, err := seal.New(key, 16)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOnlyTheSameKeyPlaceAndKindUnseal(t *testing.T) {
	key := seal.NewKey()
	r := ring(t, key)
	p, name := r.Name("telegram", "5000000001")
	plain := []byte("answers as positions")
	sealed := r.Seal(p, name, 's', plain)
	if bytes.Contains(sealed, plain[:8]) {
		t.Error("it is not sealed")
	}
	if got, err := ring(t, key).Open(p, name, 's', sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%q %v", got, err)
	}
	other := name
	other[3] ^= 1
	for what, open := range map[string]func() ([]byte, error){
		"another key":          func() ([]byte, error) { return ring(t, seal.NewKey()).Open(p, name, 's', sealed) },
		"another partition":    func() ([]byte, error) { return r.Open((p+1)%16, name, 's', sealed) },
		"another conversation": func() ([]byte, error) { return r.Open(p, other, 's', sealed) },
		"another kind":         func() ([]byte, error) { return r.Open(p, name, 'm', sealed) },
		"a changed byte":       func() ([]byte, error) { b := bytes.Clone(sealed); b[len(b)/2] ^= 1; return r.Open(p, name, 's', b) },
		"a cut value":          func() ([]byte, error) { return r.Open(p, name, 's', sealed[:len(sealed)-1]) },
		"nothing":              func() ([]byte, error) { return r.Open(p, name, 's', nil) },
	} {
		if got, err := open(); !errors.Is(err, seal.ErrSealed) || got != nil {
			t.Errorf("%s: %q %v", what, got, err)
		}
	}
	if bytes.Equal(sealed, r.Seal(p, name, 's', plain)) {
		t.Error("the same value is sealed the same way twice")
	}
}

func TestNamesAndDigestsNeedTheKeyAndDoNotMeet(t *testing.T) {
	key := seal.NewKey()
	a, b := ring(t, key), ring(t, seal.NewKey())
	seen := map[[16]byte]bool{}
	partitions := map[uint16]int{}
	for i := range 4000 {
		id := fmt.Sprint(i)
		p, name := a.Name("telegram", id)
		if p2, again := a.Name("telegram", id); again != name || p2 != p {
			t.Fatal("a name changes")
		}
		_, web := a.Name("web", id)
		if _, other := b.Name("telegram", id); other == name || web == name || seen[name] {
			t.Fatal("two names are the same")
		}
		seen[name] = true
		partitions[p]++
		if a.Digest("telegram", uint64(i)) == b.Digest("telegram", uint64(i)) || a.Digest("telegram", uint64(i)) == a.Digest("web", uint64(i)) || a.Digest("telegram", uint64(i)) == 0 {
			t.Fatal("two digests are the same")
		}
	}
	if len(partitions) != 16 {
		t.Errorf("%d partitions are used", len(partitions))
	}
	for p, n := range partitions {
		if n < 150 || n > 350 {
			t.Errorf("partition %d has %d of 4000", p, n)
		}
	}
	if s := a.Secret("telegram"); !regexp.MustCompile(`^[A-Za-z0-9_-]{32,256}$`).MatchString(s) || s == a.Secret("web forms") || s == b.Secret("telegram") {
		t.Errorf("the secret %q", s)
	}
}

func TestKeysThatAreNoneAreRefusedWithoutBeingRepeated(t *testing.T) {
	for _, key := range []string{"", "c2hvcnQ=", "not base64 !!", seal.NewKey() + "AAAA"} {
		if _, err := seal.New(key, 16); err == nil || len(key) > 4 && bytes.Contains([]byte(err.Error()), []byte(key)) {
			t.Errorf("%q: %v", key, err)
		}
	}
	for _, n := range []int{0, -1, 5000} {
		if _, err := seal.New(seal.NewKey(), n); err == nil {
			t.Errorf("%d partitions are taken", n)
		}
	}
}

func BenchmarkSealAndOpen(b *testing.B) {
	r := ring(b, seal.NewKey())
	p, name := r.Name("telegram", "5")
	plain := make([]byte, 150)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Open(p, name, 's', r.Seal(p, name, 's', plain)); err != nil {
			b.Fatal(err)
		}
	}
}
