package bot_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"patikra/bot"
	"patikra/flows"
)

func randomSession(r *rand.Rand) bot.Session {
	word := func(most int) string { return strings.Repeat("ą", r.IntN(most)) }
	s := bot.Session{Book: word(9), Lang: word(3), Quiz: word(6), Stage: bot.Stage(r.IntN(6)), Over: bot.Over(r.IntN(8)), At: uint8(r.Uint32()),
		End: word(4), Ticks: uint16(r.Uint32()), Serial: uint8(r.Uint32()), Campaign: word(9), Screen: r.Int64() - r.Int64(), Pace: r.Int64()}
	for range r.IntN(25) {
		s.Given = append(s.Given, flows.Given{Step: uint8(r.Uint32()), Picks: uint16(r.Uint32())})
	}
	for range r.IntN(33) {
		s.Seen = append(s.Seen, r.Uint64())
	}
	for range r.IntN(101) {
		s.Refs = append(s.Refs, bot.Ref{ID: r.Int64() - r.Int64(), Minute: r.Int64N(1 << 40)})
	}
	return s
}

func TestWhatIsStoredComesBackTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		s := randomSession(r)
		var back bot.Session
		if err := back.Decode(s.Encode()); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(s, back) {
			t.Fatal(cmp.Diff(s, back))
		}
		m := bot.Message{To: bot.Address{Channel: "telegram", ID: strings.Repeat("9", r.IntN(20))}, Text: strings.Repeat("ž\n", r.IntN(50)), Edit: r.Int64(),
			Screen: r.IntN(2) == 0, Track: r.IntN(2) == 0, Serial: uint8(r.Uint32()), Urgency: uint8(r.IntN(3)), Until: r.Int64N(2) * r.Int64()}
		for range r.IntN(5) {
			m.Delete = append(m.Delete, r.Int64())
			m.Buttons = append(m.Buttons, []bot.Button{{Label: "Taip", Data: "answer:1.1"}, {Label: "✕", Data: "exit"}}[:1+r.IntN(2)])
		}
		var again bot.Message
		if err := again.Decode(m.Encode()); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(m, again) {
			t.Fatal(cmp.Diff(m, again))
		}
	}
}

func TestWhatIsCutShortIsRefused(t *testing.T) {
	s := randomSession(rand.New(rand.NewPCG(5, 6)))
	full := s.Encode()
	for i := range full {
		var back bot.Session
		if err := back.Decode(full[:i]); err == nil {
			t.Fatalf("%d of %d bytes are taken for the whole", i, len(full))
		}
	}
	var back bot.Session
	if err := back.Decode(append(full, 0)); err == nil {
		t.Error("a byte too many is taken")
	}
}

func TestAStoredFormThatLiesAboutItsLengthTakesLittleMemory(t *testing.T) {
	lie := bytes.Repeat([]byte{0xff, 0xff, 0xff, 0x7f}, 4096) // counts of hundreds of millions
	s := randomSession(rand.New(rand.NewPCG(9, 10)))
	full := s.Encode()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.TotalAlloc
	for i := range full {
		for _, form := range [][]byte{append(bytes.Clone(full[:i]), lie[:400]...), append([]byte{1, 7, 0, 0}, lie[:i+4]...)} {
			var s bot.Session
			var m bot.Message
			s.Decode(form)
			m.Decode(form)
		}
	}
	runtime.ReadMemStats(&m)
	if got := (m.TotalAlloc - before) / uint64(2*len(full)); got > 256<<10 {
		t.Errorf("%d bytes for each", got)
	}
}

func FuzzSessionDecode(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 5 {
		s := randomSession(r)
		f.Add(s.Encode())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s, again bot.Session
		if s.Decode(data) != nil {
			return
		}
		if err := again.Decode(s.Encode()); err != nil || !reflect.DeepEqual(s, again) {
			t.Fatalf("what was read cannot be written and read: %v", err)
		}
	})
}

func FuzzMessageDecode(f *testing.F) {
	m := bot.Message{To: bot.Address{Channel: "telegram", ID: "5"}, Text: "x", Buttons: [][]bot.Button{{{Label: "a", Data: "next"}}}, Delete: []int64{4}}
	f.Add(m.Encode())
	m.Until, m.Track = 1_900_000_000, true
	f.Add(m.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		var m, again bot.Message
		if m.Decode(data) != nil {
			return
		}
		if err := again.Decode(m.Encode()); err != nil || !reflect.DeepEqual(m, again) {
			t.Fatalf("what was read cannot be written and read: %v", err)
		}
	})
}
