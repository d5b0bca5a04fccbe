package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"patikra/bot/engine"
	"patikra/bot/redisstore"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/content/sheet"
)

// Files of the data folder in which the embedded store's key lies.
const (
	keyFile = "key"
	newFile = "key.new" // while the key is being changed
	oldFile = "key.old" // those before, one a line and the latest first, for what was signed with them
)

// opened is a store with the ring whose key it was made with.
type opened struct {
	*engine.Guard
	ring *seal.Ring
	name string // redis or sqlite
}

// openStore opens the store that the settings name. A key that does not fit is an error; a Redis that is away is none: the guard lets
// nothing through until it is back and the key was found right.
func openStore(ctx context.Context, set settings) (*opened, error) {
	if set.redis != "" {
		ring, err := seal.New(set.key, set.partitions, set.older...)
		if err != nil {
			return nil, fmt.Errorf("PATIKRA_KEY: %w", err)
		}
		store, err := redisstore.Open(ctx, redisstore.Options{URL: set.redis, Partitions: set.partitions, Existing: set.existing})
		if err != nil {
			return nil, err
		}
		o := &opened{engine.NewGuard(store, ring, "PATIKRA_KEY"), ring, "redis"}
		first, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if err := o.Look(first); errors.Is(err, seal.ErrKey) {
			store.Close()
			return nil, err
		}
		return o, nil
	}
	if _, err := os.Stat(filepath.Join(set.data, sqlitestore.FileName)); set.existing && errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("PATIKRA_DATA: there is no store in the folder %s; run this in the folder and with the settings of the program that runs (REDIS_URL, PATIKRA_DATA), or start that once", set.data)
	}
	keys, setting := append([]string{set.key}, set.older...), "PATIKRA_KEY"
	if set.key == "" {
		var err error
		if keys, err = dataKeys(set.data); err != nil {
			return nil, err
		}
		setting = "the file " + keyFile + " in PATIKRA_DATA"
		keys = append(keys, set.older...)
	}
	ring, err := seal.New(keys[0], set.partitions, keys[1:]...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	store, err := sqlitestore.Open(set.data, set.partitions)
	if err != nil {
		return nil, err
	}
	o := &opened{engine.NewGuard(store, ring, setting), ring, "sqlite"}
	if err := o.Look(ctx); err != nil {
		store.Close()
		return nil, err
	}
	return o, nil
}

// dataKeys returns the keys in the data folder, the newest first. The first one is made, unless there is a store already: a key that
// was lost cannot be made again, and another one would open nothing of it.
func dataKeys(dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	var keys []string
	for _, name := range []string{newFile, keyFile, oldFile} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the key: %w", err)
		}
		keys = append(keys, strings.Fields(string(b))...)
	}
	if len(keys) > 0 {
		return keys, nil
	}
	if _, err := os.Stat(filepath.Join(dir, sqlitestore.FileName)); !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("PATIKRA_DATA: the folder %s holds a store, and its key is gone: put the file %s back from a copy, or set PATIKRA_KEY to the key "+
			"the store was made with; to begin anew without what is there, move %s away", dir, keyFile, sqlitestore.FileName)
	}
	key := seal.NewKey()
	return []string{key}, writeKey(dir, keyFile, key)
}

// writeKey writes a key into the data folder, whole or not at all.
func writeKey(dir, name, key string) error {
	if err := writeWhole(filepath.Join(dir, name), []byte(key+"\n")); err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	return nil
}

// writeWhole writes a file that only its owner may read, whole or not at all.
func writeWhole(path string, data []byte) error {
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err == nil {
		_, err = f.Write(data)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	return err
}

// rotation is what a chore of changing the key is asked: the first and the last time more happens than a pass.
type rotation struct {
	Begin  bool `json:"begin,omitempty"`
	Finish bool `json:"finish,omitempty"`
}

// rotateTime is how long one pass may take before it is asked for again.
const rotateTime = 10 * time.Second

// rotateKey is one step of changing the key.
func rotateKey(ctx context.Context, o *opened, set settings, in json.RawMessage) (any, error) {
	var step rotation
	if err := json.Unmarshal(in, &step); err != nil {
		return nil, plainf("this is no step of a change of the key")
	}
	inFolder := set.redis == "" && set.key == ""
	if step.Begin && inFolder {
		if err := beginKey(set.data, o.ring); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, rotateTime)
	defer cancel()
	r, err := o.Rotate(ctx)
	if err == nil && step.Finish && r.Done && r.Resealed == 0 && inFolder {
		err = finishKey(set.data)
	}
	return r, err
}

// beginKey makes the new key of the data folder, or goes on with the one of a change that was broken off.
func beginKey(dir string, ring *seal.Ring) error {
	b, err := os.ReadFile(filepath.Join(dir, newFile))
	key := strings.TrimSpace(string(b))
	if errors.Is(err, os.ErrNotExist) {
		key = seal.NewKey()
		err = writeKey(dir, newFile, key)
	}
	if err != nil {
		return err
	}
	return ring.Add(key)
}

// finishKey puts the new key in the place of the one before, which is kept before the earlier ones for what was signed with it. Killed
// between, the files are read as well, and the next change goes on from there.
func finishKey(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, newFile)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var before []string
	for _, name := range []string{keyFile, oldFile} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("keep the key before: %w", err)
		}
		for _, key := range strings.Fields(string(b)) {
			if !slices.Contains(before, key) {
				before = append(before, key)
			}
		}
	}
	if err := writeKey(dir, oldFile, strings.Join(before, "\n")); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dir, newFile), filepath.Join(dir, keyFile)); err != nil {
		return fmt.Errorf("put the new key in its place: %w", err)
	}
	return nil
}

// settle is how long to wait before the last pass, so that every process has seen that the key has changed.
const settle = 3 * time.Second

// rotateCommand changes the key: patikra key rotate.
func rotateCommand(ctx context.Context, out, errs io.Writer) int {
	total, turned, last := 0, false, false
	step := rotation{Begin: true}
	for {
		var r engine.Rotated
		if err := have(ctx, "rotate", step, &r); err != nil {
			fail(errs, "key rotate", err)
			return found
		}
		total, turned = total+r.Resealed, turned || r.Turned
		switch {
		case r.Done && r.Resealed == 0 && last && r.Foreign > 0:
			fail(errs, "key rotate", sheet.Say("%d values are sealed with a key that is neither PATIKRA_KEY nor PATIKRA_KEY_OLD; they stay as they are, and nobody can read them", r.Foreign))
			return found
		case r.Done && r.Resealed == 0 && last && total == 0 && !turned:
			tell(out, "everything is sealed with the present key already. To change it, set PATIKRA_KEY to a new one (patikra key prints one) and PATIKRA_KEY_OLD to the present one, restart every process, and run this again")
			return fine
		case r.Done && r.Resealed == 0 && last:
			tell(out, "%d values are sealed with the new key, and none with the one before; names, links and sessions stay", total)
			return fine
		}
		last = r.Done && r.Resealed == 0
		step = rotation{Finish: last}
		wait := 10 * time.Millisecond
		if last {
			wait = settle
		}
		select {
		case <-ctx.Done():
			fail(errs, "key rotate", sheet.Text("broken off; run it again to go on"))
			return found
		case <-time.After(wait):
		}
	}
}
