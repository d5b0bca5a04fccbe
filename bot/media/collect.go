package media

import (
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/semaphore"
)

// MostCollected bounds the bytes of all files that are collected at once, beside those in the room.
const MostCollected = 40 << 20

// Collected is a file that has come whole. It must be closed, for it takes room until then.
type Collected struct {
	file  *os.File
	size  int64
	share int64
	of    *semaphore.Weighted
}

// Collect reads a file that may come over a slow line: whoever has one holds up no other's, as it would in the room. most is how many bytes it can
// have, -1 if that is not known. Like everything here it lies in memory that no disk keeps. [ErrTooBig] says that it is too big, and
// [ErrBusy] that others take all the room until the context ends.
func (r *Room) Collect(ctx context.Context, from io.Reader, most int64) (*Collected, error) {
	if most < 0 || most > MostFile {
		most = MostFile
	}
	if err := r.collected.Acquire(ctx, most); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBusy, err)
	}
	file, size, err := read(ctx, func(context.Context) (io.ReadCloser, int64, error) { return io.NopCloser(from), -1, nil })
	if err != nil {
		r.collected.Release(most)
		return nil, err
	}
	c := &Collected{file: file, size: size, share: most, of: r.collected}
	if size < most {
		r.collected.Release(most - size)
		c.share = size
	}
	return c, nil
}

// Begin is how it begins, at most n bytes.
func (c *Collected) Begin(n int) []byte {
	begin := make([]byte, n)
	got, _ := c.file.ReadAt(begin, 0)
	return begin[:got]
}

// Source gives it to the room.
func (c *Collected) Source(context.Context) (io.ReadCloser, int64, error) {
	return io.NopCloser(io.NewSectionReader(c.file, 0, c.size)), c.size, nil
}

// Close forgets it.
func (c *Collected) Close() error {
	c.of.Release(c.share)
	return c.file.Close()
}
