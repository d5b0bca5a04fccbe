package backup_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"patikra/bot/backup"
)

const secret = "the key of the store"

// made is a backup of something.
func made(t testing.TB, plain []byte) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := backup.NewWriter(&file, secret, 8, "v1", time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// read is what a file gives, and the reason where it gives nothing.
func read(file []byte, secrets ...string) ([]byte, error) {
	r, err := backup.NewReader(bytes.NewReader(file), secrets...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// body is where the sealed pieces begin.
func body(t testing.TB, file []byte) int {
	t.Helper()
	first := bytes.IndexByte(file, '\n') + 1
	return first + bytes.IndexByte(file[first:], '\n') + 1
}

const sealedPiece = 64<<10 + 16

func TestABackupGivesBackWhatWasWrittenWhateverItsSize(t *testing.T) {
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 200_000} {
		plain := bytes.Repeat([]byte("words; "), size/7+1)[:size]
		file := made(t, plain)
		for _, secrets := range [][]string{{secret}, {"a newer key", secret}} {
			if got, err := read(file, secrets...); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%d bytes came back as %d: %v", size, len(got), err)
			}
		}
		if head, err := backup.Verify(bytes.NewReader(file), secret); err != nil || head.Partitions != 8 || head.Program != "v1" {
			t.Errorf("%+v, %v", head, err)
		}
		if size > 100 && bytes.Contains(file, []byte("words; ")) {
			t.Error("the file shows what was written")
		}
	}
}

func TestNothingOfABackupThatWasTouchedIsTakenForWhole(t *testing.T) {
	plain := bytes.Repeat([]byte("0123456789"), 20_000) // four pieces
	file := made(t, plain)
	at := body(t, file)
	swapped := append(bytes.Clone(file[:at]), file[at+sealedPiece:at+2*sealedPiece]...)
	swapped = append(append(swapped, file[at:at+sealedPiece]...), file[at+2*sealedPiece:]...)
	touched := bytes.Clone(file)
	touched[at+70_000] ^= 1
	salted := []byte(strings.Replace(string(file), `"program":"v1"`, `"program":"v2"`, 1))
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"cut off in a piece":      {file[:len(file)-1], backup.ErrAltered},
		"cut off between pieces":  {file[:at+2*sealedPiece], backup.ErrCut},
		"cut off after the head":  {file[:at], backup.ErrCut},
		"one bit":                 {touched, backup.ErrAltered},
		"two pieces exchanged":    {swapped, backup.ErrAltered},
		"a piece left out":        {append(bytes.Clone(file[:at]), file[at+sealedPiece:]...), backup.ErrAltered},
		"something behind":        {append(bytes.Clone(file), 'x'), backup.ErrAltered},
		"the head altered":        {salted, backup.ErrAltered},
		"another file":            {[]byte("PK\x03\x04"), backup.ErrNone},
		"an empty file":           {nil, backup.ErrNone},
		"a head without an end":   {append([]byte("patikra backup\n{"), bytes.Repeat([]byte(" "), 1<<20)...), backup.ErrNone},
		"a head that is no JSON":  {[]byte("patikra backup\nhello\n"), backup.ErrNone},
		"a head without anything": {[]byte("patikra backup\n{\"form\":1}\n"), backup.ErrKey},
	} {
		if _, err := backup.Verify(bytes.NewReader(c.file), secret); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read(file, "another key"); !errors.Is(err, backup.ErrKey) {
		t.Errorf("with another key: %v", err)
	}
	later := []byte(strings.Replace(string(file), `"form":1`, `"form":2`, 1))
	if _, err := read(later, secret); err == nil || !strings.Contains(err.Error(), "use the program that made it") {
		t.Errorf("of a later program: %v", err)
	}
}

// FuzzRead holds that a file which is not exactly one of ours is refused, with one of the reasons, and breaks nothing.
func FuzzRead(f *testing.F) {
	plain := bytes.Repeat([]byte("x"), 70_000)
	file := made(f, plain)
	at := body(f, file)
	for _, b := range [][]byte{file, file[:at], file[:at+100], nil, []byte("patikra backup\n"), []byte("patikra backup\n{\"form\":1,\"salt\":\"AA==\"}\n"),
		append(bytes.Clone(file[:at]), file[at+sealedPiece:]...)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := read(b, secret)
		if err == nil && (len(b) != len(file) || !bytes.Equal(got, plain)) { // each process of the fuzzing has made a file of its own
			t.Errorf("a file that we did not make gives %d bytes", len(got))
		}
	})
}
