package main

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"patikra/bot"
	"patikra/bot/backup"
	"patikra/bot/engine"
	"patikra/bot/redisstore"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/content/sheet"
)

// backupPurpose derives, from a sealing key, the secret with which backups are sealed.
const backupPurpose = "backup"

// filled is a store that can be emptied and filled.
type filled interface {
	bot.Store
	Empty(ctx context.Context) (bool, error)
	Clear(ctx context.Context) error
	Fill(ctx context.Context, parts []bot.Dumped) error
}

// ringFor makes the ring of the settings' keys. It makes no key.
func ringFor(set settings) (*seal.Ring, error) {
	keys := append([]string{set.key}, set.older...)
	if set.key == "" {
		if _, err := os.Stat(filepath.Join(set.data, keyFile)); err != nil {
			return nil, fmt.Errorf("there is no key: set PATIKRA_KEY, or put the file %s into the folder %s (PATIKRA_DATA)", keyFile, set.data)
		}
		var err error
		if keys, err = dataKeys(set.data); err != nil {
			return nil, err
		}
		keys = append(keys, set.older...)
	}
	return seal.New(keys[0], set.partitions, keys[1:]...)
}

// commandSettings reads the settings for a command.
func commandSettings() (settings, error) {
	get, err := environment(".env")
	if err != nil {
		return settings{}, err
	}
	set, err := read(get)
	if err != nil {
		return set, sheet.Say("these settings are wrong:\n%v", err)
	}
	return set, nil
}

// backupCommand writes the whole store into a file while the program runs: patikra backup FILE.
func backupCommand(ctx context.Context, path string, out, errs io.Writer) int {
	if path == "" {
		fail(errs, "backup", sheet.Text("name the file to write"))
		return misuse
	}
	set, err := commandSettings()
	if err != nil {
		fail(errs, "backup", err)
		return misuse
	}
	n, err := writeBackup(ctx, set, path, time.Now())
	if err != nil {
		fail(errs, "backup", err)
		return found
	}
	noteDeed(ctx, "backup", errs)
	tell(out, "%s holds %d conversations, sealed. Keep the key in another place: without it nobody opens the file, and with both anybody does.", path, n)
	return fine
}

// noteDeed notes in the list of who did what that somebody took everything, or put it back. What was done stays done when it cannot be noted.
func noteDeed(ctx context.Context, name string, errs io.Writer) {
	var none struct{}
	if err := have(ctx, name, none, &none); err != nil {
		tell(errs, "patikra %s: it was done, but it could not be noted in the list of who did what: %v", name, err)
	}
}

// writeBackup writes the file whole or not at all, and returns how many conversations it holds.
func writeBackup(ctx context.Context, set settings, path string, now time.Time) (n int, err error) {
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("%s is there already; name another file", path)
	}
	ring, err := ringFor(set)
	if err != nil {
		return 0, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".patikra-backup-*") // 0600
	if err != nil {
		return 0, fmt.Errorf("the file cannot be written: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	buffered := bufio.NewWriterSize(file, 1<<20)
	sealed, err := backup.NewWriter(buffered, ring.Secrets(backupPurpose)[0], set.partitions, version, now)
	if err != nil {
		return 0, err
	}
	enc := gob.NewEncoder(sealed)
	labelled := false
	err = dumpAll(ctx, set, func(d bot.Dumped) error {
		if d.Kept == bot.LabelName {
			labelled = true
			if err := ring.Unlock(d.Value); err != nil {
				return fmt.Errorf("PATIKRA_KEY: %w; a backup made with this key could not be opened", err)
			}
		}
		if !engine.Place(&d, ring) && !labelled {
			return fmt.Errorf("PATIKRA_KEY: %w; a backup made with this key could not be opened", seal.ErrKey)
		}
		if d.Conversation {
			n++
		}
		return enc.Encode(d)
	})
	if err == nil {
		err = errors.Join(sealed.Close(), buffered.Flush(), file.Sync(), file.Close())
	}
	if err == nil {
		err = os.Link(file.Name(), path) // unlike a rename it never takes the place of another file
	}
	if err != nil {
		return 0, err
	}
	return n, nil
}

// dumpAll shows everything in the store that the settings name.
func dumpAll(ctx context.Context, set settings, f func(bot.Dumped) error) error {
	if set.redis == "" {
		return sqlitestore.Dump(ctx, set.data, f)
	}
	s, err := redisstore.Open(ctx, redisstore.Options{URL: set.redis, Partitions: set.partitions, Existing: true})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Dump(ctx, f)
}

// restoreCommand puts a backup into the store: patikra restore FILE.
func restoreCommand(ctx context.Context, path string, replace bool, out, errs io.Writer) int {
	if path == "" {
		fail(errs, "restore", sheet.Text("name the file that patikra backup wrote"))
		return misuse
	}
	set, err := commandSettings()
	if err != nil {
		fail(errs, "restore", err)
		return misuse
	}
	n, made, err := readBackup(ctx, set, path, replace)
	if err != nil {
		fail(errs, "restore", err)
		return found
	}
	noteDeed(ctx, "restore", errs)
	tell(out, "%d conversations are back as they were at %s.\n"+
		"What was written since then is gone. Messages that were delivered since then may be delivered once more, and what was erased since then is back: erase it again.\n"+
		"Processes that run with this store should be started anew.", n, made.Local().Format("2006-01-02 15:04:05"))
	return fine
}

// readBackup reads the file to its end before anything is written.
func readBackup(ctx context.Context, set settings, path string, replace bool) (n int, made time.Time, err error) {
	ring, err := ringFor(set)
	if err != nil {
		return 0, made, err
	}
	file, err := os.Open(path)
	if err != nil {
		return 0, made, fmt.Errorf("the file cannot be read: %w", err)
	}
	defer file.Close()
	secrets := ring.Secrets(backupPurpose)
	head, err := backup.Verify(file, secrets...)
	if err != nil {
		return 0, made, err
	}
	if head.Partitions != set.partitions {
		return 0, made, fmt.Errorf("PATIKRA_PARTITIONS: the backup was made with %d partitions, not %d; set it to %d", head.Partitions, set.partitions, head.Partitions)
	}
	store, err := openToFill(ctx, set)
	if err != nil {
		return 0, made, err
	}
	defer store.Close()
	if shared, ok := store.(*redisstore.Store); ok { // an embedded store opens for one alone
		alone, end, busy := shared.Alone(ctx)
		if busy != nil {
			return 0, made, busy
		}
		defer end()
		ctx = alone
		defer func() {
			if err != nil && alone.Err() != nil {
				err = fmt.Errorf("%w (%w)", err, context.Cause(alone))
			}
		}()
	}
	empty, err := store.Empty(ctx)
	switch {
	case err != nil:
		return 0, made, err
	case !empty && !replace:
		return 0, made, errors.New("the store is not empty; --replace puts the backup in the place of all that is there")
	}
	if err := store.Clear(ctx); err != nil {
		return 0, made, fmt.Errorf("the store could not be emptied: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, made, err
	}
	in, err := backup.NewReader(file, secrets...)
	if err != nil {
		return 0, made, err
	}
	if n, err = fillStore(ctx, store, in); err != nil {
		return 0, made, fmt.Errorf("the store holds a part of the backup only; run it again with --replace: %w", err)
	}
	return n, head.Made, nil
}

// How much of a backup is put into a store at once.
const (
	together      = 200     // parts
	togetherFiles = 8 << 20 // bytes of people's files in them
)

func fillStore(ctx context.Context, store filled, in io.Reader) (n int, err error) {
	dec := gob.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	var parts []bot.Dumped
	large := 0
	for {
		var d bot.Dumped
		err := dec.Decode(&d)
		if err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		last := err != nil
		if !last {
			parts = append(parts, d)
			for _, f := range d.Files {
				large += len(f.Value)
			}
			if d.Conversation {
				n++
			}
		}
		if len(parts) == together || large >= togetherFiles || last {
			if err := store.Fill(ctx, parts); err != nil {
				return n, err
			}
			parts, large = nil, 0
		}
		if last {
			return n, nil
		}
	}
}

// openToFill opens the store that the settings name, whatever key it was made with.
func openToFill(ctx context.Context, set settings) (filled, error) {
	if set.redis != "" {
		return redisstore.Open(ctx, redisstore.Options{URL: set.redis, Partitions: set.partitions})
	}
	return sqlitestore.Open(set.data, set.partitions)
}
