package media

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mp4Voice is a voice in MP4 that another program made, with a title, a remark and a place in it.
func mp4Voice(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/voice.m4a")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOfAVoiceInMP4NothingButTheSoundIsKept(t *testing.T) {
	in := mp4Voice(t)
	if !bytes.Contains(in, []byte("Uosio")) {
		t.Fatal("what was sent tells nothing, so it proves nothing")
	}
	p, err := New(Settings{Program: []string{os.Args[0], CommandKeep}}).Keep(t.Context(), from(in))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(p); err != nil || p.Kind != AAC || p.Size != int64(out.Len()) {
		t.Fatalf("%s of %d bytes, %v", p.Kind, p.Size, err)
	}
	for _, told := range []string{"Uosio", "secret", "54.68", "Lavf", "ftyp"} {
		if bytes.Contains(out.Bytes(), []byte(told)) {
			t.Errorf("it tells %q", told)
		}
	}
	n := 0
	for rest := out.Bytes(); len(rest) > 0; n++ { // frame by frame, with nothing between them
		size := int(rest[3]&3)<<11 | int(rest[4])<<3 | int(rest[5])>>5
		if rest[0] != 0xff || rest[1] != 0xf1 || size <= adtsHead || size > len(rest) {
			t.Fatalf("frame %d: %x", n, rest[:min(7, len(rest))])
		}
		if !bytes.Contains(in, rest[adtsHead:size]) {
			t.Fatalf("frame %d is not of the sound that came", n)
		}
		rest = rest[size:]
	}
	if n < 20 || n > 40 { // 0.6 s at 44,100 Hz, 1,024 samples each, and what the encoder begins and ends with
		t.Errorf("%d frames", n)
	}
	if _, err := exec.LookPath("ffprobe"); err != nil {
		return
	}
	at := filepath.Join(t.TempDir(), "out.aac")
	if err := os.WriteFile(at, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "stream=codec_name,sample_rate", "-of", "csv=p=0", at).CombinedOutput()
	if err != nil || strings.TrimSpace(string(said)) != "aac,44100" {
		t.Errorf("another program hears %q, %v", said, err)
	}
}

func TestAHostileMP4IsRefusedAndBreaksNothing(t *testing.T) {
	good := mp4Voice(t)
	swap := func(old, new string) []byte { return bytes.Replace(bytes.Clone(good), []byte(old), []byte(new), 1) }
	box := func(name string, change func(body []byte)) []byte { // of a box's body
		out := bytes.Clone(good)
		at := bytes.Index(out, []byte(name))
		change(out[at+4:])
		return out
	}
	for name, data := range map[string][]byte{
		"cut":              good[:len(good)/2],
		"a film":           swap("soun", "vide"),
		"no sound at all":  swap("mp4a", "alac"),
		"nothing behind":   good[:20],
		"endless samples":  box("stsz", func(b []byte) { binary.BigEndian.PutUint32(b[4:], 1); binary.BigEndian.PutUint32(b[8:], 1<<32-1) }),
		"many samples":     box("stsz", func(b []byte) { binary.BigEndian.PutUint32(b[8:], 1<<20) }),
		"sound elsewhere":  box("stco", func(b []byte) { binary.BigEndian.PutUint32(b[8:], 1<<31) }),
		"endless chunks":   box("stsc", func(b []byte) { binary.BigEndian.PutUint32(b[4:], 1<<31) }),
		"endless entries":  box("stsd", func(b []byte) { binary.BigEndian.PutUint32(b[4:], 1<<31) }),
		"a box of no size": box("moov", func(b []byte) { binary.BigEndian.PutUint32(b, 1) }),
		"two tracks":       swap("mvhd", "trak"),
		"no rate":          box("esds", func(b []byte) { copy(b[bytes.Index(b, []byte{5, 0x80, 0x80, 0x80})+4:], "\x02\x17\x08") }),
		"too big":          append(bytes.Clone(good), make([]byte, MostKept)...),
	} {
		var out bytes.Buffer
		if err := drawKept(&out, data); !Refused(err) || out.Len() != 0 {
			t.Errorf("%s: %v, %d bytes", name, err, out.Len())
		}
	}
}

func FuzzVoiceOfMP4(f *testing.F) {
	f.Add(mp4Voice(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		if err := voiceOfMP4(&out, data); err != nil && (!Refused(err) || out.Len() != 0) {
			t.Errorf("%v, %d bytes", err, out.Len())
		}
		if out.Len() > MostKept {
			t.Errorf("%d bytes", out.Len())
		}
	})
}
