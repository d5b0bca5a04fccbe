package content

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
	"time"

	"patikra/content/sheet"
)

// Limits of recorded voices.
const (
	mostRecording  = 256 << 10        // bytes of one
	mostRecordings = 4 << 20          // bytes of all together: a book with them is kept for weeks
	longestVoice   = 90 * time.Second // nobody listens longer to one question
)

// Recording is the recorded voice of a step: an Ogg Opus file, content/<language>/audio/<quiz>/<step>.ogg.
type Recording struct {
	Data   []byte
	Length time.Duration
	File   string
	id     string
}

// Name is what a door asks for it by, as lt/job-offer/danger-0123abcd. It changes with what is recorded.
func (r *Recording) Name() string { return r.id }

// Recording returns the voice that reads a step aloud, nil when there is none.
func (l *Language) Recording(quiz, step string) *Recording { return l.voices[quiz+"."+step] }

// Recordings lists the recorded steps as quiz.step, in no order.
func (l *Language) Recordings() (names []string) {
	for n := range l.voices {
		names = append(names, n)
	}
	return names
}

// voices reads the recordings of a language.
func (l *loader) voices(fsys fs.FS, lang *Language) {
	files := sheet.Glob(fsys, "content/"+lang.Tag+"/audio/*/*")
	for _, file := range files {
		if path.Ext(file) != ".ogg" {
			l.Add(file, 0, "record it as Ogg Opus, in a file that ends in .ogg, or remove it", "this is no recording that can be played")
			continue
		}
		data := l.Bytes(file)
		if data == nil {
			continue
		}
		length, err := opusLength(data)
		l.heard += len(data)
		switch {
		case err != nil:
			l.Add(file, 0, "save it as Ogg Opus, one channel, about 16 kbit/s", "this is no Ogg Opus recording: %v", err)
		case len(data) > mostRecording:
			l.Add(file, 0, "save it with about 16 kbit/s", "the recording has %d KB, more than the %d allowed", len(data)>>10, mostRecording>>10)
		case length < 300*time.Millisecond || length > longestVoice:
			l.Add(file, 0, "read the question and its answers, and nothing else", "the recording lasts %v; it may last up to %v", length.Round(100*time.Millisecond), longestVoice)
		case l.heard > mostRecordings:
			l.Add(file, 0, "save them with about 16 kbit/s, or record the first questions only", "all recordings together have more than the %d MB allowed", mostRecordings>>20)
		default:
			quiz := path.Base(path.Dir(file))
			lang.voices[quiz+"."+strings.TrimSuffix(path.Base(file), ".ogg")] = &Recording{data, length, file, recordingName(file, data)}
		}
	}
}

func recordingName(file string, data []byte) string {
	sum := sha256.Sum256(data)
	name := strings.TrimSuffix(strings.TrimPrefix(file, "content/"), ".ogg")
	return strings.Replace(name, "/audio/", "/", 1) + "-" + hex.EncodeToString(sum[:4])
}

// Recorded finds a recording by its name, nil when there is none any more.
func (c *Catalog) Recorded(name string) *Recording {
	tag, rest, _ := strings.Cut(name, "/")
	quiz, step, _ := strings.Cut(rest, "/")
	i := strings.LastIndexByte(step, '-')
	lang := c.byLang[tag]
	if lang == nil || i < 0 {
		return nil
	}
	if r := lang.Recording(quiz, step[:i]); r != nil && r.id == name {
		return r
	}
	return nil
}

// opusLength reads how long an Ogg Opus recording lasts. It follows the pages to the end, so that a file that was cut off or
// is something else is refused (RFC 3533 and RFC 7845).
func opusLength(data []byte) (time.Duration, error) {
	const head, rate = 27, 48000
	skip, last, pages := uint64(0), uint64(0), 0
	for len(data) > 0 {
		if len(data) < head || !bytes.HasPrefix(data, []byte("OggS\x00")) {
			return 0, sheet.Text("a page of it does not begin as one")
		}
		segments := int(data[head-1])
		if len(data) < head+segments {
			return 0, sheet.Text("it is cut off")
		}
		size := head + segments
		for _, n := range data[head : head+segments] {
			size += int(n)
		}
		if len(data) < size {
			return 0, sheet.Text("it is cut off")
		}
		body := data[head+segments : size]
		if pages == 0 {
			if len(body) < 19 || !bytes.HasPrefix(body, []byte("OpusHead")) {
				return 0, sheet.Text("the voice in it is not Opus")
			}
			if body[9] != 1 && body[9] != 2 {
				return 0, sheet.Say("it has %d channels", body[9])
			}
			skip = uint64(binary.LittleEndian.Uint16(body[10:]))
		}
		if at := binary.LittleEndian.Uint64(data[6:]); at != 1<<64-1 {
			last = max(last, at)
		}
		data = data[size:]
		pages++
	}
	if pages < 3 || last < skip || last-skip > 3600*rate {
		return 0, sheet.Text("it holds no voice")
	}
	return time.Duration((last - skip) * uint64(time.Second) / rate), nil
}
