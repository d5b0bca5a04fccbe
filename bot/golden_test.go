package bot_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/seal"
	"patikra/bot/talk"
	"patikra/flows"
)

// The bytes that earlier programs have written lie in testdata/stored, a folder for each generation, and every later program
// reads them. A generation is never written again; `go test ./bot -run Golden -generation NAME` writes a new one when a
// stored form has changed.
var generation = flag.String("generation", "", "write the stored forms of today under this name")

// storedForm is one value as a store holds it, and what it says. JSON, so that a field that is added later changes nothing here.
type storedForm struct {
	Name  string          `json:"name"`
	Bytes string          `json:"bytes"` // hexadecimal
	Says  json.RawMessage `json:"says"`
}

const goldenKey = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=" // 32 times "k": nobody's

func goldenSessions() map[string]bot.Session {
	given := []flows.Given{{Step: 0, Picks: 1}, {Step: 3, Picks: 6}, {Step: 12, Picks: 300}}
	full := bot.Session{Book: "b0123456789abcdef", Lang: "lt", Quiz: "job-offer", Stage: bot.Asking, Over: bot.Why, At: 7, Ticks: 5, Serial: 200,
		Campaign: "radio", Country: "NO", Screen: 123456789, Pace: 1700000000123, Given: given,
		Seen: []uint64{9, 1 << 63, 3}, Refs: []bot.Ref{{ID: 1, Minute: 28333333}, {ID: -5, Minute: 28333334}}}
	plain := full
	plain.Country, plain.Seen, plain.Refs = "", nil, nil
	ended := plain
	ended.Stage, ended.End, ended.Over = bot.Finished, "high", bot.Consent
	held := ended
	held.Case = &bot.Case{State: bot.Taken, Kind: bot.Supervision, Next: 1, Way: bot.ByCall, Urgent: bot.Danger,
		Person: bot.Address{Channel: "telegram", ID: "42"}, Word: "Upė Klevas", Struck: 5, Holder: "telegram:7", Name: "R", Second: "J",
		Since: 1700000001, Base: 1700000002, Asked: 1700000003, Last: 1700000004, Due: 1700000005, Calls: 2, Topic: 77, Card: 78,
		Bare: true, Gone: true, Rated: 4, Call: bot.Call{Phone: "+37060000000", Hours: "vakare", Voice: 2, Else: "biblioteka"},
		Told: bot.Told{Book: "b0123456789abcdef", Quiz: "job-offer", End: "high", Stage: bot.Finished, Struck: 3, Given: given,
			Call: bot.Call{Phone: "+37060000001", Hours: "ryte", Voice: 1, Else: "niekas"}}}
	changing := full
	changing.Job, changing.Missed, changing.Changing, changing.Before = "SE", 2, bot.FromEarly, given[1:]
	returned := held
	returned.Return, returned.Browser = "cHJvb2Ygb2YgdGhlIGNvZGU", "d2hpY2ggYnJvd3Nlcg"
	abroad := held
	abroad.Case = &bot.Case{}
	*abroad.Case = *held.Case
	abroad.Case.Told.Country = "NO"
	rung := held
	rung.Case = &bot.Case{}
	*rung.Case = *held.Case
	rung.Case.Ring, rung.Case.Tried, rung.Case.Reached = 1700000010, 1700000011, true
	rung.Case.Call = bot.Call{Phone: "+37060000000", From: 1700000012, To: 1700000013, Voice: 1, Say: 2, Offer: 1700000014}
	rung.Case.Told.Call = bot.Call{Phone: "+37060000000", From: 1700000015, To: 1700000016, Voice: 1, Say: 3}
	found := held
	found.Case = &bot.Case{}
	*found.Case = *held.Case
	found.Case.Held, found.Case.Heard, found.Case.Ticked, found.Case.Outcome, found.Case.Place, found.Case.Counted = true, bot.HeardDespair, []uint32{7, 1 << 31}, bot.Fraud, "police", true
	found.Case.Barred, found.Case.Files, found.Case.Kept, found.Case.Bytes = 1700000020, 3, 10, 90_000
	found.Case.Told.Filled = given[:2]
	bridged := held
	bridged.Chat, bridged.Bridge, bridged.BridgeUntil = bot.Address{Channel: "telegram", ID: "77"}, "a2V5ZWQgaGFzaA", 1700000021
	mouth := plain
	mouth.Talk, mouth.Offer = bot.Address{Channel: "web", ID: "w"}, "b2ZmZXI"
	return map[string]bot.Session{"session with what a counsellor has done": found, "session of a talk that goes on in a chat too": bridged, "session of such a chat": mouth, "session with a call": rung, "session with a case abroad": abroad, "session of a talk taken up elsewhere": returned, "session in a change": changing, "session with a country": full, "session": plain, "session at a result": ended, "session with a case": held, "empty session": {}}
}

func goldenMessages() map[string]bot.Message {
	return map[string]bot.Message{
		"message that is a screen": {To: bot.Address{Channel: "telegram", ID: "42"}, Text: "Klausimas", Buttons: [][]bot.Button{{{Label: "Taip", Data: "answer:1.1"}, {Label: "Ne", Data: "answer:1.2"}}, {{Label: "✕", Data: "exit"}}},
			Edit: 9, Delete: []int64{1, 2}, Screen: true, Track: true, Serial: 3, Until: 1700000009, Urgency: 1},
		"message with short forms": {To: bot.Address{Channel: "messenger", ID: "psid"}, Text: "Klausimas", Buttons: [][]bot.Button{{{Label: "Bendrauju su darbdaviu", Data: "answer:1.1"}}},
			Short: []bot.Button{{Label: "Pats darbdavys", Data: "answer:1.1"}}, Screen: true, Until: 1700000009},
		"message of a human": {To: bot.Address{Channel: "messenger", ID: "psid"}, Text: "Sveiki", Human: true, Urgency: 2},
		"message to the desk": {To: bot.Address{Channel: bot.DeskName, ID: "42"}, Text: "žodžiai", Act: 2, Topic: 77, Case: bot.Address{Channel: "web", ID: "w"},
			Media: bot.Media{Net: "telegram", Kind: "photo", Chat: "42", File: "f", Caption: "c", ID: 5}},
	}
}

func goldenLines() map[string]bot.Line {
	return map[string]bot.Line{"line of a picture": {At: 1700000000, By: talk.ByPerson, Text: "[nuotrauka] pasas", Kind: "photo", File: 2},
		"line of a fixed text": {At: 1700000000, By: talk.ByNotice, Text: "Pokalbis baigtas.", Tongues: []bot.Tongue{{Lang: "en", Text: "The talk has ended."}, {Lang: "lt", Text: "Pokalbis baigtas."}}},
		"line of a place":      {At: 1700000000, By: talk.ByPerson, Text: "[vieta]", Kind: "location", Place: "54.687200,25.279700"},
		"line of a log":        {At: 1700000000, By: talk.ByCounsellor, Name: "R", Text: "Sveiki.\nEsu čia."}}
}

// goldenForms gives every value with the way to write it and to read it again.
func goldenForms() (write map[string]func() ([]byte, any), read map[string]func([]byte) (any, error)) {
	write, read = map[string]func() ([]byte, any){}, map[string]func([]byte) (any, error){}
	for name, s := range goldenSessions() {
		write[name] = func() ([]byte, any) { return s.Encode(), s }
		read[name] = func(b []byte) (any, error) { var s bot.Session; err := s.Decode(b); return s, err }
	}
	for name, m := range goldenMessages() {
		write[name] = func() ([]byte, any) { return m.Encode(), m }
		read[name] = func(b []byte) (any, error) { var m bot.Message; err := m.Decode(b); return m, err }
	}
	for name, l := range goldenLines() {
		write[name] = func() ([]byte, any) { return l.Encode(), l }
		read[name] = func(b []byte) (any, error) { var l bot.Line; err := l.Decode(b); return l, err }
	}
	for name, v := range map[string]any{
		"roster": desk.Roster{Moved: -1009, Duty: []bot.Actor{{ID: "telegram:7", Name: "R", User: "r"}}, Waits: []int{3, 90}, Seen: map[string]int64{"console:ruta": 1700000300}},
		"accounts": desk.Accounts{List: []desk.Account{{ID: "ruta", Name: "Rūta", Role: desk.Lead, Lang: "lt", Made: 1700000000, Tune: "rise", Level: "loud", Speaks: []string{"lt", "pl"}, Most: 4,
			Keys: []desk.Passkey{{ID: []byte{1, 2}, Record: json.RawMessage(`{"a":1}`), At: 1700000400}}}},
			Invited: []desk.Invitation{{Hash: "00ff", Name: "Jonas", Role: desk.Counsellor, Until: 1700000100}}, Unled: 1700000200},
		"visit":             desk.Visit{Account: "ruta", Made: 1700000000, Began: 1700000500, Last: 1700000600, Since: 1700000500123},
		"browser":           desk.Browser{Account: "ruta", Made: 1700000000, Endpoint: "https://push.example/1", Key: "key", Auth: "secret", Visit: "v", Seen: 1700000700, Away: true},
		"list in the group": desk.Board{Group: -1009, Message: 77, Pinned: true, Text: "Laukia 1", Until: 1700000800},
	} {
		write[name] = func() ([]byte, any) { b, _ := json.Marshal(v); return b, v }
		read[name] = func(b []byte) (any, error) {
			switch name {
			case "roster":
				var r desk.Roster
				err := json.Unmarshal(b, &r)
				return r, err
			case "visit":
				var v desk.Visit
				err := json.Unmarshal(b, &v)
				return v, err
			case "browser":
				var x desk.Browser
				err := json.Unmarshal(b, &x)
				return x, err
			case "list in the group":
				var l desk.Board
				err := json.Unmarshal(b, &l)
				return l, err
			}
			var a desk.Accounts
			err := json.Unmarshal(b, &a)
			return a, err
		}
	}
	name := [16]byte{1, 2, 3, 4}
	write["sealed value"] = func() ([]byte, any) {
		ring, _ := seal.New(goldenKey, 64)
		return ring.Seal(5, name, 's', []byte("what was said")), "what was said"
	}
	read["sealed value"] = func(b []byte) (any, error) {
		ring, err := seal.New(goldenKey, 64)
		if err != nil {
			return nil, err
		}
		plain, err := ring.Open(5, name, 's', b)
		return string(plain), err
	}
	names := func() string {
		ring, _ := seal.New(goldenKey, 64)
		p, n := ring.Name("telegram", "42")
		return fmt.Sprintf("%d %x %d %s", p, n, ring.Digest("telegram", 7), ring.Secret("telegram"))
	}
	write["names of a conversation and an update, and a derived secret"] = func() ([]byte, any) { return []byte(names()), names() }
	read["names of a conversation and an update, and a derived secret"] = func(b []byte) (any, error) {
		if got := names(); got != string(b) {
			return nil, fmt.Errorf("they are now %s: nothing that is stored would be found", got)
		}
		return string(b), nil
	}
	return write, read
}

// within reports whether everything that want says is also in got, which may say more.
func within(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for k, v := range w {
			ok = ok && within(v, g[k])
		}
		return ok
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			ok = ok && within(w[i], g[i])
		}
		return ok
	}
	return want == got
}

func TestGoldenFormsOfEarlierProgramsAreRead(t *testing.T) {
	write, read := goldenForms()
	if *generation != "" {
		recordGeneration(t, *generation, write)
	}
	files, err := filepath.Glob("testdata/stored/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no generation is kept: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var forms []storedForm
		if err := json.Unmarshal(b, &forms); err != nil {
			t.Fatal(file, err)
		}
		for _, f := range forms {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".json")+"/"+f.Name, func(t *testing.T) {
				readForm(t, f, read[f.Name])
			})
		}
	}
}

func readForm(t *testing.T, f storedForm, read func([]byte) (any, error)) {
	t.Helper()
	if read == nil {
		t.Fatal("nothing reads this form any more")
	}
	raw, err := hex.DecodeString(f.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(raw)
	if err != nil {
		t.Fatal(err)
	}
	said, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var wantTree, gotTree any
	if json.Unmarshal(f.Says, &wantTree) != nil || json.Unmarshal(said, &gotTree) != nil {
		t.Fatal("not JSON")
	}
	if !within(wantTree, gotTree) {
		t.Errorf("was stored:\n%s\nis read as:\n%s", f.Says, said)
	}
}

func recordGeneration(t *testing.T, name string, write map[string]func() ([]byte, any)) {
	t.Helper()
	file := filepath.Join("testdata", "stored", name+".json")
	if _, err := os.Stat(file); err == nil {
		t.Fatalf("%s is there: a generation is never written again", file)
	}
	var forms []storedForm
	for _, n := range slices.Sorted(maps.Keys(write)) {
		b, v := write[n]()
		says, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, storedForm{n, hex.EncodeToString(b), says})
	}
	out, err := json.MarshalIndent(forms, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(out, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
