package media

import (
	"errors"
	"io"
	"os"
	"runtime/debug"
)

// Command is what this program is called with to draw one picture anew, from its standard input to its standard output. It is for the
// program itself; no person needs it.
const Command = "clean-file"

// codes are what a child's exit says.
var codes = map[error]int{ErrKind: 10, ErrBroken: 11, ErrTooBig: 12}

// Limits of a child beside those of [Room].
const (
	childMemory = 128 << 20 // bytes that the collector keeps it to where it can

	// childData is how many bytes it can take beyond what it has at its start, but for the last piece it asks for: the system lets the
	// runtime fill what it has reserved. The largest picture that is accepted, turned, needs 136 MB; files in the room are up to 50 MB beside it.
	childData = 144 << 20
)

// Child is the program when it is called with [Command] or [CommandKeep]: it gives itself its limits, draws the picture and returns the
// exit code.
func Child(command string, in, out *os.File) int {
	debug.SetMemoryLimit(childMemory)
	debug.SetGCPercent(50)
	if err := confine(); err != nil {
		return 1
	}
	data, err := contents(in)
	if err != nil {
		return 1
	}
	draw := Draw
	if command == CommandKeep {
		draw = drawKept
	}
	err = draw(out, data)
	for reason, code := range codes {
		if errors.Is(err, reason) {
			return code
		}
	}
	if err != nil {
		return 1
	}
	return 0
}

// readAll reads a file that cannot be mapped.
func readAll(in *os.File) ([]byte, error) {
	return io.ReadAll(io.LimitReader(in, MostFile+1))
}
