package content_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"patikra/content"
)

func recording(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("../bot/testdata/recording.ogg")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestARecordedStepIsFoundByItsName(t *testing.T) {
	files := shipped(t)
	files["content/lt/audio/job-offer/danger.ogg"] = &fstest.MapFile{Data: recording(t)}
	c, err := content.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Language("lt").Recording("job-offer", "danger")
	if r == nil || !bytes.Equal(r.Data, recording(t)) || r.Length < 7800*time.Millisecond || r.Length > 7900*time.Millisecond {
		t.Fatalf("the recording is %+v", r)
	}
	if c.Recorded(r.Name()) != r {
		t.Errorf("%s is not found by its name", r.Name())
	}
	for _, name := range []string{"", "lt", "lt/job-offer", "lt/job-offer/danger", "lt/job-offer/danger-00000000", "xx/job-offer/danger-0", strings.Replace(r.Name(), "lt/", "en/", 1), "../" + r.Name()} {
		if c.Recorded(name) != nil {
			t.Errorf("%q is found", name)
		}
	}
	if c.Language("lt").Recording("job-offer", "age") != nil {
		t.Error("a step that nobody recorded can be listened to")
	}
	plain, err := content.Read(shipped(t))
	if err != nil || plain.ID == c.ID {
		t.Errorf("the recording does not make another book: %v", err)
	}
}

func TestWhatIsNoRecordingIsRefusedInWords(t *testing.T) {
	whole := recording(t)
	long := append([]byte{}, whole...)
	copy(long[bytes.LastIndex(long, []byte("OggS"))+6:], []byte{0x80, 0xE6, 0x57, 0, 0, 0, 0, 0}) // the last page says that two minutes have passed
	stereo := append([]byte{}, whole...)
	stereo[bytes.Index(stereo, []byte("OpusHead"))+9] = 6
	for name, c := range map[string]struct {
		file string
		data []byte
		want string
	}{
		"cut off":           {"danger.ogg", whole[:len(whole)-100], "cut off"},
		"cut in its head":   {"danger.ogg", whole[:20], "does not begin as one"},
		"something else":    {"danger.ogg", []byte("ID3\x04 an MP3"), "does not begin as one"},
		"Vorbis":            {"danger.ogg", bytes.Replace(whole, []byte("OpusHead"), []byte("\x01vorbis\x00"), 1), "not Opus"},
		"six channels":      {"danger.ogg", stereo, "6 channels"},
		"empty":             {"danger.ogg", nil, "holds no voice"},
		"its head alone":    {"danger.ogg", whole[:bytes.Index(whole[1:], []byte("OggS"))+1], "holds no voice"},
		"two minutes":       {"danger.ogg", long, "lasts 2m0s"},
		"another ending":    {"danger.mp3", whole, "no recording that can be played"},
		"more than allowed": {"danger.ogg", append(append([]byte{}, whole...), bytes.Repeat(whole[bytes.LastIndex(whole, []byte("OggS")):], 300)...), "more than the 256 allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			files := shipped(t)
			file := "content/lt/audio/job-offer/" + c.file
			files[file] = &fstest.MapFile{Data: c.data}
			_, err := content.Read(files)
			if err == nil || !strings.Contains(err.Error(), file+":1: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("staff read %v, not %q", err, c.want)
			}
		})
	}
}

func FuzzRecording(f *testing.F) {
	f.Add(recording(f))
	f.Add([]byte("OggS\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		files := fstest.MapFS{"content/lt/audio/a/b.ogg": {Data: data}}
		if _, err := content.Read(files); err == nil {
			t.Fatal("a folder without texts loads")
		}
	})
}
