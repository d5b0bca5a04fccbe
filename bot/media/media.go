// Package media cleans the files that people and counsellors send, before anybody else sees them: a picture is drawn anew, as a
// JPEG without a note beside it, and the right way up. Every door that passes files on uses this room.
//
// # Rules
//
// What a stranger sends is decoded in a process of its own: a child of the same program, called with [Command], which opens
// nothing, sends nothing, and has a limit on its memory, its time and what it writes. One child works at a time. If it dies, hangs or
// runs out of memory, the file is refused, and this process has lost nothing.
//
// Files do not lie in this process's heap. They go from the network into memory that belongs to a file without a name, which
// the child reads; what it writes comes back in the same way. No byte of them is written to a disk where the system can
// keep such files in memory (Linux). The room holds at most [MostHeld] bytes of them at once, and at most [MostWaiting] files wait;
// further ones are told to come again ([ErrBusy]), and so is who is slow while another slow file is on its way.
//
// What is kept with a talk, to be shown in a browser ([Room.Keep]), comes out smaller, and may be a voice too: Ogg Opus, written anew without
// its tags, or the bare sound of an MP4.
//
// What can be drawn anew: JPEG and PNG; of GIF (also an animated PNG) the first picture; WebP, if it does not move. The way up that
// their notes tell of is kept. The contents decide, not what the sender calls them. Everything else is refused, PDF too: what such a file tells of who and where lies in so many
// places that only a picture of its pages is without it, and a renderer of pages needed 314 MB and 5 s to start, or, interpreted,
// two minutes for a page with a photo.
package media

import (
	"errors"
)

// Limits. Sizes are in bytes.
const (
	MostFile    = 20 << 20 // of a file that is taken in; what Telegram's Bot API gives out
	MostClean   = 10 << 20 // of a picture that comes out; what Telegram takes as a photo
	MostHeld    = 40 << 20 // of all files that are in the room at once, before and after they are cleaned
	MostWaiting = 8        // files in the room, the one in work included
	MostPoints  = 16 << 20 // width times height of a picture
	MostDecoded = 64 << 20 // of a picture's points, in the colours that its decoder uses
	MostScratch = 96 << 20 // of all that its decoder holds, points included
)

// Reasons why a file is refused for good: the same bytes are refused again.
var (
	ErrKind   = errors.New("the file is no picture that can be drawn anew")
	ErrBroken = errors.New("the picture cannot be read")
	ErrTooBig = errors.New("the file is too big, or more than is good for one picture")
	ErrEnded  = errors.New("the picture could not be drawn anew: it took too much time or memory, or broke what draws it")
)

// ErrBusy says that the room is full: the file may come again in a few seconds.
var ErrBusy = errors.New("other files are being cleaned")

// Refused reports whether an error is about the file itself, so that another try is of no use. All other errors of this package
// are about the moment.
func Refused(err error) bool {
	for _, e := range []error{ErrKind, ErrBroken, ErrTooBig, ErrEnded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
