package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot/media"
	"patikra/bot/telegram/telegramtest"
)

// tree sums what a process and its children hold in memory that is theirs alone: what lies in no file, and files in memory.
func tree(pid int) (sum int64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		for _, name := range []string{"RssAnon:", "RssShmem:"} {
			if rest, ok := strings.CutPrefix(line, name); ok {
				kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
				sum += kb << 10
			}
		}
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		children, _ := os.ReadFile(task)
		for _, c := range strings.Fields(string(children)) {
			if id, err := strconv.Atoi(c); err == nil && isItself(id, pid) {
				sum += tree(id)
			}
		}
	}
	return sum
}

// isItself reports whether a child has become a program of its own: until then its memory is its parent's, and would be counted twice.
func isItself(child, parent int) bool {
	its, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", child))
	other, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", parent))
	return err == nil && !bytes.Equal(its, other)
}

// inMemory sums the files without a name that a process holds in memory. Their pages are counted for no process until it reads them in place.
func inMemory(pid int) (sum int64) {
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, fd := range fds {
		if to, _ := os.Readlink(fd); strings.HasPrefix(to, "/memfd:") {
			if info, err := os.Stat(fd); err == nil {
				sum += info.Size()
			}
		}
	}
	return sum
}

// heaviest watches a program until the function it gives is called.
func (p *program) heaviest() (most func() int64) {
	stop, result := make(chan struct{}), make(chan int64)
	pid := p.cmd.Process.Pid
	go func() {
		var most int64
		for {
			select {
			case <-stop:
				result <- most
				return
			case <-time.After(5 * time.Millisecond):
				most = max(most, tree(pid)+inMemory(pid))
			}
		}
	}()
	return func() int64 { close(stop); return <-result }
}

// bombs are files of strangers that are made to end whoever decodes them, up to 20 MB.
func bombs(t testing.TB) [][]byte {
	t.Helper()
	chunk := func(kind string, data []byte) []byte {
		b := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...)
		b = append(b, data...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	size := func(w, h uint32, kind ...byte) []byte {
		return chunk("IHDR", append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h), kind...))
	}
	full := func(begin []byte) []byte { return append(begin, make([]byte, media.MostFile-len(begin))...) }
	png := func(parts ...[]byte) []byte {
		return bytes.Join(append([][]byte{[]byte("\x89PNG\r\n\x1a\n")}, parts...), nil)
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewYCbCr(image.Rect(0, 0, 4000, 4000), image.YCbCrSubsampleRatio420), nil); err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, media.MostFile-100)
	for i := range noise {
		noise[i] = byte(i * i >> 7)
	}
	cut := full(append([]byte(nil), photo.Bytes()[:photo.Len()/2]...))
	return [][]byte{
		full(png(size(6470, 6480, 16, 6, 0, 0, 0))),                      // 335 MB of points
		full(png(size(4000, 4000, 8, 6, 0, 0, 0), chunk("IDAT", noise))), // a picture that its data do not fit
		full([]byte("\xff\xd8\xff\xe0")),
		full(append([]byte(nil), photo.Bytes()...)), // 16 million points, with much behind them
		cut,
		full([]byte("%PDF-1.7\n")),
		full([]byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02")),
		noise,
	}
}

// TestHostileFilesAtOnceTakeLittleMemoryAndHoldUpNobody lets people in talks send files that are made to harm, all at once, through a
// running program, and watches what it and its children hold and how long everybody else waits.
func TestHostileFilesAtOnceTakeLittleMemoryAndHoldUpNobody(t *testing.T) {
	unwatched(t)
	if _, err := os.Stat("/proc/self/statm"); err != nil {
		t.Skip("memory is measured where the system tells of it")
	}
	srv := telegramtest.New(t, telegramtest.Options{})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Title: "Desk"})}
	d.program = launch(t, deskFor(srv, d.group)...)
	people := make([]*telegramtest.User, senders)
	for i := range people {
		people[i] = srv.User(telegramtest.Person{Language: "en", Name: fmt.Sprint("Sender ", i)})
		d.ask(people[i])
	}
	other := srv.User(telegramtest.Person{Language: "en", Name: "Other"})
	other.Say("/start")
	if _, err := other.Next(20 * time.Second); err != nil {
		t.Fatal(err)
	}
	files := bombs(t)
	rest := tree(d.cmd.Process.Pid)
	most := d.heaviest()
	start := time.Now()
	for i, u := range people {
		u.SendDocument(fmt.Sprintf("offer %d.jpg", i), "image/jpeg", files[i%len(files)], "")
		u.Say(fmt.Sprintf("after the file of sender %d;", i))
	}
	var worst, words time.Duration
	var stopped atomic.Bool
	done := make(chan error, 1)
	go func() { // everybody else
		for !stopped.Load() {
			since := time.Now()
			if finished(other.Screen()) {
				other.Say("/restart")
				if _, err := other.Next(20 * time.Second); err != nil {
					done <- err
					return
				}
			} else if _, err := advance(other); err != nil {
				done <- err
				return
			}
			worst = max(worst, time.Since(since))
		}
		done <- nil
	}()
	d.within(3*time.Minute, "every word that follows a file is there", func() error {
		if n := d.shows("after the file of sender"); n != senders {
			return fmt.Errorf("%d", n)
		}
		return nil
	})
	words = time.Since(start)
	d.within(2*time.Minute, "every file is passed on, or given up for what it is", func() error {
		if n := d.shows("document") + strings.Count(d.log.String(), "refused for good"); n < senders {
			return fmt.Errorf("%d", n)
		}
		return nil
	})
	took := time.Since(start)
	stopped.Store(true)
	if err := <-done; err != nil {
		t.Errorf("somebody else was not served: %v", err)
	}
	beyond := most() - rest
	t.Logf("%d files of up to 20 MB: all words after them in %v, all files dealt with in %v; %d passed on; somebody else waited %v at worst; at most %d MB beyond rest (%d MB)",
		senders, words.Round(time.Millisecond), took.Round(time.Millisecond), d.shows("document"), worst.Round(time.Millisecond), beyond>>20, rest>>20)
	if beyond > 200<<20 {
		t.Errorf("%d MB beyond rest", beyond>>20)
	}
	if words > time.Minute/2 {
		t.Errorf("words that followed a file waited %v", words)
	}
	if strings.Contains(d.log.String(), `"failed":1`) {
		t.Error("a file that waited for others is taken to have failed")
	}
	if worst > 5*time.Second {
		t.Errorf("somebody else waited %v", worst)
	}
}

func TestTheProgramThatCleansFilesTakesNothingElse(t *testing.T) {
	for _, args := range [][]string{{"--x"}, {"file.jpg"}} {
		cmd := exec.Command(os.Args[0], append([]string{media.Command}, args...)...)
		cmd.Env = []string{"PATIKRA_TEST_PROGRAM=1"}
		out, err := cmd.Output()
		if err == nil || cmd.ProcessState.ExitCode() != misuse || len(out) != 0 {
			t.Errorf("%v: code %d, %q, %v", args, cmd.ProcessState.ExitCode(), out, err)
		}
	}
}
