package content

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"time"
	_ "time/tzdata" // zones are known on every machine

	"patikra/content/sheet"
)

// Desk is when and how counsellors answer, from desk.yaml.
type Desk struct {
	Zone        *time.Location
	Hours       []Shift
	Holidays    []string      // "12-25" every year, "2027-03-28" once
	FirstAnswer time.Duration // then the counsellors are called again
	Keep        time.Duration // how long a conversation stays after it was closed
	Language    string        // of the cards and notices at the desk
	Languages   []string      // that counsellors speak with people
	Lead        string        // @name of who is called when nobody answers
	Regions     []string      // municipalities; none: all of them
}

// Shift is a time of a weekday at which the desk is open, in minutes since midnight.
type Shift struct {
	Day      time.Weekday
	From, To int
}

// holiday reports whether nobody works on the day of t.
func (d *Desk) holiday(t time.Time) bool {
	for _, h := range d.Holidays {
		if h == t.Format("01-02") || h == t.Format(time.DateOnly) {
			return true
		}
	}
	return false
}

// Opens returns when counsellors answer, from now on: now itself while the desk is open, else the beginning of
// the next shift. Zero when there is none within a fortnight.
func (d *Desk) Opens(now time.Time) time.Time {
	if d.Zone == nil {
		return time.Time{}
	}
	local := now.In(d.Zone)
	var best time.Time
	for i := range 15 {
		day := time.Date(local.Year(), local.Month(), local.Day()+i, 0, 0, 0, 0, d.Zone)
		if d.holiday(day) {
			continue
		}
		for _, s := range d.Hours {
			if s.Day != day.Weekday() {
				continue
			}
			at := func(minutes int) time.Time {
				return time.Date(day.Year(), day.Month(), day.Day(), 0, minutes, 0, 0, d.Zone)
			}
			begin, end := at(s.From), at(s.To)
			switch {
			case !local.Before(end):
			case !local.Before(begin):
				return now
			case best.IsZero() || begin.Before(best):
				best = begin
			}
		}
		if !best.IsZero() {
			return best
		}
	}
	return best
}

// Slot is a time within which a counsellor can call.
type Slot struct{ From, To time.Time }

// Lengths of a slot, and how far ahead it begins.
const (
	slotMinutes = 3 * 60
	slotLeast   = 60 // a rest that is shorter belongs to the slot before
	slotAhead   = 30 * time.Minute
	slotDays    = 15
)

// Slots are the next times at which counsellors answer, at most so many: each shift in pieces of three hours.
func (d *Desk) Slots(now time.Time, most int) (out []Slot) {
	if d.Zone == nil {
		return nil
	}
	local := now.In(d.Zone)
	for i := range slotDays {
		day := time.Date(local.Year(), local.Month(), local.Day()+i, 0, 0, 0, 0, d.Zone)
		if d.holiday(day) {
			continue
		}
		var today []Slot
		for _, s := range d.Hours {
			if s.Day != day.Weekday() {
				continue
			}
			at := func(minutes int) time.Time {
				return time.Date(day.Year(), day.Month(), day.Day(), 0, minutes, 0, 0, d.Zone)
			}
			for from := s.From; from < s.To; {
				to := from + slotMinutes
				if s.To-to < slotLeast {
					to = s.To
				}
				if begin := at(from); begin.Sub(now) >= slotAhead {
					today = append(today, Slot{begin, at(to)})
				}
				from = to
			}
		}
		slices.SortFunc(today, func(a, b Slot) int { return cmp.Or(a.From.Compare(b.From), b.To.Compare(a.To)) }) // the longer first
		for _, s := range today {
			if len(out) > 0 && s.From.Before(out[len(out)-1].To) { // shifts that lie over each other
				continue
			}
			if out = append(out, s); len(out) == most {
				return out
			}
		}
	}
	return out
}

// SlotAt is the slot that begins at a time, Unix seconds, if it can still be chosen.
func (d *Desk) SlotAt(now time.Time, from int64) (Slot, bool) {
	const all = 1 << 10
	for _, s := range d.Slots(now, all) {
		if s.From.Unix() == from {
			return s, true
		}
	}
	return Slot{}, false
}

var (
	shiftForm   = regexp.MustCompile(`^(mon|tue|wed|thu|fri|sat|sun)(?:-(mon|tue|wed|thu|fri|sat|sun))? ([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])$`)
	holidayForm = regexp.MustCompile(`^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$`)
	atName      = regexp.MustCompile(`^@[A-Za-z0-9_]{3,32}$`)
)

var weekdays = map[string]time.Weekday{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}

// shifts reads "mon-fri 09:00-17:00".
func shifts(text string) ([]Shift, sheet.Text) {
	m := shiftForm.FindStringSubmatch(text)
	if m == nil {
		return nil, sheet.Say("%q is no day and time", text)
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	from, to := number(m[3])*60+number(m[4]), number(m[5])*60+number(m[6])
	if from >= to || to > 24*60 {
		return nil, sheet.Say("%q ends before it begins, or after midnight", text)
	}
	first := weekdays[m[1]]
	last := first
	if m[2] != "" {
		last = weekdays[m[2]]
	}
	var out []Shift
	for day := first; ; day = (day + 1) % 7 {
		out = append(out, Shift{day, from, to})
		if day == last {
			return out, ""
		}
	}
}

// desk reads desk.yaml. Without the file the desk has no hours.
func (l *loader) desk() {
	const file = "content/desk.yaml"
	d := &l.catalog.Desk
	*d = Desk{Zone: time.UTC, FirstAnswer: 5 * time.Minute, Keep: 14 * 24 * time.Hour, Language: Source}
	if !l.Exists(file) {
		return
	}
	top, ok := l.File(file)
	if !ok {
		return
	}
	m := top.Map("zone", "hours", "holidays", "first-answer", "keep", "language", "languages", "lead", "regions")
	if n := m["zone"]; !n.Zero() {
		zone, err := time.LoadLocation(n.Text())
		if err != nil || n.Text() == "Local" {
			n.Bad("write a zone such as Europe/Vilnius", "there is no time zone %q", n.Text())
		} else {
			d.Zone = zone
		}
	}
	for _, n := range m["hours"].List() {
		s, wrong := shifts(n.Text())
		if wrong != "" {
			n.Bad(`write it as "mon-fri 09:00-17:00"`, wrong)
		}
		d.Hours = append(d.Hours, s...)
	}
	for _, n := range m["holidays"].List() {
		day := n.Text()
		whole := day
		if len(day) == len("12-25") {
			whole = "2028-" + day // a leap year, so that 29 February is a day
		}
		_, err := time.Parse(time.DateOnly, whole)
		if !holidayForm.MatchString(day) || err != nil {
			n.Bad(`write it in quotes, as "12-25" or "2027-03-28"`, "%q is no day of the calendar", day)
		}
		d.Holidays = append(d.Holidays, day)
	}
	if n := m["first-answer"]; !n.Zero() {
		t, err := time.ParseDuration(n.Text())
		if err != nil || t < time.Second || t > 24*time.Hour {
			n.Bad("write a time from 1s to 24h, as 5m", "first-answer: %q is no such time", n.Text())
		} else {
			d.FirstAnswer = t
		}
	}
	if n := m["keep"]; !n.Zero() {
		days, err := strconv.Atoi(n.Text())
		if err != nil || days < 1 || days > 90 {
			n.Bad("write a number of days from 1 to 90", "keep: %q is no such number", n.Text())
		} else {
			d.Keep = time.Duration(days) * 24 * time.Hour
		}
	}
	known := func(n sheet.Node, tag string) {
		if l.catalog.byLang[tag] == nil {
			n.Bad("choose a language that has a folder under content/", "there are no texts in the language %q", tag)
		}
	}
	if n := m["language"]; !n.Zero() {
		d.Language = n.Text()
		known(n, d.Language)
	}
	for _, n := range m["languages"].List() {
		known(n, n.Text())
		d.Languages = append(d.Languages, n.Text())
	}
	if n := m["lead"]; !n.Zero() {
		if d.Lead = n.Text(); !atName.MatchString(d.Lead) {
			n.Bad("write it in quotes, as \"@name\"", "lead: %q is no name on Telegram", d.Lead)
		}
	}
	d.Regions = m["regions"].Texts()
}
