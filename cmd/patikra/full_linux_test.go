package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// diskFaults is a folder for the embedded store, and what disks are known to do to it. That the disk itself is full is among it
// where a small one can be mounted.
func diskFaults(t *testing.T) (data string, faults []fault) {
	data = filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	limit := func(most uint64) func(*testing.T, *ground) {
		return func(t *testing.T, g *ground) {
			t.Helper()
			most := most
			if most == 0 { // the log may be written over, and not grow
				info, err := os.Stat(filepath.Join(data, "patikra.db-wal"))
				if err != nil {
					t.Fatal(err)
				}
				most = uint64(info.Size())
			}
			if err := unix.Prlimit(g.program.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: most, Max: unix.RLIM_INFINITY}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	faults = []fault{killed, {name: "that must not grow", on: limit(0), off: limit(unix.RLIM_INFINITY)}}
	if err := unix.Mount("none", data, "tmpfs", 0, "size=8m"); err != nil {
		t.Logf("no disk can be mounted here, and so none is full: %v", err)
		return data, faults
	}
	t.Cleanup(func() { unix.Unmount(data, unix.MNT_DETACH) })
	ballast := filepath.Join(data, "ballast")
	return data, append(faults, fault{name: "on a full disk", on: func(t *testing.T, _ *ground) {
		f, err := os.Create(ballast)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := io.CopyN(f, zeros{}, 1<<30); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("the disk should be full: %v", err)
		}
	}, off: func(t *testing.T, _ *ground) {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
