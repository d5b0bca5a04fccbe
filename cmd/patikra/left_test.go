package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"patikra/bot/seal"
)

func TestWhoHasLeftIsKeptSealedAndOnlyAsLongAsSomebodyWaits(t *testing.T) {
	dir := t.TempDir()
	ring := func(key string) *seal.Ring {
		r, err := seal.New(key, 64)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	key := seal.NewKey()
	if leftIn(filepath.Join(dir, "none"), ring(key)) != nil {
		t.Error("without a data folder one is made")
	}
	list := bytes.Repeat([]byte("a session's name in here"), 500)
	l := leftIn(dir, ring(key))
	if got, err := l.Load(); err != nil || got != nil {
		t.Fatalf("at first: %d bytes, %v", len(got), err)
	}
	for range 2 {
		if err := l.Save(list); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, leftFile)
	data, err := os.ReadFile(path)
	at, _ := os.Stat(path)
	if err != nil || bytes.Contains(data, list[:8]) || at.Mode().Perm() != 0o600 {
		t.Errorf("the disk tells something, or everybody may read it: %v, %v", at, err)
	}
	if got, err := leftIn(dir, ring(key)).Load(); err != nil || !bytes.Equal(got, list) {
		t.Errorf("another start reads %d bytes, %v", len(got), err)
	}
	if _, err := leftIn(dir, ring(seal.NewKey())).Load(); err == nil {
		t.Error("another key opens it")
	}
	if err := l.Save(nil); err != nil {
		t.Fatal(err)
	}
	if there, _ := os.ReadDir(dir); len(there) != 0 {
		t.Errorf("%v is left in the folder", there)
	}
}
