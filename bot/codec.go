package bot

import (
	"encoding/binary"
	"errors"

	"patikra/flows"
)

// The stored form of sessions and messages: short, since a store holds one for every
// conversation, and with a version byte in front, so that a later form can read an earlier one.

var errShort = errors.New("the stored form is cut short or of another version")

const sessionForm, messageForm, lineForm = 1, 1, 1

// fileForm is a line about something that is no words: what it is stands behind what lineForm holds.
const fileForm = 2

// tonguesForm is a line of a fixed text: the same in other languages stands behind what fileForm holds.
const tonguesForm = 3

// countryForm is a session with a country: its two letters stand before what sessionForm holds.
const countryForm = 2

// changeForm is a session that needs more: both countries (two noughts each where there is none), how often it was not understood,
// what is being changed, and the answers taken back stand before what sessionForm holds.
const changeForm = 3

// returnForm is a changeForm of a talk that can be taken up elsewhere, or was: the hash of the digits and the browser stand before it.
const returnForm = 4

// bridgeForm is any of the others of a talk that goes on in a chat too, or of such a chat: what ties the two together stands before it.
const bridgeForm = 5

// seedForm is any of the others of a training whose options stand in an order of its own: the seed stands before it.
const seedForm = 6

type encoder []byte

func (e *encoder) uint(v uint64)   { *e = binary.AppendUvarint(*e, v) }
func (e *encoder) int(v int64)     { *e = binary.AppendVarint(*e, v) }
func (e *encoder) string(s string) { e.uint(uint64(len(s))); *e = append(*e, s...) }

// country writes two letters, or two noughts.
func (e *encoder) country(code string) {
	if len(code) != 2 {
		code = "\x00\x00"
	}
	*e = append(*e, code...)
}

func (e *encoder) given(list []flows.Given) {
	e.uint(uint64(len(list)))
	for _, g := range list {
		*e = append(*e, g.Step)
		e.uint(uint64(g.Picks))
	}
}

type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) string() string {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *decoder) country() string {
	a, b := d.byte(), d.byte()
	if a == 0 || b == 0 {
		return ""
	}
	return string([]byte{a, b})
}

func (d *decoder) given() []flows.Given {
	n := d.count()
	if n == 0 {
		return nil
	}
	out := make([]flows.Given, 0, n+1)
	for range n {
		out = append(out, flows.Given{Step: d.byte(), Picks: uint16(d.uint())})
	}
	return out
}

// count reads how many entries follow; each takes at least one byte.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return 0
	}
	return int(n)
}

// Encode returns the stored form.
func (s *Session) Encode() []byte {
	e := make(encoder, 0, 192)
	if s.Seed != 0 {
		e = append(e, seedForm)
		e.uint(uint64(s.Seed))
	}
	if s.ties() {
		e = append(e, bridgeForm)
		for _, t := range []string{s.Chat.Channel, s.Chat.ID, s.Bridge, s.Talk.Channel, s.Talk.ID, s.Offer} {
			e.string(t)
		}
		e.int(s.BridgeUntil)
	}
	returns := s.Return != "" || s.Browser != ""
	if returns {
		e = append(e, returnForm)
		e.string(s.Return)
		e.string(s.Browser)
	}
	switch {
	case returns || len(s.Job) == 2 || s.Missed > 0 || s.Changing != NoChange || len(s.Before) > 0:
		e = append(e, changeForm)
		e.country(s.Country)
		e.country(s.Job)
		e = append(e, s.Missed, byte(s.Changing))
		e.given(s.Before)
	case len(s.Country) == 2:
		e = append(e, countryForm)
		e.country(s.Country)
	default:
		e = append(e, sessionForm)
	}
	e.string(s.Book)
	e.string(s.Lang)
	e.string(s.Quiz)
	e = append(e, byte(s.Stage), byte(s.Over), s.At, s.Serial)
	e.string(s.End)
	e.uint(uint64(s.Ticks))
	e.string(s.Campaign)
	e.int(s.Screen)
	e.int(s.Pace)
	e.given(s.Given)
	e.uint(uint64(len(s.Seen)))
	last := uint64(0)
	for _, id := range s.Seen {
		e.int(int64(id - last))
		last = id
	}
	e.uint(uint64(len(s.Refs)))
	var ref Ref
	for _, r := range s.Refs {
		e.int(r.ID - ref.ID)
		e.int(r.Minute - ref.Minute)
		ref = r
	}
	if s.Case != nil {
		s.Case.encode(&e)
	}
	return e
}

// ties reports whether a talk and a chat are tied together here.
func (s *Session) ties() bool {
	return s.Chat != (Address{}) || s.Bridge != "" || s.BridgeUntil != 0 || s.Talk != (Address{}) || s.Offer != ""
}

// flows reports whether there is anything to keep of what was passed on lately.
func (c *Case) flows() bool { return c.Flow != 0 || c.Cut != 0 }

// calls reports whether there is more of a call than its words.
func (c *Case) calls() bool {
	coded := func(k Call) bool { return k.Say != 0 || k.From != 0 || k.To != 0 || k.Offer != 0 }
	return c.Ring != 0 || c.Tried != 0 || c.Reached || coded(c.Call) || coded(c.Told.Call)
}

// Parts of a case that came later stand behind everything else, after a number that says which of them are there.
const (
	moreHeard = 1 << iota
	moreTicked
	moreFilled
	moreOutcome
	moreBarred
	moreFiles
	moreHeld // and nothing behind it
	moreEnd  // what comes from here on is of a later program
)

// more says which of the later parts a case has.
func (c *Case) more() (parts uint64) {
	for part, has := range map[uint64]bool{moreHeard: c.Heard != 0, moreTicked: len(c.Ticked) > 0, moreFilled: len(c.Told.Filled) > 0,
		moreOutcome: c.Outcome != NoFinding || c.Place != "" || c.Counted, moreBarred: c.Barred != 0, moreHeld: c.Held, moreFiles: c.Files != 0 || c.Kept != 0 || c.Bytes != 0} {
		if has {
			parts |= part
		}
	}
	return parts
}

func (c *Case) encodeMore(e *encoder, parts uint64) {
	e.uint(parts)
	if parts&moreHeard != 0 {
		*e = append(*e, byte(c.Heard))
	}
	if parts&moreTicked != 0 {
		e.uint(uint64(len(c.Ticked)))
		for _, n := range c.Ticked {
			e.uint(uint64(n))
		}
	}
	if parts&moreFilled != 0 {
		e.given(c.Told.Filled)
	}
	if parts&moreOutcome != 0 {
		counted := byte(0)
		if c.Counted {
			counted = 1
		}
		*e = append(*e, byte(c.Outcome), counted)
		e.string(c.Place)
	}
	if parts&moreBarred != 0 {
		e.int(c.Barred)
	}
	if parts&moreFiles != 0 {
		*e = append(*e, c.Files)
		e.uint(uint64(c.Kept))
		e.uint(uint64(c.Bytes))
	}
}

func (c *Case) decodeMore(d *decoder) {
	parts := d.uint()
	if parts >= moreEnd {
		d.bad, d.b = true, nil
		return
	}
	c.Held = parts&moreHeld != 0
	if parts&moreHeard != 0 {
		c.Heard = Heard(d.byte())
	}
	if parts&moreTicked != 0 {
		for range d.count() {
			c.Ticked = append(c.Ticked, uint32(d.uint()))
		}
	}
	if parts&moreFilled != 0 {
		c.Told.Filled = d.given()
	}
	if parts&moreOutcome != 0 {
		c.Outcome, c.Counted, c.Place = Finding(d.byte()), d.byte() != 0, d.string()
	}
	if parts&moreBarred != 0 {
		c.Barred = d.int()
	}
	if parts&moreFiles != 0 {
		c.Files, c.Kept, c.Bytes = d.byte(), uint32(d.uint()), uint32(d.uint())
	}
}

func (c *Case) encode(e *encoder) {
	bits := byte(0)
	if c.Bare {
		bits |= 1
	}
	if c.Gone {
		bits |= 2
	}
	if c.flows() {
		bits |= 4
	}
	if c.Parted {
		bits |= 8
	}
	if c.Folded {
		bits |= 16
	}
	if c.Told.Country != "" {
		bits |= 32
	}
	if c.calls() {
		bits |= 64
	}
	more := c.more()
	if more != 0 {
		bits |= 128
	}
	*e = append(*e, byte(c.State), c.Kind, c.Way, c.Urgent, c.Calls, c.Rated, c.Voice, bits, c.Next)
	for _, t := range []string{c.Person.Channel, c.Person.ID, c.Word, c.Holder, c.Name, c.Second, c.Phone, c.Hours, c.Else} {
		e.string(t)
	}
	e.uint(uint64(c.Struck))
	for _, n := range []int64{c.Since, c.Base, c.Asked, c.Last, c.Due, c.Topic, c.Card} {
		e.int(n)
	}
	for _, t := range []string{c.Told.Book, c.Told.Quiz, c.Told.End} {
		e.string(t)
	}
	*e = append(*e, byte(c.Told.Stage))
	e.uint(uint64(c.Told.Struck))
	e.given(c.Told.Given)
	for _, t := range []string{c.Told.Call.Phone, c.Told.Call.Hours, c.Told.Call.Else} {
		e.string(t)
	}
	*e = append(*e, c.Told.Call.Voice)
	if c.flows() {
		e.int(c.Flow)
		e.uint(uint64(c.Cut))
		e.int(c.CutAt)
	}
	if c.Told.Country != "" {
		e.string(c.Told.Country)
	}
	if c.calls() {
		reached := byte(0)
		if c.Reached {
			reached = 1
		}
		*e = append(*e, reached, c.Call.Say, c.Told.Call.Say)
		for _, n := range []int64{c.Ring, c.Tried, c.Call.From, c.Call.To, c.Call.Offer, c.Told.Call.From, c.Told.Call.To, c.Told.Call.Offer} {
			e.int(n)
		}
	}
	if more != 0 {
		c.encodeMore(e, more)
	}
}

func (c *Case) decode(d *decoder) {
	const fixed = 9
	if len(d.b) < fixed || d.b[0] > byte(Closed) {
		d.bad, d.b = true, nil
		return
	}
	c.State, c.Kind, c.Way, c.Urgent, c.Calls, c.Rated, c.Voice, c.Bare, c.Gone, c.Next = CaseState(d.b[0]), d.b[1], d.b[2], d.b[3], d.b[4], d.b[5], d.b[6], d.b[7]&1 != 0, d.b[7]&2 != 0, d.b[8]
	flows := d.b[7]&4 != 0
	c.Parted = d.b[7]&8 != 0
	c.Folded = d.b[7]&16 != 0
	country, calls, more := d.b[7]&32 != 0, d.b[7]&64 != 0, d.b[7]&128 != 0
	d.b = d.b[fixed:]
	for _, t := range []*string{&c.Person.Channel, &c.Person.ID, &c.Word, &c.Holder, &c.Name, &c.Second, &c.Phone, &c.Hours, &c.Else} {
		*t = d.string()
	}
	c.Struck = uint32(d.uint())
	for _, n := range []*int64{&c.Since, &c.Base, &c.Asked, &c.Last, &c.Due, &c.Topic, &c.Card} {
		*n = d.int()
	}
	c.Told.Book, c.Told.Quiz, c.Told.End = d.string(), d.string(), d.string()
	c.Told.Stage = Stage(d.byte())
	c.Told.Struck = uint32(d.uint())
	c.Told.Given = d.given()
	c.Told.Call.Phone, c.Told.Call.Hours, c.Told.Call.Else = d.string(), d.string(), d.string()
	c.Told.Call.Voice = d.byte()
	if flows { // an older form ends here
		c.Flow, c.Cut, c.CutAt = d.int(), uint32(d.uint()), d.int()
	}
	if country {
		c.Told.Country = d.string()
	}
	if calls {
		c.Reached, c.Call.Say, c.Told.Call.Say = d.byte() != 0, d.byte(), d.byte()
		for _, n := range []*int64{&c.Ring, &c.Tried, &c.Call.From, &c.Call.To, &c.Call.Offer, &c.Told.Call.From, &c.Told.Call.To, &c.Told.Call.Offer} {
			*n = d.int()
		}
	}
	if more {
		c.decodeMore(d)
	}
}

// Decode reads the stored form.
func (s *Session) Decode(b []byte) error {
	if len(b) == 0 || b[0] < sessionForm || b[0] > seedForm {
		return errShort
	}
	d, form := decoder{b: b[1:]}, b[0]
	*s = Session{}
	if form == seedForm {
		s.Seed = uint32(d.uint())
		if form = d.byte(); s.Seed == 0 || form < sessionForm || form > bridgeForm {
			return errShort
		}
	}
	if form == bridgeForm {
		for _, t := range []*string{&s.Chat.Channel, &s.Chat.ID, &s.Bridge, &s.Talk.Channel, &s.Talk.ID, &s.Offer} {
			*t = d.string()
		}
		s.BridgeUntil, form = d.int(), d.byte()
		if form < sessionForm || form > returnForm || !s.ties() {
			return errShort
		}
	}
	if form == returnForm {
		s.Return, s.Browser, form = d.string(), d.string(), d.byte()
		if form != changeForm || s.Return == "" && s.Browser == "" {
			return errShort
		}
	}
	if form >= countryForm {
		s.Country = d.country()
	}
	if form == changeForm {
		s.Job = d.country()
		s.Missed, s.Changing = d.byte(), Change(d.byte())
		s.Before = d.given()
	}
	s.Book, s.Lang, s.Quiz = d.string(), d.string(), d.string()
	if len(d.b) < 4 {
		return errShort
	}
	s.Stage, s.Over, s.At, s.Serial = Stage(d.b[0]), Over(d.b[1]), d.b[2], d.b[3]
	d.b = d.b[4:]
	s.End = d.string()
	s.Ticks = uint16(d.uint())
	s.Campaign = d.string()
	s.Screen = d.int()
	s.Pace = d.int()
	s.Given = d.given()
	if n := d.count(); n > 0 {
		s.Seen = make([]uint64, 0, n+1)
		last := uint64(0)
		for range n {
			last += uint64(d.int())
			s.Seen = append(s.Seen, last)
		}
	}
	if n := d.count(); n > 0 {
		s.Refs = make([]Ref, 0, n+1)
		var ref Ref
		for range n {
			ref = Ref{ref.ID + d.int(), ref.Minute + d.int()}
			s.Refs = append(s.Refs, ref)
		}
	}
	if len(d.b) > 0 { // an older form ends here
		s.Case = &Case{}
		s.Case.decode(&d)
	}
	if d.bad || len(d.b) != 0 {
		return errShort
	}
	return nil
}

// Encode returns the stored form.
func (m *Message) Encode() []byte {
	size := len(m.Text) + len(m.To.Channel) + len(m.To.ID) + 10*len(m.Delete) + 40
	for _, row := range m.Buttons {
		size++
		for i := range row {
			size += len(row[i].Label) + len(row[i].Data) + 4
		}
	}
	for i := range m.Short {
		size += len(m.Short[i].Label) + len(m.Short[i].Data) + 4
	}
	e := make(encoder, 0, size)
	flags := byte(0)
	if m.Screen {
		flags |= 1
	}
	if m.Track {
		flags |= 2
	}
	if m.Until != 0 {
		flags |= 4
	}
	more := m.Human || m.Media != Media{} || m.Act != 0 || m.Case != Address{} || m.Topic != 0
	if more {
		flags |= 8
	}
	if len(m.Short) > 0 {
		flags |= 16
	}
	fetches := m.Media.Fetch != "" || m.Media.Place != "" || m.Media.Number != 0
	if fetches {
		flags |= 32
	}
	e = append(e, messageForm, flags, m.Urgency, m.Serial)
	e.string(m.To.Channel)
	e.string(m.To.ID)
	e.string(m.Text)
	e.int(m.Edit)
	e.uint(uint64(len(m.Delete)))
	for _, id := range m.Delete {
		e.int(id)
	}
	e.uint(uint64(len(m.Buttons)))
	for _, row := range m.Buttons {
		e.uint(uint64(len(row)))
		for _, b := range row {
			e.string(b.Label)
			e.string(b.Data)
		}
	}
	if m.Until != 0 {
		e.int(m.Until)
	}
	if more {
		human := byte(0)
		if m.Human {
			human = 1
		}
		e = append(e, human, byte(m.Act))
		for _, t := range []string{m.Media.Net, m.Media.Kind, m.Media.Chat, m.Media.File, m.Media.Caption, m.Case.Channel, m.Case.ID} {
			e.string(t)
		}
		e.int(m.Media.ID)
		e.int(m.Topic)
	}
	if len(m.Short) > 0 {
		e.uint(uint64(len(m.Short)))
		for _, b := range m.Short {
			e.string(b.Label)
			e.string(b.Data)
		}
	}
	if fetches {
		e.string(m.Media.Fetch)
		e.string(m.Media.Place)
		e = append(e, m.Media.Number)
	}
	return e
}

// Encode returns the stored form.
func (l *Line) Encode() []byte {
	e := make(encoder, 0, len(l.Text)+len(l.Name)+16)
	e = append(e, lineForm, byte(l.By))
	e.int(l.At)
	e.string(l.Name)
	e.string(l.Text)
	if l.Kind != "" || l.File != 0 || l.Place != "" || l.Tongues != nil {
		e[0] = fileForm
		e = append(e, l.File)
		e.string(l.Kind)
		e.string(l.Place)
	}
	if l.Tongues != nil {
		e[0] = tonguesForm
		e.uint(uint64(len(l.Tongues)))
		for _, t := range l.Tongues {
			e.string(t.Lang)
			e.string(t.Text)
		}
	}
	return e
}

// Decode reads the stored form.
func (l *Line) Decode(b []byte) error {
	if len(b) < 2 || b[0] < lineForm || b[0] > tonguesForm {
		return errShort
	}
	d := decoder{b: b[2:]}
	*l = Line{By: Voice(b[1]), At: d.int(), Name: d.string(), Text: d.string()}
	if b[0] >= fileForm {
		l.File, l.Kind, l.Place = d.byte(), d.string(), d.string()
	}
	if b[0] == tonguesForm {
		for range d.count() {
			l.Tongues = append(l.Tongues, Tongue{d.string(), d.string()})
		}
	}
	if d.bad || len(d.b) != 0 {
		return errShort
	}
	return nil
}

// Decode reads the stored form.
func (m *Message) Decode(b []byte) error {
	if len(b) < 4 || b[0] != messageForm {
		return errShort
	}
	d := decoder{b: b[4:]}
	*m = Message{Screen: b[1]&1 != 0, Track: b[1]&2 != 0, Urgency: b[2], Serial: b[3]}
	m.To.Channel, m.To.ID, m.Text, m.Edit = d.string(), d.string(), d.string(), d.int()
	for range d.count() {
		m.Delete = append(m.Delete, d.int())
	}
	for range d.count() {
		row := make([]Button, 0, 2)
		for range d.count() {
			row = append(row, Button{d.string(), d.string()})
		}
		m.Buttons = append(m.Buttons, row)
	}
	if b[1]&4 != 0 {
		m.Until = d.int()
	}
	if b[1]&8 != 0 {
		if len(d.b) < 2 {
			return errShort
		}
		m.Human, m.Act = d.b[0] == 1, Act(d.b[1])
		d.b = d.b[2:]
		for _, t := range []*string{&m.Media.Net, &m.Media.Kind, &m.Media.Chat, &m.Media.File, &m.Media.Caption, &m.Case.Channel, &m.Case.ID} {
			*t = d.string()
		}
		m.Media.ID, m.Topic = d.int(), d.int()
	}
	if b[1]&16 != 0 {
		for range d.count() {
			m.Short = append(m.Short, Button{d.string(), d.string()})
		}
	}
	if b[1]&32 != 0 {
		m.Media.Fetch, m.Media.Place, m.Media.Number = d.string(), d.string(), d.byte()
	}
	if d.bad || len(d.b) != 0 {
		return errShort
	}
	return nil
}
