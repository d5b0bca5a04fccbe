package media

import (
	"bytes"
	"encoding/binary"
	"io"
)

// A voice in Ogg Opus (RFC 3533, RFC 7845) is written anew: the same sound in the same pages, but for everything that stands beside it. Who
// recorded it, with what and when can stand in its tags, in its stream's number, in other streams and behind its end.

const (
	oggHead    = 27            // bytes of a page's header before the lengths of its segments
	opusHead   = 19            // of an Opus header for one or two channels
	mostSilent = 3600 * 48_000 // samples of a voice: an hour
)

func isOgg(data []byte) bool { return bytes.HasPrefix(data, []byte("OggS")) }

// page is one page of Ogg.
type page struct {
	flags    byte
	granule  uint64
	serial   uint32
	segments []byte
	body     []byte
}

// Flags of a page.
const (
	pageGoesOn = 1
	pageFirst  = 2
	pageLast   = 4
)

// nextPage takes a page from data. Its checksum must be right.
func nextPage(data []byte) (p page, rest []byte, err error) {
	if len(data) < oggHead || string(data[:5]) != "OggS\x00" {
		return p, nil, ErrBroken
	}
	n := int(data[oggHead-1])
	size := oggHead + n
	if len(data) < size {
		return p, nil, ErrBroken
	}
	p = page{flags: data[5], granule: binary.LittleEndian.Uint64(data[6:]), serial: binary.LittleEndian.Uint32(data[14:]), segments: data[oggHead:size]}
	body := size
	for _, s := range p.segments {
		size += int(s)
	}
	if len(data) < size {
		return p, nil, ErrBroken
	}
	p.body = data[body:size]
	if oggSum(data[:size]) != binary.LittleEndian.Uint32(data[22:]) {
		return p, nil, ErrBroken
	}
	return p, data[size:], nil
}

// whole reports whether the page's last packet ends in it.
func (p *page) whole() bool { return len(p.segments) > 0 && p.segments[len(p.segments)-1] < 255 }

// put appends a page with a number of ours.
func (p *page) put(out []byte, number uint32) []byte {
	at := len(out)
	out = append(out, "OggS\x00"...)
	out = append(out, p.flags&(pageGoesOn|pageFirst|pageLast))
	out = binary.LittleEndian.AppendUint64(out, p.granule)
	out = binary.LittleEndian.AppendUint32(out, 1) // the only stream there is
	out = binary.LittleEndian.AppendUint32(out, number)
	out = append(out, 0, 0, 0, 0, byte(len(p.segments)))
	out = append(out, p.segments...)
	out = append(out, p.body...)
	binary.LittleEndian.PutUint32(out[at+22:], oggSum(out[at:]))
	return out
}

var oggTable = func() (table [256]uint32) {
	for i := range table {
		r := uint32(i) << 24
		for range 8 {
			if r&(1<<31) != 0 {
				r = r<<1 ^ 0x04c11db7
			} else {
				r <<= 1
			}
		}
		table[i] = r
	}
	return table
}()

// oggSum is the checksum of a page, in which its own place counts as four noughts.
func oggSum(data []byte) (sum uint32) {
	for i, b := range data {
		if i >= 22 && i < 26 {
			b = 0
		}
		sum = sum<<8 ^ oggTable[byte(sum>>24)^b]
	}
	return sum
}

// voice writes an Opus voice anew. Only the child calls it, and tests.
func voice(w io.Writer, data []byte) error {
	if len(data) > MostKept {
		return ErrTooBig
	}
	first, rest, err := nextPage(data)
	if err != nil {
		return err
	}
	head, err := headOf(first)
	if err != nil {
		return err
	}
	out := head.put(make([]byte, 0, len(data)+100), 0)
	for tags, done := 0, false; !done; tags++ { // however many pages they take, one of ours stands for them
		var p page
		if p, rest, err = nextPage(rest); err != nil {
			return err
		}
		if p.serial != first.serial || tags == 0 && !bytes.HasPrefix(p.body, []byte("OpusTags")) {
			return ErrBroken
		}
		done = p.whole()
	}
	tags := []byte("OpusTags\x04\x00\x00\x00none\x00\x00\x00\x00")
	out = (&page{segments: []byte{byte(len(tags))}, body: tags}).put(out, 1)
	number, last, ended := uint32(2), uint64(0), false
	for ; len(rest) > 0 && !ended; number++ {
		var p page
		if p, rest, err = nextPage(rest); err != nil {
			return err
		}
		if p.serial != first.serial || p.flags&pageFirst != 0 {
			return ErrBroken
		}
		if p.granule != 1<<64-1 {
			if p.granule < last || p.granule > mostSilent {
				return ErrTooBig
			}
			last = p.granule
		}
		ended = p.flags&pageLast != 0
		out = p.put(out, number)
	}
	if number == 2 {
		return ErrBroken
	}
	if len(out) > MostKept {
		return ErrTooBig
	}
	_, err = w.Write(out)
	return err
}

// headOf makes the first page of ours from that of a voice.
func headOf(p page) (*page, error) {
	if len(p.body) < 8 || string(p.body[:8]) != "OpusHead" {
		return nil, ErrKind
	}
	channels := byte(0)
	if len(p.body) >= opusHead {
		channels = p.body[9]
	}
	if len(p.body) != opusHead || p.flags&pageFirst == 0 || channels < 1 || channels > 2 || p.body[18] != 0 {
		return nil, ErrBroken
	}
	body := append([]byte("OpusHead\x01"), channels, p.body[10], p.body[11])
	body = binary.LittleEndian.AppendUint32(body, 48_000) // what it was recorded at plays no part
	body = append(body, 0, 0, 0)
	return &page{flags: pageFirst, segments: []byte{opusHead}, body: body}, nil
}
