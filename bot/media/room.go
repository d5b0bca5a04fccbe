package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// childTime is how long a child may work on one file, unless [Settings] say otherwise.
const childTime = 10 * time.Second

// slowFile is how long a file may be on its way beside another that is slow, unless [Settings] say otherwise.
const slowFile = 5 * time.Second

// Settings of a room. The zero Settings are right for the program.
type Settings struct {
	Program []string      // the child's command; empty: this program, called with [Command] or [CommandKeep]
	Env     []string      // of the child; it inherits nothing
	Time    time.Duration // how long a child may work on one file; 0: 10 s
	Slow    time.Duration // how long a file may be on its way beside another that is slow; 0: 5 s
}

// Room cleans files, one at a time. Its methods may be called from any goroutine.
type Room struct {
	set    Settings
	places chan struct{}       // of files in the room
	held   *semaphore.Weighted // bytes of files in the room
	work   *semaphore.Weighted // the child
	slow   *semaphore.Weighted // the file that is on its way for longer than others

	collected *semaphore.Weighted // bytes of files that are collected beside the room
}

// New returns a room.
func New(set Settings) *Room {
	if set.Time == 0 {
		set.Time = childTime * slowness
	}
	if set.Slow == 0 {
		set.Slow = slowFile
	}
	return &Room{set: set, collected: semaphore.NewWeighted(MostCollected), slow: semaphore.NewWeighted(1), places: make(chan struct{}, MostWaiting), held: semaphore.NewWeighted(MostHeld), work: semaphore.NewWeighted(1)}
}

// Source opens a file that is to be cleaned. It is called once, when there is room for the file. size is the file's length in bytes
// as far as that is known, -1 if it is not.
type Source func(ctx context.Context) (body io.ReadCloser, size int64, err error)

// Picture is a cleaned file. It must be closed, for it takes room until then.
type Picture struct {
	Size   int64  // in bytes
	Kind   string // JPEG, or of what is kept Ogg or AAC
	file   *os.File
	leave  func()
	closed bool
}

// Read reads the picture.
func (p *Picture) Read(b []byte) (int, error) { return p.file.Read(b) }

// Close forgets the picture.
func (p *Picture) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	err := p.file.Close()
	p.leave()
	return err
}

// Clean takes a file from its source and gives it back as it may be shown to others. When the room is full it returns [ErrBusy] at once, and
// also when the context ends while the file waits for others, or when it is slow to come and another slow one is on its way: such files
// are never more than one, so that the others find room. An error that is [Refused] is final; others are the source's, the context's or this machine's.
func (r *Room) Clean(ctx context.Context, open Source) (*Picture, error) {
	return r.clean(ctx, open, Command)
}

// clean is Clean by a child that is called with a command.
func (r *Room) clean(ctx context.Context, open Source, command string) (*Picture, error) {
	select {
	case r.places <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	share := int64(MostFile)
	if err := r.held.Acquire(ctx, share); err != nil {
		<-r.places
		return nil, fmt.Errorf("%w: %w", ErrBusy, err)
	}
	leave := func() { r.held.Release(share); <-r.places }
	in, size, err := r.take(ctx, open)
	if err != nil {
		leave()
		return nil, err
	}
	defer in.Close()
	if least := max(size, MostClean); least < share { // what comes out must find room too
		r.held.Release(share - least)
		share = least
	}
	out, err := r.draw(ctx, in, command)
	if err != nil {
		leave()
		return nil, err
	}
	if out.Size < share { // what came in is forgotten; sending what came out may take its time
		r.held.Release(share - out.Size)
		share = out.Size
	}
	out.leave = leave
	return out, nil
}

// take reads a source, and gives up when that takes its time while another takes its time.
func (r *Room) take(ctx context.Context, open Source) (file *os.File, size int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-done:
			return
		case <-time.After(r.set.Slow):
		}
		if !r.slow.TryAcquire(1) {
			cancel(ErrBusy)
			return
		}
		<-done
		r.slow.Release(1)
	}()
	over := sync.OnceFunc(func() { close(done); <-watched })
	defer over()
	file, size, err = read(ctx, open)
	over()
	if err != nil && errors.Is(context.Cause(ctx), ErrBusy) {
		err = fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return file, size, err
}

// read reads a source into a file without a name.
func read(ctx context.Context, open Source) (file *os.File, size int64, err error) {
	body, known, err := open(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer body.Close()
	if known > MostFile {
		return nil, 0, ErrTooBig
	}
	if file, err = nameless(); err != nil {
		return nil, 0, fmt.Errorf("keep a file: %w", err)
	}
	size, err = io.Copy(file, io.LimitReader(body, MostFile+1))
	if err == nil && size > MostFile {
		err = ErrTooBig
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, 0, fmt.Errorf("read a file: %w", err)
	}
	return file, size, nil
}

// draw lets a child draw the picture in a file anew. Nobody else's is drawn meanwhile.
func (r *Room) draw(ctx context.Context, in *os.File, command string) (*Picture, error) {
	if err := r.work.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBusy, err)
	}
	defer r.work.Release(1)
	out, err := nameless()
	if err != nil {
		return nil, fmt.Errorf("keep a file: %w", err)
	}
	p := &Picture{file: out}
	if err = r.child(ctx, in, out, command); err == nil {
		err = p.measure(command == CommandKeep)
	}
	if err != nil {
		out.Close()
		return nil, err
	}
	return p, nil
}

// child runs the child and says what became of it.
func (r *Room) child(ctx context.Context, in, out *os.File, command string) error {
	program, err := r.program(command)
	if err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(ctx, r.set.Time)
	defer cancel()
	cmd := exec.CommandContext(limit, program[0], program[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.WaitDelay = append([]string{}, r.set.Env...), in, out, time.Second
	cmd.Dir = os.TempDir()
	if info, err := os.Stat(cmd.Dir); err != nil || !info.IsDir() {
		cmd.Dir = ""
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start what draws pictures: %w", err)
	}
	err = cmd.Wait()
	if ctx.Err() != nil { // whoever waited for it waits no longer: that is no fault of the file's
		return fmt.Errorf("draw a picture: %w", ctx.Err())
	}
	var end *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &end):
		for reason, code := range codes {
			if end.ExitCode() == code {
				return reason
			}
		}
	}
	return fmt.Errorf("%w (%v)", ErrEnded, err)
}

// program is the child's command. The system's own way to this program works also when an upgrade has put another in its place.
func (r *Room) program(command string) ([]string, error) {
	if len(r.set.Program) > 0 {
		return r.set.Program, nil
	}
	if _, err := os.Stat(ownProgram); err == nil {
		return []string{ownProgram, command}, nil
	}
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return []string{path, command}, nil
}

const ownProgram = "/proc/self/exe"

// measure looks at what a child has written, which is trusted no further than that it can be passed on as what it begins as.
func (p *Picture) measure(keep bool) error {
	info, err := p.file.Stat()
	if err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	most := int64(MostClean)
	if keep {
		most = MostKept
	}
	begin := make([]byte, 4)
	if _, err := p.file.ReadAt(begin, 0); err != nil || info.Size() > most {
		return ErrEnded
	}
	if p.Kind = kindOf(string(begin), keep); p.Kind == "" {
		return ErrEnded
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	p.Size = info.Size()
	return nil
}
