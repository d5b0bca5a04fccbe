package media

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// confine sets the limits that the system keeps: memory, processor time, what is written, and that nothing is opened any more, no file
// and no connection. Where memory is short on the whole machine, this process goes first; and it leaves the processor to others.
func confine() error {
	os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // best effort, as is the next
	unix.Setpriority(unix.PRIO_PROCESS, 0, 10)
	seconds := uint64(childTime * slowness / time.Second)
	limits := []struct {
		what int
		most uint64
	}{{unix.RLIMIT_CORE, 0}, {unix.RLIMIT_CPU, seconds}, {unix.RLIMIT_FSIZE, MostClean}}
	if !unlimited {
		data, err := ownData()
		if err != nil {
			return err
		}
		limits = append(limits, struct {
			what int
			most uint64
		}{unix.RLIMIT_DATA, data + childData})
	}
	limits = append(limits, struct {
		what int
		most uint64
	}{unix.RLIMIT_NOFILE, 3}) // the last, for the others need a file
	for _, l := range limits {
		if err := unix.Setrlimit(l.what, &unix.Rlimit{Cur: l.most, Max: l.most}); err != nil {
			return fmt.Errorf("limit %d: %w", l.what, err)
		}
	}
	return nil
}

// ownData is how much writable memory this process has taken, in bytes.
func ownData() (uint64, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(b)
	if len(fields) < 6 {
		return 0, fmt.Errorf("read /proc/self/statm: %q", b)
	}
	pages, err := strconv.ParseUint(string(fields[5]), 10, 64)
	return pages * uint64(os.Getpagesize()), err
}

// contents gives what is in a file. A file in memory is looked at where it lies.
func contents(in *os.File) ([]byte, error) {
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if size := info.Size(); info.Mode().IsRegular() && size > 0 && size <= MostFile {
		if data, err := unix.Mmap(int(in.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_PRIVATE); err == nil {
			return data, nil
		}
	}
	return readAll(in)
}

// nameless makes a file that lies in memory and ends when it is closed.
func nameless() (*os.File, error) {
	fd, err := unix.MemfdCreate("patikra", unix.MFD_CLOEXEC)
	if err != nil {
		return unnamed()
	}
	return os.NewFile(uintptr(fd), "file in memory"), nil
}
