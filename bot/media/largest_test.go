package media

import (
	"bytes"
	"compress/gzip"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// largest are the largest pictures of each kind that are accepted, held by a phone on its side where their kind can say so: the
// turned picture is in memory beside the other. They are of one colour, for the size in memory does not depend on what they show.
func largest(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{
		"PNG with transparency": pngOf(4096, 4096, 8, 6, 0, 4096*(4*4096+1), chunk("eXIf", exif(6)[10:])),
	}
	for name, file := range map[string]string{
		"JPEG in all colours": "full444", "progressive JPEG in all colours": "progressive444",
		"progressive JPEG as phones make it": "progressive420", "JPEG for print": "cmyk",
	} {
		packed, err := os.Open(filepath.Join("testdata", "largest", file+".jpg.gz"))
		if err != nil {
			t.Fatal(err)
		}
		defer packed.Close()
		z, err := gzip.NewReader(packed)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = bytes.Join([][]byte{data[:2], exif(6), data[2:]}, nil)
	}
	return out
}

func TestTheLargestPicturesThatAreAcceptedAreDrawnWithinTheMemoryForThem(t *testing.T) {
	unwatched(t)
	if _, err := os.Stat("/proc/self/statm"); err != nil {
		t.Skip("memory is measured where the system tells of it")
	}
	for name, data := range largest(t) {
		r := New(Settings{})
		small := watchMemory(t)
		kept, err := r.Keep(t.Context(), from(data))
		if least := small(); err != nil || least > 200<<20 {
			t.Errorf("%s, to be kept: %d MB, %v", name, least>>20, err)
		} else {
			t.Logf("%s, to be kept: at most %d MB, %d kB", name, least>>20, kept.Size>>10)
			kept.Close()
		}
		watch := watchMemory(t)
		out, err := clean(t, r, data)
		most := watch()
		t.Logf("%s: at most %d MB", name, most>>20)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := jpeg.DecodeConfig(bytes.NewReader(out)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if most > 200<<20 {
			t.Errorf("%s: %d MB", name, most>>20)
		}
	}
}
