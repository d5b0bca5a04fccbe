package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"patikra/bot/seal"
)

const known = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// What an earlier program stored must be found and opened by every later one: these bytes are never made anew.
func TestWhatWasMadeWithAKeyIsKnownForEver(t *testing.T) {
	r := ring(t, known)
	p, name := r.Name("telegram", "5000000001")
	if p != 7 || hex.EncodeToString(name[:]) != "17447738fc555b4e5addc00112b15f28" {
		t.Errorf("the name is %d %x", p, name)
	}
	if d := r.Digest("telegram", 7); d != 3789406633677065078 {
		t.Errorf("the digest is %d", d)
	}
	if s := r.Secret("webhook"); s != "0fw_R2MoXz0IYuivVEOnv14IjQPsjvIWt_hKFz3fdm0" {
		t.Errorf("the secret is %s", s)
	}
	for _, kept := range []struct {
		kind    byte
		version uint32
		sealed  string
	}{
		{'s', 7, "9bd22d268f0e04e58a4970dd0615857fcee99a9633fde6217af9aa206c9a1d24d6"},
		{'m', 0, "8ad7b8093e5734642f6d49643b491b624d6846032763853b6c5a43b1488c701a22"},
	} {
		sealed, _ := hex.DecodeString(kept.sealed)
		if plain, err := r.OpenVersion(p, name, kept.kind, kept.version, sealed); err != nil || string(plain) != "words" {
			t.Errorf("kind %c opens as %q, %v", kept.kind, plain, err)
		}
	}
	label := `{"check":"XqrIHuzF1WbWm3UBf4yXGh4ENiQ4StkMLathcCDxzrs=","names":"ECFmReGK7axhba9qFQpM//5C2z/Sw5NdLD59yN5LIsCsFbbpbI+9+M+vJAPXan3palZTp2fRJIVA4bph"}`
	r.Lock()
	if err := r.Unlock([]byte(label)); err != nil {
		t.Fatal(err)
	}
	if _, again := r.Name("telegram", "5000000001"); again != name {
		t.Error("the label gives other names")
	}
}

func TestARecordOpensUnderItsVersionAlone(t *testing.T) {
	r := ring(t, known)
	name := [16]byte{1}
	for _, made := range []uint32{1, 2, 7} {
		sealed := r.SealVersion(1, name, 's', made, []byte("words"))
		for _, asked := range []uint32{0, 1, 2, 7, 8} {
			if _, err := r.OpenVersion(1, name, 's', asked, sealed); (err == nil) != (asked == made) {
				t.Errorf("sealed for version %d, opened for %d: %v", made, asked, err)
			}
		}
		if _, err := r.Open(1, name, 's', sealed); !errors.Is(err, seal.ErrSealed) {
			t.Errorf("version %d opens without one: %v", made, err)
		}
		if _, err := r.OpenVersion(1, name, 's', made, r.Seal(1, name, 's', nil)); err != nil {
			t.Errorf("of a program that knew no versions, version %d: %v", made, err)
		}
	}
}

func TestAValueOfNoPartitionIsRefused(t *testing.T) {
	r := ring(t, known)
	for _, p := range []uint16{16, 17, 65535} {
		if _, err := r.Open(p, [16]byte{}, 's', r.Seal(1, [16]byte{}, 's', nil)); !errors.Is(err, seal.ErrSealed) {
			t.Errorf("partition %d: %v", p, err)
		}
	}
	for n, good := range map[int]bool{0: false, 1: true, 4096: true, 4097: false} {
		if r, err := seal.New(known, n); (err == nil) != good || good && r.Partitions() != n {
			t.Errorf("%d partitions: %v", n, err)
		}
	}
}

func TestALockedRingNamesNobody(t *testing.T) {
	r, _, _ := turned(t)
	r.Lock()
	if p, name := r.Name("telegram", "5"); p != 0 || name != [16]byte{} || r.Digest("telegram", 5) != 1 {
		t.Errorf("partition %d, name %x, digest %d", p, name, r.Digest("telegram", 5))
	}
	if _, ok := r.Next(); ok {
		t.Error("a locked ring takes a store over")
	}
	if err := r.Unlock(r.Label()); err != nil { // of a new store
		t.Fatal(err)
	}
	if _, name := r.Name("telegram", "5"); name == ([16]byte{}) {
		t.Error("unlocked it names nobody")
	}
}

// turned is a ring with a new key and an old one, before the store has turned to the new one.
func turned(t *testing.T) (r *seal.Ring, old *seal.Ring, key string) {
	r, old, key = ring(t, known), ring(t, known), seal.NewKey()
	if err := r.Add(key); err != nil {
		t.Fatal(err)
	}
	return r, old, key
}

func TestAddingAKeyChangesNothingUntilTheStoreTurnsToIt(t *testing.T) {
	r, old, key := turned(t)
	p, name := old.Name("web", "5")
	if err := r.Add(key); err != nil || r.Keys() != 2 {
		t.Errorf("added twice it is one of %d keys, %v", r.Keys(), err)
	}
	if err := r.Add("short"); err == nil || r.Keys() != 2 {
		t.Errorf("a key that is none is one of %d, %v", r.Keys(), err)
	}
	if plain, err := old.Open(p, name, 's', r.Seal(p, name, 's', []byte("words"))); err != nil || string(plain) != "words" {
		t.Errorf("a process with the old key alone reads %q, %v", plain, err)
	}
	if p2, again := r.Name("web", "5"); again != name || p2 != p {
		t.Error("a name has changed")
	}
	if all := r.Secrets("desk"); len(all) != 2 || all[0] != old.Secret("desk") || all[1] != ring(t, key).Secret("desk") || r.Secret("desk") != all[0] {
		t.Errorf("the secrets are %q", all)
	}
	if _, changed, err := r.Reseal(p, name, 's', 0, old.Seal(p, name, 's', nil)); changed || err != nil {
		t.Errorf("a value is taken over too early: %v %v", changed, err)
	}
}

func TestAStoreTurnsToANewKeyWithAllItsNamesAndNeverBack(t *testing.T) {
	r, old, key := turned(t)
	before := r.Label()
	p, name := old.Name("web", "5")
	kept := old.SealVersion(p, name, 's', 3, []byte("words"))
	early := old.Seal(p, name, 's', []byte("words")) // of a program that knew no versions
	next, ok := r.Next()
	if !ok {
		t.Fatal("there is no next label")
	}
	if err := r.Unlock(next); err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Next(); ok {
		t.Error("it can be taken over once more")
	}
	if p2, again := r.Name("web", "5"); again != name || p2 != p || r.Digest("web", 5) != old.Digest("web", 5) {
		t.Error("a name has changed")
	}
	if all, fresh := r.Secrets("desk"), ring(t, key); !slices.Equal(all, []string{fresh.Secret("desk"), old.Secret("desk")}) {
		t.Errorf("the secrets are %q", all)
	}
	for _, stored := range [][]byte{kept, early} {
		if plain, err := r.OpenVersion(p, name, 's', 3, stored); err != nil || string(plain) != "words" {
			t.Errorf("what was stored reads %q, %v", plain, err)
		}
		again, changed, err := r.Reseal(p, name, 's', 3, stored)
		if err != nil || !changed {
			t.Fatalf("it is not taken over: %v %v", changed, err)
		}
		if plain, err := ring(t, key).OpenVersion(p, name, 's', 3, again); err != nil || string(plain) != "words" {
			t.Errorf("the new key alone reads %q, %v", plain, err)
		}
		if _, err := r.OpenVersion(p, name, 's', 4, again); err == nil {
			t.Error("what was taken over opens under another version")
		}
		if _, changed, err := r.Reseal(p, name, 's', 3, again); changed || err != nil {
			t.Errorf("it is taken over twice: %v %v", changed, err)
		}
	}
	if _, changed, err := r.Reseal(p, name, 's', 3, []byte("anything")); changed || !errors.Is(err, seal.ErrSealed) {
		t.Errorf("what no key opens: %v %v", changed, err)
	}
	if err := r.Unlock(before); err != nil {
		t.Errorf("the label of before: %v", err)
	}
	if _, err := old.Open(p, name, 's', r.Seal(p, name, 's', nil)); !errors.Is(err, seal.ErrSealed) {
		t.Error("it seals with the old key again")
	}
	later, err := seal.New(key, 16)
	if err != nil {
		t.Fatal(err)
	}
	later.Lock()
	if err := later.Unlock(r.Label()); err != nil {
		t.Fatal(err)
	}
	if _, again := later.Name("web", "5"); again != name {
		t.Error("with the new key alone a name is another")
	}
}

func TestALabelThatIsNotOfThisStoreIsRefused(t *testing.T) {
	r, _, key := turned(t)
	stranger := ring(t, key) // names with the new key, not as the store does
	mine := ring(t, known).Label()
	var l map[string]string
	if err := json.Unmarshal(mine, &l); err != nil {
		t.Fatal(err)
	}
	names, _ := base64.StdEncoding.DecodeString(l["names"])
	names[20] ^= 1
	l["names"] = base64.StdEncoding.EncodeToString(names)
	changed, _ := json.Marshal(l)
	for what, label := range map[string][]byte{
		"no label": nil, "of a key nobody has": ring(t, seal.NewKey()).Label(), "of another store": stranger.Label(), "changed": changed, "cut": mine[:len(mine)-1],
	} {
		if err := r.Unlock(label); !errors.Is(err, seal.ErrKey) {
			t.Errorf("%s: %v", what, err)
		}
		if what == "of another store" {
			continue // a locked ring learns from the label which store it is
		}
		locked := ring(t, known)
		locked.Lock()
		if err := locked.Unlock(label); !errors.Is(err, seal.ErrKey) {
			t.Errorf("%s, for a locked ring: %v", what, err)
		}
	}
	if got := r.Secret("desk"); got != ring(t, known).Secret("desk") {
		t.Error("a refused label has changed the key that seals")
	}
}

func TestALockedRingSealsAsTheLabelSays(t *testing.T) {
	newest := seal.NewKey()
	r, err := seal.New(newest, 16, known)
	if err != nil {
		t.Fatal(err)
	}
	r.Lock()
	if err := r.Unlock(ring(t, known).Label()); err != nil {
		t.Fatal(err)
	}
	if r.Secret("desk") != ring(t, known).Secret("desk") || r.Keys() != 2 {
		t.Error("it seals with another key than the store's")
	}
	if _, ok := r.Next(); !ok {
		t.Error("the newest key cannot take the store over")
	}
	if _, err := seal.New(newest, 16, "short"); err == nil {
		t.Error("an older key that is none is taken")
	}
}

func TestAStoreWithoutALabelIsTakenAsMadeWithTheKeyThatOpensIt(t *testing.T) {
	newest := seal.NewKey()
	r, err := seal.New(newest, 16, known)
	if err != nil {
		t.Fatal(err)
	}
	old := ring(t, known)
	p, name := old.Name("web", "5")
	value := old.SealVersion(p, name, 's', 3, []byte("words"))
	if r.Opens(0, p, name, 's', 3, value) || !r.Opens(1, p, name, 's', 3, value) || r.Opens(1, p, name, 's', 4, value) {
		t.Error("which key opens it is told wrongly")
	}
	r.Lock()
	r.Adopt(1)
	if _, again := r.Name("web", "5"); again != name {
		t.Error("a name has changed")
	}
	if _, err := old.Open(p, name, 's', r.Seal(p, name, 's', nil)); err != nil {
		t.Errorf("a process with that key alone: %v", err)
	}
	if !bytes.Contains(r.Label(), []byte(`"XqrIHuzF1WbWm3UBf4yXGh4ENiQ4StkMLathcCDxzrs="`)) {
		t.Errorf("the label names another key: %s", r.Label())
	}
}
