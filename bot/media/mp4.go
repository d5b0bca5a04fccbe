package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
)

// A voice in MP4 (ISO/IEC 14496-12) with AAC in it, as Messenger's people send it, is taken apart: its sound comes out as a stream of bare
// frames (ADTS, ISO/IEC 13818-7, 6.2), and what the file tells beside it, a title, a place, a device, a time, has no room there. Kept
// libraries that read MP4 reserve what a file claims to hold before they look at it; here nothing is reserved, and every number is held
// against the bytes that are there. A file that was written in fragments while it was recorded is refused.

const (
	mostFrames = mostSilent / 1024 // of a voice: an hour at the highest rate that is usual
	mostADTS   = 1<<13 - 1         // bytes of a frame with its header
	adtsHead   = 7
)

// rates of sound, by their number in AAC's headers, in Hz.
var rates = []uint32{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// isMP4 reports whether a file begins as MP4 does.
func isMP4(data []byte) bool { return len(data) > 12 && string(data[4:8]) == "ftyp" }

// voiceOfMP4 writes the sound of an MP4 anew. Only the child calls it, and tests.
func voiceOfMP4(w io.Writer, data []byte) error {
	if len(data) > MostKept {
		return ErrTooBig
	}
	stbl, err := sound(data)
	if err != nil {
		return err
	}
	head, err := adtsOf(stbl)
	if err != nil {
		return err
	}
	frames, err := framesOf(stbl, data)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for _, f := range frames {
		size := len(f) + adtsHead
		out.Write([]byte{0xff, 0xf1, head[0], head[1] | byte(size>>11), byte(size >> 3), byte(size<<5) | 0x1f, 0xfc})
		out.Write(f)
	}
	if out.Len() > MostKept {
		return ErrTooBig
	}
	_, err = w.Write(out.Bytes())
	return err
}

// boxes hands over the boxes that lie side by side, by their names, until there is none.
func boxes(data []byte, each func(name string, body []byte)) error {
	for len(data) > 0 {
		if len(data) < 8 {
			return ErrBroken
		}
		head, size := 8, uint64(binary.BigEndian.Uint32(data))
		switch {
		case size == 0: // to the end
			size = uint64(len(data))
		case size == 1 && len(data) >= 16:
			head, size = 16, binary.BigEndian.Uint64(data[8:])
		}
		if size < uint64(head) || size > uint64(len(data)) {
			return ErrBroken
		}
		each(string(data[4:8]), data[head:size])
		data = data[size:]
	}
	return nil
}

// inside is what lies in a box of boxes, by a path of names. There must be one of each.
func inside(data []byte, path ...string) (body []byte, err error) {
	for _, want := range path {
		n := 0
		if err := boxes(data, func(name string, b []byte) {
			if name == want {
				body = b
				n++
			}
		}); err != nil {
			return nil, err
		}
		if n != 1 {
			return nil, ErrKind
		}
		data = body
	}
	return body, nil
}

// sound is the table of the file's only track, if that is sound.
func sound(data []byte) (stbl []byte, err error) {
	mdia, err := inside(data, "moov", "trak", "mdia")
	if err != nil {
		return nil, err
	}
	hdlr, err := inside(mdia, "hdlr")
	if err != nil || len(hdlr) < 12 || string(hdlr[8:12]) != "soun" {
		return nil, ErrKind
	}
	return inside(mdia, "minf", "stbl")
}

// adtsOf makes the third byte of each frame's header, and the beginning of the fourth, from what the track tells of its sound.
func adtsOf(stbl []byte) (head [2]byte, err error) {
	stsd, err := inside(stbl, "stsd")
	if err != nil || len(stsd) < 8 || binary.BigEndian.Uint32(stsd[4:]) != 1 {
		return head, ErrKind
	}
	entry, err := inside(stsd[8:], "mp4a")
	if err != nil || len(entry) < 28 || entry[8] != 0 || entry[9] != 0 { // of the first version: what follows are boxes
		return head, ErrKind
	}
	esds, err := inside(entry[28:], "esds")
	if err != nil || len(esds) < 4 {
		return head, ErrKind
	}
	config := configOf(esds[4:])
	if len(config) < 2 {
		return head, ErrKind
	}
	r := bitsOf(config)
	kind, rate := r.take(5), r.rate()
	channels := r.take(4)
	if kind == 5 || kind == 29 { // the lower half of a sound that is extended upwards
		r.rate()
		kind = r.take(5)
	}
	if kind != 2 || rate < 0 || channels < 1 || channels > 2 {
		return head, ErrKind
	}
	return [2]byte{(2-1)<<6 | byte(rate)<<2, byte(channels&3) << 6}, nil
}

// configOf finds the decoder's description inside a tree of descriptions (ISO/IEC 14496-1, 7.2.6).
func configOf(data []byte) []byte {
	for skip := map[byte]int{3: 3, 4: 13}; len(data) > 2; {
		tag, size := data[0], 0
		i := 1
		for more := true; more && i < min(5, len(data)); i++ {
			size, more = size<<7|int(data[i]&0x7f), data[i]&0x80 != 0
		}
		if data = data[i:]; size > len(data) {
			return nil
		}
		if tag == 5 {
			return data[:size]
		}
		n, known := skip[tag]
		if !known || n > size {
			return nil
		}
		data = data[n:]
	}
	return nil
}

// bits are those of a description's beginning, the highest first; noughts follow.
type bits uint64

func bitsOf(data []byte) bits {
	var whole [8]byte
	copy(whole[:], data)
	return bits(binary.BigEndian.Uint64(whole[:]))
}

// take takes a number of n bits.
func (b *bits) take(n int) (v int) {
	v = int(*b >> (64 - n))
	*b <<= n
	return v
}

// rate is the number of a rate of sound; below nought when it has none.
func (b *bits) rate() int {
	if i := b.take(4); i < len(rates) {
		return i
	} else if i != 15 {
		return -1
	}
	return slices.Index(rates, uint32(b.take(24)))
}

// framesOf are the frames of a track, in order. They lie in the file's bytes.
func framesOf(stbl, data []byte) (frames [][]byte, err error) {
	sizes, err := sizesOf(stbl)
	if err != nil {
		return nil, err
	}
	chunks, err := chunksOf(stbl)
	if err != nil {
		return nil, err
	}
	stsc, err := inside(stbl, "stsc")
	if err != nil || len(stsc) < 8+12 || uint64(len(stsc)-8) != uint64(binary.BigEndian.Uint32(stsc[4:]))*12 {
		return nil, ErrBroken
	}
	runs := stsc[8:]
	for i, at := range chunks {
		for len(runs) > 12 && binary.BigEndian.Uint32(runs[12:]) <= uint32(i+1) {
			runs = runs[12:]
		}
		for range min(binary.BigEndian.Uint32(runs[4:]), mostFrames) {
			size := uint64(sizes(len(frames)))
			switch {
			case len(frames) >= mostFrames:
				return nil, ErrTooBig
			case size == 0: // there are no more
				return nil, ErrBroken
			case size > mostADTS-adtsHead || at > uint64(len(data)) || size > uint64(len(data))-at:
				return nil, ErrBroken
			}
			frames, at = append(frames, data[at:at+size]), at+size
		}
	}
	if len(frames) == 0 || sizes(len(frames)) != 0 {
		return nil, ErrBroken
	}
	return frames, nil
}

// sizesOf are the sizes of a track's frames, in bytes; nought behind the last.
func sizesOf(stbl []byte) (func(i int) uint32, error) {
	stsz, err := inside(stbl, "stsz")
	if err != nil || len(stsz) < 12 {
		return nil, ErrBroken
	}
	every, n, list := binary.BigEndian.Uint32(stsz[4:]), uint64(binary.BigEndian.Uint32(stsz[8:])), stsz[12:]
	if every == 0 && uint64(len(list)) != 4*n {
		return nil, ErrBroken
	}
	return func(i int) uint32 {
		switch {
		case uint64(i) >= n:
			return 0
		case every != 0:
			return every
		}
		return binary.BigEndian.Uint32(list[4*i:])
	}, nil
}

// chunksOf is where a track's chunks of frames begin in the file.
func chunksOf(stbl []byte) (out []uint64, err error) {
	list, err := inside(stbl, "stco")
	size := 4
	if err != nil {
		list, err = inside(stbl, "co64")
		size = 8
	}
	if err != nil || len(list) < 8 || uint64(len(list)-8) != uint64(binary.BigEndian.Uint32(list[4:]))*uint64(size) {
		return nil, ErrBroken
	}
	for list = list[8:]; len(list) > 0; list = list[size:] {
		var whole [8]byte
		copy(whole[8-size:], list[:size])
		out = append(out, binary.BigEndian.Uint64(whole[:]))
	}
	return out, nil
}
