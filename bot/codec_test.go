package bot_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patikra/bot"
	"patikra/bot/talk"
	"patikra/flows"
)

func randomSession(r *rand.Rand) bot.Session {
	word := func(most int) string { return strings.Repeat("ą", r.IntN(most)) }
	s := bot.Session{Book: word(9), Lang: word(3), Quiz: word(6), Stage: bot.Stage(r.IntN(6)), Over: bot.Over(r.IntN(8)), At: uint8(r.Uint32()),
		End: word(4), Ticks: uint16(r.Uint32()), Serial: uint8(r.Uint32()), Campaign: word(9), Screen: r.Int64() - r.Int64(), Pace: r.Int64()}
	if r.IntN(2) == 0 {
		s.Country = string([]byte{byte('A' + r.IntN(26)), byte('A' + r.IntN(26))})
	}
	if r.IntN(2) == 0 {
		s.Job, s.Missed, s.Changing = "NO", uint8(r.IntN(4)), bot.Change(r.IntN(4))
		for range r.IntN(5) {
			s.Before = append(s.Before, flows.Given{Step: uint8(r.Uint32()), Picks: uint16(r.Uint32())})
		}
	}
	if r.IntN(3) == 0 {
		s.Return, s.Browser = word(9), word(9)
	}
	for range r.IntN(25) {
		s.Given = append(s.Given, flows.Given{Step: uint8(r.Uint32()), Picks: uint16(r.Uint32())})
	}
	for range r.IntN(33) {
		s.Seen = append(s.Seen, r.Uint64())
	}
	for range r.IntN(101) {
		s.Refs = append(s.Refs, bot.Ref{ID: r.Int64() - r.Int64(), Minute: r.Int64N(1 << 40)})
	}
	if r.IntN(2) == 0 {
		s.Case = &bot.Case{}
		fill(r, reflect.ValueOf(s.Case).Elem())
		s.Case.State = bot.CaseState(r.IntN(int(bot.Closed) + 1))
	}
	return s
}

// fill puts something at random into every field, so that one that is added later is not forgotten.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case reflect.String:
		v.SetString(strings.Repeat("ž–\x00", r.IntN(9)))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int64:
		v.SetInt(r.Int64() - r.Int64())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
	case reflect.Slice: // nil rather than empty, as it comes back
		for range r.IntN(4) {
			one := reflect.New(v.Type().Elem()).Elem()
			fill(r, one)
			v.Set(reflect.Append(v, one))
		}
	default:
		panic(v.Type().String() + " is not known here")
	}
}

func randomMessage(r *rand.Rand) bot.Message {
	m := bot.Message{To: bot.Address{Channel: "telegram", ID: strings.Repeat("9", r.IntN(20))}, Text: strings.Repeat("ž\n", r.IntN(50)), Edit: r.Int64(),
		Screen: r.IntN(2) == 0, Track: r.IntN(2) == 0, Serial: uint8(r.Uint32()), Urgency: uint8(r.IntN(3)), Until: r.Int64N(2) * r.Int64()}
	for range r.IntN(5) {
		m.Delete = append(m.Delete, r.Int64())
		m.Buttons = append(m.Buttons, []bot.Button{{Label: "Taip", Data: "answer:1.1"}, {Label: "✕", Data: "exit"}}[:1+r.IntN(2)])
	}
	for range r.IntN(2) * r.IntN(4) {
		m.Short = append(m.Short, bot.Button{Label: "Pats darbdavys", Data: "answer:1.1"})
	}
	switch r.IntN(3) {
	case 0: // as before there were cases
	case 1: // one of what came with cases
		switch r.IntN(5) {
		case 0:
			m.Human = true
		case 1:
			m.Act = bot.DropTopic
		case 2:
			m.Topic = -1
		case 3:
			m.Case.ID = "5"
		case 4:
			m.Media.Kind = "photo"
		}
	default:
		m.Human, m.Act, m.Topic = r.IntN(2) == 0, bot.Act(r.IntN(3)), r.Int64()-r.Int64()
		fill(r, reflect.ValueOf(&m.Media).Elem())
		fill(r, reflect.ValueOf(&m.Case).Elem())
	}
	return m
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
		m := randomMessage(r)
		var again bot.Message
		if err := again.Decode(m.Encode()); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(m, again) {
			t.Fatal(cmp.Diff(m, again))
		}
		var l, line bot.Line
		fill(r, reflect.ValueOf(&l).Elem())
		if err := line.Decode(l.Encode()); err != nil || !reflect.DeepEqual(l, line) {
			t.Fatalf("%v\n%s", err, cmp.Diff(l, line))
		}
	}
}

// before is the stored form of a session as it was when there were no cases.
func before(s bot.Session) []byte {
	s.Case = nil
	return s.Encode()
}

func TestWhatWasStoredBeforeThereWereCasesIsRead(t *testing.T) {
	// written by the version before, byte for byte
	old := []byte("\x01\x02b1\x02lt\x09job-offer\x04\x00\x03\x07\x00\x00\x05radio\xd2\x01\x00\x02\x00\x01\x01\x02\x02\x0a\x02\x01\xd2\x01\x90\x03")
	want := bot.Session{Book: "b1", Lang: "lt", Quiz: "job-offer", Stage: bot.Asking, At: 3, Serial: 7, Campaign: "radio", Screen: 105,
		Given: []flows.Given{{Step: 0, Picks: 1}, {Step: 1, Picks: 2}}, Seen: []uint64{5, 6}, Refs: []bot.Ref{{ID: 105, Minute: 200}}}
	var s bot.Session
	if err := s.Decode(old); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s, want) {
		t.Fatal(cmp.Diff(want, s))
	}
	if !bytes.Equal(want.Encode(), old) {
		t.Error("a session without a country is not stored as it was before")
	}
	want.Country = "NO"
	if err := s.Decode(want.Encode()); err != nil || !reflect.DeepEqual(s, want) || len(want.Encode()) != len(old)+2 {
		t.Errorf("with a country: %v, %d bytes more\n%s", err, len(want.Encode())-len(old), cmp.Diff(want, s))
	}
	for n := range 3 {
		if err := s.Decode([]byte("\x02NO")[:n]); err == nil {
			t.Errorf("%d bytes are read as a session", n)
		}
	}
	r := rand.New(rand.NewPCG(11, 12))
	for range 200 {
		full := randomSession(r)
		if err := s.Decode(before(full)); err != nil || s.Case != nil {
			t.Fatalf("%v, and the case %v", err, s.Case)
		}
		full.Case = nil
		if !reflect.DeepEqual(s, full) {
			t.Fatal(cmp.Diff(full, s))
		}
	}
	m := bot.Message{To: bot.Address{Channel: "telegram", ID: "5"}, Text: "x", Edit: 3, Delete: []int64{4}, Buttons: [][]bot.Button{{{Label: "a", Data: "next"}}}, Screen: true, Serial: 2, Urgency: 1}
	var back bot.Message
	if err := back.Decode([]byte("\x01\x01\x01\x02\x08telegram\x015\x01x\x06\x01\x08\x01\x01\x01a\x04next")); err != nil || !reflect.DeepEqual(m, back) {
		t.Fatalf("%v\n%s", err, cmp.Diff(m, back))
	}
}

func TestALineThatIsCutShortIsRefused(t *testing.T) {
	l := bot.Line{At: 1_900_000_000, By: talk.ByCounsellor, Name: "Ruta", Text: "Labas"}
	full := l.Encode()
	for i := range full {
		if err := new(bot.Line).Decode(full[:i]); err == nil {
			t.Fatalf("%d of %d bytes are taken for the whole", i, len(full))
		}
	}
	if err := new(bot.Line).Decode(append(full, 0)); err == nil {
		t.Error("a byte too many is taken")
	}
}

func TestWhatIsCutShortIsRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		s := randomSession(r)
		full := s.Encode()
		for i := range full {
			var back bot.Session
			if err := back.Decode(full[:i]); err == nil && i != len(before(s)) {
				t.Fatalf("%d of %d bytes are taken for the whole", i, len(full))
			}
		}
		var back bot.Session
		if err := back.Decode(append(full, 0)); err == nil {
			t.Error("a byte too many is taken")
		}
		m := randomMessage(r)
		form := m.Encode()
		for i := range form {
			if err := new(bot.Message).Decode(form[:i]); err == nil {
				t.Fatalf("%d of %d bytes of a message are taken for the whole", i, len(form))
			}
		}
		if err := new(bot.Message).Decode(append(form, 0)); err == nil {
			t.Error("a byte too many of a message is taken")
		}
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
	m.Human, m.Media, m.Case = true, bot.Media{Net: "telegram", Kind: "photo", ID: 7}, bot.Address{Channel: "telegram", ID: "5"}
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

func FuzzLineDecode(f *testing.F) {
	l := bot.Line{At: 1_900_000_000, By: talk.ByPerson, Text: "Labas"}
	f.Add(l.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		var l, again bot.Line
		if l.Decode(data) != nil {
			return
		}
		if err := again.Decode(l.Encode()); err != nil || !reflect.DeepEqual(l, again) {
			t.Fatalf("what was read cannot be written and read: %v", err)
		}
	})
}

func FuzzTriesDecode(f *testing.F) {
	f.Add(bot.Tries{Begun: 1, Failed: 12, Told: true, Since: time.UnixMilli(1_900_000_000_123)}.Encode())
	f.Add([]byte(nil))
	f.Add(make([]byte, 11))
	f.Fuzz(func(t *testing.T, data []byte) {
		tries := bot.DecodeTries(data)
		if again := bot.DecodeTries(tries.Encode()); again != tries {
			t.Fatalf("%+v comes back as %+v", tries, again)
		}
	})
}
