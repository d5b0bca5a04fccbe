package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

// Entry is a case in the queue.
type Entry struct {
	ID, Word       string
	Meaning        string // of the word, in the reader's language, where it is of another
	Level          string // danger, under, grave or calm
	Sign           string
	Language       string
	Way            string
	Since          string // the time
	Waits          string // how long
	Holder, Second string
	Lapsed, Asks   bool
	Owed           string // how long the person has waited for an answer
	Unread         int
	Last           string // the last words of a talk of one's own, shortened
	LastBy         string // whose they are; empty: the person's
	Spoken         bool   // this counsellor speaks the person's language
	Phone          bool
	Call           string // when they want to be called

	urgent    uint8
	forOthers bool // somebody else on duty speaks their language, this counsellor does not, and there is time
}

// Queue is the desk as a counsellor sees it.
type Queue struct {
	Mine, Waiting, Others []Entry
	Along                 []Entry // those of Others at which this counsellor looks along: their news is theirs too
	Later                 []Entry // who is to be called at a time that has not come
	Duty                  []OnDuty
	OnDuty                bool
	Leaves                string  // where somebody who holds talks leaves: they are asked first
	Calls                 string  // what calls this counsellor until it is taken or answered: danger, waits or answer; empty: nothing
	Shift                 Shift   // the note of the shift before
	Unled                 bool    // nobody leads any more
	Folded                int     // cases from the web that are put aside
	Web                   []Entry // those that stand in the queue; on the page of what is put aside
	Partial               bool    // a part of the store does not answer, and who is there is not shown
	Old                   int     // phone numbers that nobody has called for long
	Full                  bool    // this counsellor has as many talks as they want at once
	Work                  Work    // what this counsellor has chosen
	Spoken                string  // the languages of those on duty
	Unread                int     // lines that wait to be read in the own talks
}

// OnDuty is somebody on duty.
type OnDuty struct{ Name, How, Speaks string }

var levels = [...]string{bot.Calm: "calm", bot.Grave: "grave", bot.Danger: "danger"}

func level(urgent uint8) string { return levels[min(int(urgent), len(levels)-1)] }

// queue is the first page.
func (c *Console) queue(v *visit) {
	d := c.data(v, "queue")
	c.newLinks(v, d)
	if !v.account.Role.Counsels() {
		d.Page = "plain"
		if d.Note == "" {
			d.Note = d.Say("editor")
		}
		d.Waits = c.waits(d)
		c.show(v, http.StatusOK, d)
		return
	}
	ctx, cancel := waiting(v)
	defer cancel()
	q, err := c.queueFor(ctx, v, d)
	if err != nil {
		c.away(v, err)
		return
	}
	d.Queue = q
	d.count(q)
	c.show(v, http.StatusOK, d)
}

// waits says of each language what waits for its translation.
func (c *Console) waits(d *Data) (out []string) {
	l := c.bot.Library()
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		hidden, texts, stale := l.Waits(lang.Tag)
		if len(texts)+len(stale) == 0 {
			continue
		}
		line := strings.NewReplacer("{name}", lang.Text("chat.language-name"), "{count}", strconv.Itoa(len(texts)+len(stale))).Replace(d.Say("waits"))
		if len(hidden) > 0 {
			line += " " + strings.ReplaceAll(d.Say("waits-hidden"), "{names}", strings.Join(hidden, ", "))
		}
		out = append(out, line)
	}
	return out
}

// newLinks tells somebody once of links that others have made for their account. The notice waits while the store cannot be written to.
func (c *Console) newLinks(v *visit, d *Data) {
	if v.live != "" || v.r.Method != http.MethodGet { // nobody reads it
		return
	}
	ctx, cancel := waiting(v)
	defer cancel()
	made, err := c.bot.NewLinks(ctx, v.account, v.now)
	if err != nil {
		c.log.Warn("whether somebody was told of a new link could not be noted", zap.Error(err))
	}
	if len(made) == 0 {
		return
	}
	var at []string
	for _, t := range made {
		at = append(at, d.clock(t, v.now))
	}
	d.Note = d.Named("enter-new", strings.Join(at, ", "))
}

// queueFor reads every case. What is read is short: the texts of the talks are looked at only for this counsellor's own.
func (c *Console) queueFor(ctx context.Context, v *visit, d *Data) (*Queue, error) {
	cases, missing := c.bot.Cases(ctx)
	if missing != nil && !bot.Partial(missing) {
		return nil, missing
	}
	reading, err := c.bot.Reading(ctx, v.account.ID)
	if err != nil {
		return nil, err
	}
	q := &Queue{Partial: missing != nil, Old: len(c.bot.Library().NumbersDue(v.now))}
	folded, err := c.bot.Folded(ctx)
	if err != nil && !bot.Partial(err) {
		return nil, err
	}
	q.Folded = len(folded)
	note, err := c.bot.ShiftNote(ctx)
	if err != nil {
		return nil, err
	}
	q.Shift = d.shiftNote(note, v.now)
	if _, q.Unled, err = c.bot.Unled(ctx); err != nil {
		return nil, err
	}
	if q.OnDuty, err = c.bot.Present(ctx, v.account.Actor(), v.now); err != nil {
		return nil, err
	}
	r, err := c.bot.Roster(ctx)
	if err != nil {
		return nil, err
	}
	me := v.account.Actor()
	onDuty := r.OnDuty(v.now)
	alone := len(onDuty) == 0
	catalog := c.bot.Library().Catalog
	q.Work = d.work(&v.account)
	mine, all := c.bot.SpokenBy(ctx, me), c.bot.SpokenBy(ctx, onDuty...)
	q.Spoken = d.tongues(all)
	for _, m := range cases {
		s, err := c.bot.Case(ctx, m.Key)
		if err != nil {
			return nil, err
		}
		if !s.Case.Active() {
			continue
		}
		e := c.entry(d, m.Key, &s, v.now)
		tag := catalog.Base(s.Lang)
		e.Spoken = slices.Contains(mine, tag)
		e.forOthers = !e.Spoken && slices.Contains(all, tag) && s.Case.Calls == 0
		switch {
		case s.Case.Later():
			q.Later = append(q.Later, e)
		case s.Case.State != bot.Taken:
			q.Waiting = append(q.Waiting, e)
			if q.OnDuty || me.Lead && (alone || s.Case.Calls > 1) {
				q.calls(s.Case)
			}
		case s.Case.HeldBy(me):
			lines, err := c.bot.Log(ctx, m.Key, 0)
			if err != nil {
				return nil, err
			}
			e.Unread = c.bot.Unread(reading, m.Key, lines, me.Name)
			e.last(d, lines)
			q.Unread += e.Unread
			q.Mine = append(q.Mine, e)
			if e.Asks && q.Calls == "" {
				q.Calls = "answer"
			}
		case s.Case.Second == me.Name || me.Lead && c.bot.FollowsTalk(reading, m.Key, s.Case.Word):
			lines, err := c.bot.Log(ctx, m.Key, 0)
			if err != nil {
				return nil, err
			}
			e.Unread = c.bot.Unread(reading, m.Key, lines, me.Name)
			e.last(d, lines)
			q.Unread += e.Unread
			q.Along = append(q.Along, e)
			q.Others = append(q.Others, e)
		default:
			q.Others = append(q.Others, e)
			if e.Asks && me.Lead && s.Case.Calls > 1 && q.Calls == "" { // the lead was called for it too
				q.Calls = "answer"
			}
		}
	}
	q.Full = v.account.Most > 0 && len(q.Mine) >= v.account.Most
	for _, a := range r.Duty {
		on := OnDuty{Name: a.Name, Speaks: d.tongues(c.bot.SpokenBy(ctx, a))}
		switch {
		case a.ID == me.ID:
			on.How = d.Say("duty-you")
		case !r.Here(a, v.now):
			on.How = d.Say("away-now")
		}
		q.Duty = append(q.Duty, on)
	}
	slices.SortFunc(q.Duty, func(a, b OnDuty) int { return strings.Compare(a.Name, b.Name) })
	return q, nil
}

// calls notes that a waiting case calls this counsellor: the most urgent is heard.
func (q *Queue) calls(cs *bot.Case) {
	if cs.Urgent == bot.Danger {
		q.Calls = "danger"
	} else if q.Calls != "danger" {
		q.Calls = "waits"
	}
}

func (c *Console) entry(d *Data, k bot.Key, s *bot.Session, now time.Time) Entry {
	cs := s.Case
	since := time.Unix(cs.Since, 0)
	e := Entry{urgent: cs.Urgent, ID: c.names.of(k), Word: cs.Word, Meaning: talk.Meaning(c.bot.Library(), cs.Word, d.Lang), Level: level(cs.Urgent), Language: d.tongue(s.Lang),
		Way: d.Say("way-chat"), Since: d.clock(since, now), Waits: d.long(now.Sub(since)), Second: cs.Second,
		Lapsed: cs.State == bot.Lapsed, Asks: cs.State == bot.Taken && cs.Asked != 0}
	if e.Asks {
		e.Owed = d.long(now.Sub(time.Unix(cs.Asked, 0)))
	}
	sign, under := talk.Sign(c.bot.Library(), *s)
	if e.Sign = sign; under {
		e.Level = "under"
	}
	if cs.State == bot.Taken {
		e.Holder = cs.Name
	}
	if cs.Wants() {
		e.Way, e.Phone = d.Say("way-call"), true
		if cs.Ring != 0 || cs.Told.Call.From == 0 {
			e.Call = talk.When(c.bot.Library(), *s, d.Lang)
		} else {
			e.Call = d.Say("call-now")
		}
	}
	return e
}

// lastLetters is how much of the last words stands in the list of talks.
const lastLetters = 60

// last notes what was said last, by the person or to them.
func (e *Entry) last(d *Data, lines []bot.Line) {
	for _, l := range slices.Backward(lines) {
		switch l.By {
		case talk.ByPerson:
			e.LastBy = "" // theirs is the entry
		case talk.ByCounsellor:
			if e.LastBy = l.Name; l.Name == d.Account.Name {
				e.LastBy = d.Say("by-you")
			}
		default:
			continue
		}
		e.Last = strings.Join(strings.Fields(l.In(d.Lang)), " ")
		if r := []rune(e.Last); len(r) > lastLetters {
			e.Last = string(r[:lastLetters]) + "…"
		}
		return
	}
}

// duty writes the counsellor into the roster, or out of it.
func (c *Console) duty(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	on := v.r.PostForm.Get("do") == "on"
	if !on && !c.parts(ctx, v, Path+"/duty") {
		return
	}
	if on {
		if err := c.bot.OnDuty(ctx, v.account.Actor(), true); err != nil {
			c.away(v, err)
			return
		}
	}
	c.did(ctx, v, map[bool]string{true: "duty-on", false: "duty-off"}[on], desk.About{})
	http.Redirect(v.w, v.r, Path, http.StatusSeeOther)
}

// tongue names a language, in the language itself.
func (d *Data) tongue(tag string) string {
	if l := d.console.bot.Library().Catalog.Language(tag); l != nil {
		return l.Text("chat.language-name")
	}
	return tag
}

// tongues names languages, each in itself.
func (d *Data) tongues(tags []string) string {
	var names []string
	for _, tag := range tags {
		names = append(names, d.tongue(tag))
	}
	return strings.Join(names, ", ")
}

// clock is the time of day, with the date when that is another day.
func (d *Data) clock(t, now time.Time) string {
	zone := d.console.bot.Library().Catalog.Desk.Zone
	t, now = t.In(zone), now.In(zone)
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04")
	}
	return t.Format("01-02 15:04")
}

// long says how long something takes.
func (d *Data) long(t time.Duration) string {
	minutes := int(max(t, 0) / time.Minute)
	switch {
	case minutes < 60:
		return d.Count("minutes", minutes)
	case minutes < 48*60:
		return strings.NewReplacer("{hours}", strconv.Itoa(minutes/60), "{minutes}", fmt.Sprintf("%02d", minutes%60)).Replace(d.Say("hours"))
	}
	return d.Count("days", minutes/60/24)
}
