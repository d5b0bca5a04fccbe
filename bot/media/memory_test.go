package media

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// again runs this test once more in a program of its own.
func again(t *testing.T, program string) {
	t.Helper()
	cmd := exec.Command(program, "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "UPGRADED=1")
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Errorf("%v\n%s", err, out)
	}
}

// watchMemory watches what this process and its children hold, files in memory included, until the function it gives is called. That
// tells the most that was seen beyond the beginning.
func watchMemory(t *testing.T) (most func() int64) {
	t.Helper()
	rest := held(t)
	stop, result := make(chan struct{}), make(chan int64)
	go func() {
		var most int64
		for {
			select {
			case <-stop:
				result <- most - rest
				return
			case <-time.After(3 * time.Millisecond):
				most = max(most, held(t))
			}
		}
	}()
	return func() int64 { close(stop); return <-result }
}

// held sums the memory of this process and its children: what is theirs alone, and the files in memory that this one holds.
func held(t *testing.T) int64 {
	pid := os.Getpid()
	sum := anonymous(pid)
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		children, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		for _, c := range strings.Fields(string(children)) {
			if id, _ := strconv.Atoi(c); !begins(id) {
				sum += anonymous(id)
			}
		}
	}
	fds, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range fds {
		path := "/proc/self/fd/" + fd.Name()
		if to, _ := os.Readlink(path); strings.HasPrefix(to, "/memfd:") {
			if info, err := os.Stat(path); err == nil {
				sum += info.Size()
			}
		}
	}
	return sum
}

// begins reports whether a child is not yet a program of its own: until it is, its memory is its parent's, which would be counted twice.
func begins(child int) bool {
	its, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", child))
	own, _ := os.ReadFile("/proc/self/cmdline")
	return err != nil || bytes.Equal(its, own)
}

// anonymous is the memory of a process that lies in no file.
func anonymous(pid int) int64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}
