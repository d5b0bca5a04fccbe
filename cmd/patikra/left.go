package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"patikra/bot/seal"
	"patikra/bot/web"
)

// leftFile holds, sealed, who has left the web page while the store was away, so that they are erased though the program ends meanwhile.
// It is there only as long as somebody waits. Programs that share a Redis need a data folder each.
const leftFile = "left"

// sealedLeft says of a value that it is such a list.
const sealedLeft byte = 'l'

// left keeps that list in the data folder.
type left struct {
	path string
	ring *seal.Ring
}

// leftIn returns what keeps the list, nil when there is no data folder, as with Redis.
func leftIn(dir string, ring *seal.Ring) web.Left {
	if at, err := os.Stat(dir); err != nil || !at.IsDir() {
		return nil
	}
	return left{filepath.Join(dir, leftFile), ring}
}

// Load implements [web.Left].
func (l left) Load() ([]byte, error) {
	sealed, err := os.ReadFile(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read who has left: %w", err)
	}
	sessions, err := l.ring.Open(0, [16]byte{}, sealedLeft, sealed)
	if err != nil {
		return nil, fmt.Errorf("read who has left: the file %s: %w", l.path, err)
	}
	return sessions, nil
}

// Save implements [web.Left].
func (l left) Save(sessions []byte) error {
	if len(sessions) > 0 {
		if err := writeWhole(l.path, l.ring.Seal(0, [16]byte{}, sealedLeft, sessions)); err != nil {
			return fmt.Errorf("keep who has left: %w", err)
		}
		return nil
	}
	if err := os.Remove(l.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("keep who has left: %w", err)
	}
	return nil
}
