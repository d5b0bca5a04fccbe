package media

import (
	"context"
	"image"
	"io"
	"math"

	"golang.org/x/image/draw"
)

// CommandKeep is [Command] for a file that is to be kept with a talk, see [Room.Keep].
const CommandKeep = "clean-file-to-keep"

// Bounds of a file that is kept with a talk.
const (
	MostKept   = 3 << 20 // bytes
	keptPoints = 5 << 20 // of a picture: a page that was photographed can be read. Larger ones are drawn smaller, by less than half
)

// keptQualities are those of a picture that is kept; the next, where one makes it too big.
var keptQualities = [...]int{85, 65, 45}

// The kinds of what is kept.
const (
	JPEG = "image/jpeg"
	Ogg  = "audio/ogg" // with Opus in it
	AAC  = "audio/aac" // bare frames
)

// Keep is [Room.Clean] for a file that is kept with a talk and shown to counsellors in a browser: a picture, which comes out as a JPEG of at
// most [MostKept] bytes, or a voice in Ogg Opus or in MP4, of which nothing but the sound comes out.
func (r *Room) Keep(ctx context.Context, open Source) (*Picture, error) {
	return r.clean(ctx, open, CommandKeep)
}

// drawKept is Draw for what is kept. Only the child calls it, and tests.
func drawKept(w io.Writer, data []byte) error {
	switch {
	case isOgg(data):
		return voice(w, data)
	case isMP4(data):
		return voiceOfMP4(w, data)
	}
	return drawAnew(w, data, keptPoints, MostKept, keptQualities[:])
}

// smaller draws a picture in at most so many points. No side becomes less than half as long, so that lines of writing stay.
func smaller(picture image.Image, points int) image.Image {
	b := picture.Bounds()
	w, h := b.Dx(), b.Dy()
	if points == 0 || w*h <= points {
		return picture
	}
	scale := math.Sqrt(float64(points) / (float64(w) * float64(h)))
	out := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(w)*scale)), max(1, int(float64(h)*scale))))
	draw.ApproxBiLinear.Scale(out, out.Rect, picture, b, draw.Src, nil)
	return out
}

// kindOf is what a child has written, by how it begins; empty for what it may not write.
func kindOf(begin string, keep bool) string {
	switch {
	case len(begin) >= 3 && begin[:3] == "\xff\xd8\xff":
		return JPEG
	case keep && begin == "OggS":
		return Ogg
	case keep && len(begin) >= 2 && begin[:2] == "\xff\xf1":
		return AAC
	}
	return ""
}
