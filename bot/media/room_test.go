package media

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func from(data []byte) Source {
	return func(context.Context) (io.ReadCloser, int64, error) {
		return io.NopCloser(bytes.NewReader(data)), int64(len(data)), nil
	}
}

// clean cleans a file and gives what came out.
func clean(t *testing.T, r *Room, data []byte) ([]byte, error) {
	t.Helper()
	p, err := r.Clean(t.Context(), from(data))
	if err != nil {
		return nil, err
	}
	defer p.Close()
	out, err := io.ReadAll(p)
	if int64(len(out)) != p.Size {
		t.Errorf("%d bytes, not %d", len(out), p.Size)
	}
	return out, err
}

func as(word string) Settings { return Settings{Program: []string{os.Args[0], word}} }

func TestAChildDrawsThePictureAnew(t *testing.T) {
	out, err := clean(t, New(Settings{}), noted(t, corners(64, 32), 6))
	if err != nil || bytes.Contains(out, []byte("SECRETS")) {
		t.Fatal(err)
	}
	p, err := jpeg.Decode(bytes.NewReader(out))
	if err != nil || seen(p) != "BRWG" {
		t.Errorf("%v", err)
	}
}

func TestOneChildWorksAtATime(t *testing.T) {
	set := as("alone")
	set.Env = []string{"AT=" + t.TempDir()}
	r, file := New(set), jpegOf(t, corners(8, 8))
	var wg sync.WaitGroup
	for range MostWaiting {
		wg.Go(func() {
			if out, err := clean(t, r, file); err != nil || !bytes.Equal(out, file) {
				t.Errorf("%d bytes, %v", len(out), err)
			}
		})
	}
	wg.Wait()
	if _, err := os.Stat(set.Env[0][3:] + "/two"); err == nil {
		t.Error("two worked at once")
	}
}

// crawling is a file that comes a byte at a time, and for ever.
type crawling struct{ ctx context.Context }

func (c crawling) Read(b []byte) (int, error) {
	select {
	case <-c.ctx.Done():
		return 0, c.ctx.Err()
	case <-time.After(time.Millisecond):
		return copy(b, "x"), nil
	}
}

func TestFilesThatAreSlowToComeLeaveRoomForTheOthers(t *testing.T) {
	set := as("alone")
	set.Env, set.Slow = []string{"AT=" + t.TempDir()}, 50*time.Millisecond
	r := New(set)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	slow := func() error {
		_, err := r.Clean(ctx, func(ctx context.Context) (io.ReadCloser, int64, error) { return io.NopCloser(crawling{ctx}), -1, nil })
		return err
	}
	ended := make(chan error, 3)
	for range 3 {
		go func() { ended <- slow() }()
	}
	for range 2 { // one of them goes on
		select {
		case err := <-ended:
			if !errors.Is(err, ErrBusy) || Refused(err) {
				t.Errorf("a slow file beside another: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("slow files fill the room")
		}
	}
	for range 3 {
		begun := time.Now()
		if _, err := clean(t, r, jpegOf(t, corners(8, 8))); err != nil || time.Since(begun) > 5*time.Second {
			t.Errorf("a quick one, after %v: %v", time.Since(begun), err)
		}
	}
	select {
	case err := <-ended:
		t.Errorf("the slow one was ended: %v", err)
	default:
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) || errors.Is(err, ErrBusy) {
		t.Errorf("nobody waits for it any longer: %v", err)
	}
	if !r.slow.TryAcquire(1) || !r.held.TryAcquire(MostHeld) {
		t.Error("the room is not as it was")
	}
}

func TestAChildSaysWhyAFileIsRefused(t *testing.T) {
	r := New(Settings{})
	for name, file := range hostile(t) {
		if _, err := clean(t, r, file.data); !errors.Is(err, file.why) {
			t.Errorf("%s: %v, want %v", name, err, file.why)
		}
	}
	if out, err := clean(t, r, jpegOf(t, corners(8, 8))); err != nil || len(out) == 0 {
		t.Errorf("after all of them, a good one: %v", err)
	}
}

func TestAChildThatGoesWrongIsAnOrdinaryRefusal(t *testing.T) {
	for _, word := range []string{"hang", "silent", "chatter", "panic"} {
		set := as(word)
		if word == "hang" {
			set.Time = 200 * time.Millisecond
		}
		r := New(set)
		for range 2 { // the room is as it was
			if _, err := clean(t, r, jpegOf(t, corners(8, 8))); !errors.Is(err, ErrEnded) || !Refused(err) {
				t.Errorf("%s: %v", word, err)
			}
		}
	}
}

// unwatched passes a test over under the race detector, which takes the memory that is measured. It runs in a step of its own.
func unwatched(t *testing.T) {
	if unlimited {
		t.Skip("it runs without the race detector")
	}
}

// nought is a file without end in which nothing stands.
type nought struct{}

func (nought) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestAChildThatWantsAllMemoryIsEnded(t *testing.T) {
	unwatched(t)
	if _, err := os.Stat("/proc/self/statm"); err != nil {
		t.Skip("this system keeps no such limit")
	}
	r := New(as("hungry"))
	// The file comes in pieces, as from a network: held whole by this test, it would be measured too.
	comes := func(context.Context) (io.ReadCloser, int64, error) {
		return io.NopCloser(io.LimitReader(nought{}, MostFile)), MostFile, nil
	}
	watch := watchMemory(t)
	var wg sync.WaitGroup
	for range MostHeld / MostFile { // the room is full of files meanwhile
		wg.Go(func() {
			if _, err := r.Clean(t.Context(), comes); !errors.Is(err, ErrEnded) {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	most := watch()
	t.Logf("at most %d MB", most>>20)
	if most > 200<<20 {
		t.Errorf("it had %d MB, files in the room included", most>>20)
	}
}

func TestAChildOpensNothing(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("this system keeps no such limit")
	}
	if _, err := clean(t, New(as("opener")), jpegOf(t, corners(8, 8))); err != nil {
		t.Errorf("%v", err)
	}
}

func TestAChildIsFoundWhenAnUpgradeHasReplacedTheProgram(t *testing.T) {
	if _, err := os.Stat(ownProgram); err != nil {
		t.Skip("this system has no way to a program that is gone")
	}
	if os.Getenv("UPGRADED") == "" {
		program, err := os.ReadFile(os.Args[0])
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(t.TempDir(), "program")
		if err := os.WriteFile(copied, program, 0o700); err != nil {
			t.Fatal(err)
		}
		again(t, copied)
		return
	}
	if err := os.Remove(os.Args[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(os.Args[0], []byte("another program"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := clean(t, New(Settings{}), jpegOf(t, corners(8, 8))); err != nil {
		t.Error(err)
	}
}

func TestAFaultThatIsNotTheFilesIsNoRefusal(t *testing.T) {
	r := New(Settings{})
	away := errors.New("the network is away")
	if _, err := r.Clean(t.Context(), func(context.Context) (io.ReadCloser, int64, error) { return nil, 0, away }); !errors.Is(err, away) || Refused(err) {
		t.Errorf("a source that is away: %v", err)
	}
	cut := io.MultiReader(bytes.NewReader([]byte("\xff\xd8\xff")), broken{away})
	if _, err := r.Clean(t.Context(), func(context.Context) (io.ReadCloser, int64, error) { return io.NopCloser(cut), -1, nil }); !errors.Is(err, away) || Refused(err) {
		t.Errorf("a line that is cut: %v", err)
	}
	ended, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := New(as("hang")).Clean(ended, from(jpegOf(t, corners(8, 8)))); !errors.Is(err, context.DeadlineExceeded) || Refused(err) {
		t.Errorf("nobody waits any longer: %v", err)
	}
	if _, err := New(Settings{Program: []string{"/nowhere/at/all"}}).Clean(t.Context(), from(jpegOf(t, corners(8, 8)))); err == nil || Refused(err) {
		t.Errorf("a program that cannot be started: %v", err)
	}
	if out, err := clean(t, r, jpegOf(t, corners(8, 8))); err != nil || len(out) == 0 {
		t.Errorf("after all of them: %v", err)
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestASourceThatDoesNotSayItsSizeIsReadToTheBoundOnly(t *testing.T) {
	endless := &counted{r: zeros{}}
	_, err := New(Settings{}).Clean(t.Context(), func(context.Context) (io.ReadCloser, int64, error) { return io.NopCloser(endless), -1, nil })
	if !errors.Is(err, ErrTooBig) || endless.n.Load() > MostFile+1<<20 {
		t.Errorf("%v after %d bytes", err, endless.n.Load())
	}
	if _, err := New(Settings{}).Clean(t.Context(), func(context.Context) (io.ReadCloser, int64, error) {
		return io.NopCloser(endless), MostFile + 1, nil
	}); !errors.Is(err, ErrTooBig) {
		t.Errorf("said to be too big: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type counted struct {
	r io.Reader
	n atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

func TestARoomThatIsFullSaysSoAtOnce(t *testing.T) {
	r := New(Settings{})
	block, reached := make(chan struct{}), make(chan struct{}, MostWaiting)
	var wg sync.WaitGroup
	for range MostWaiting {
		wg.Go(func() {
			p, err := r.Clean(t.Context(), func(context.Context) (io.ReadCloser, int64, error) {
				reached <- struct{}{}
				<-block
				return io.NopCloser(bytes.NewReader(jpegOf(t, corners(8, 8)))), -1, nil
			})
			if err != nil {
				t.Error(err)
				return
			}
			p.Close()
		})
	}
	for range MostHeld / MostFile { // so many are opened at once, and no more
		<-reached
	}
	for len(r.places) < MostWaiting {
		time.Sleep(time.Millisecond)
	}
	if _, err := r.Clean(t.Context(), from(nil)); !errors.Is(err, ErrBusy) || Refused(err) {
		t.Errorf("%v", err)
	}
	if len(reached) != 0 {
		t.Error("more files were opened than the room holds")
	}
	<-r.places // somebody less waits at the door, so the next one waits inside
	ended, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := r.Clean(ended, from(nil)); !errors.Is(err, ErrBusy) || Refused(err) {
		t.Errorf("whose time ends while others are cleaned: %v", err)
	}
	r.places <- struct{}{}
	close(block)
	wg.Wait()
	if len(r.places) != 0 || !r.held.TryAcquire(MostHeld) {
		t.Error("the room is not empty")
	}
}

func TestAPictureKeepsItsRoomUntilItIsClosed(t *testing.T) {
	r := New(Settings{})
	p, err := r.Clean(t.Context(), from(jpegOf(t, corners(8, 8))))
	if err != nil || len(r.places) != 1 {
		t.Fatal(err, len(r.places))
	}
	p.Close()
	p.Close()
	if len(r.places) != 0 || !r.held.TryAcquire(MostHeld) {
		t.Error("the room is not empty")
	}
}

// TestFiftyHostileFilesAtOnceTakeLittleMemory measures what fifty files at once take, of this process and of the child at work.
func TestFiftyHostileFilesAtOnceTakeLittleMemory(t *testing.T) {
	unwatched(t)
	if _, err := os.Stat("/proc/self/statm"); err != nil {
		t.Skip("memory is measured where the system tells of it")
	}
	n := 50
	if testing.Short() {
		n = 12
	}
	var files [][]byte
	for _, f := range hostile(t) {
		files = append(files, f.data)
	}
	files = append(files, jpegOf(t, corners(4000, 3000)), bomb(), pngOf(4000, 4000, 8, 6, 0, 4000*(4*4000+1)))
	r := New(Settings{})
	watch := watchMemory(t)
	var wg sync.WaitGroup
	var passed, refused atomic.Int64
	for i := range n {
		wg.Go(func() {
			for {
				p, err := r.Clean(t.Context(), from(files[i%len(files)]))
				switch {
				case errors.Is(err, ErrBusy):
					time.Sleep(20 * time.Millisecond)
					continue
				case err == nil:
					passed.Add(1)
					io.Copy(io.Discard, p)
					p.Close()
				case Refused(err):
					refused.Add(1)
				default:
					t.Error(err)
				}
				return
			}
		})
	}
	wg.Wait()
	most := watch()
	t.Logf("%d files: %d passed on, %d refused; at most %d MB beyond rest, the child included", n, passed.Load(), refused.Load(), most>>20)
	if most > 200<<20 {
		t.Errorf("%d MB beyond rest", most>>20)
	}
	if passed.Load()+refused.Load() != int64(n) {
		t.Error("some files have no end")
	}
}
