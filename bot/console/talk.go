package console

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
	"patikra/content"
)

// Talk is a case's page.
type Talk struct {
	Entry
	State      string // waiting, mine, other or closed
	Card       []Row
	Guide      Guide
	Ending     Ending
	Places     []talk.Listed
	Lines      []Line
	Can        []bot.Button // take, release, ...
	CanClose   bool
	CanRelease bool
	Colleagues []bot.Actor // to whom it can be passed
	Wants      bool        // it is mine, and the person is to be called
	Times      []bot.Button
	Replies    []Reply
	Text, Note string // what was typed and not sent
	Sure       string // names words that were asked about: sent again they go out
	Once       string // names what is sent from this page, so that twice is once
	Drafts     bool   // what is typed can be put into the person's language by a program
	Tongue     string // the person's language, as the page's lang attribute takes it
	Sight      string // whether the person has the talk before their eyes
}

// Row is a line of the card.
type Row struct {
	Text string
	Item bool
	Bold bool
	// Of a line that ends with the number to call: the number, the link that dials it, and what comes after it.
	Number, Rest string
	Dial         template.URL
}

// Line is something that was said.
type Line struct {
	ID, Class   string
	Who, At     string
	Text        []string
	Lang        string
	Translation []string
	Day         string // a new day begins
	Shown       *Shown // what came that is no words; nil: nothing did
}

// Reply is a prepared answer: what the counsellor reads, and what the person would.
type Reply struct{ Label, Text string }

// caseAt is a case: GET shows it, POST does something with it.
func (c *Console) caseAt(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	key, ok := c.names.key(v.arg)
	if !ok {
		c.refuse(v, http.StatusNotFound, "not-found")
		return
	}
	s, err := c.bot.Case(ctx, key)
	if err != nil {
		c.away(v, err)
		return
	}
	if s.Case == nil || s.Case.State == bot.NoCase {
		c.refuse(v, http.StatusNotFound, "gone")
		return
	}
	if v.r.Method == http.MethodPost {
		c.act(ctx, v, key, s)
		return
	}
	c.draw(ctx, v, key, s, http.StatusOK, "", Talk{})
}

// acts are what a counsellor can do with a case, beside writing.
var acts = []string{"take", "release", "transfer", "close", "reopen", "look", "over", "bar", "unbar", "reached", "unreached", "ring"}

// guided are acts that name a step behind them.
var guided = []string{"fill", "unfill", "tick", "untick"}

// act carries out what a form asks for.
func (c *Console) act(ctx context.Context, v *visit, key bot.Key, s bot.Session) {
	form := v.r.PostForm
	do := form.Get("do")
	typed := Talk{Text: strings.TrimSpace(form.Get("text")), Note: strings.TrimSpace(form.Get("note"))}
	u := bot.Update{ID: once(form.Get("once")), From: s.Case.Person, Kind: bot.Acted, Text: do, Actor: v.account.Actor(), At: v.now}
	deed := do
	d := c.data(v, "case")
	again := func(code int, why string) { c.draw(ctx, v, key, s, code, why, typed) }
	switch {
	case do == "" && form.Get("place") != "":
		if words := c.wordsOf(&s, form.Get("place"), v.lang); words != "" {
			typed.Text = strings.TrimSpace(typed.Text + "\n" + words)
		}
		again(http.StatusOK, "")
		return
	case do == "insert":
		if n, err := strconv.Atoi(form.Get("reply")); err == nil {
			if all := c.replies(v, &s); n >= 0 && n < len(all) {
				typed.Text = strings.TrimSpace(typed.Text + "\n" + all[n].Text)
			}
		}
		again(http.StatusOK, "")
		return
	case do == "draft":
		words, ok := c.draft(ctx, typed.Text, &s, v)
		if !ok {
			again(http.StatusServiceUnavailable, d.Say("draft-none"))
			return
		}
		typed.Text = words
		again(http.StatusOK, "")
		return
	case do == "say" || do == "note":
		u.Kind, u.Text, deed = bot.Said, typed.Text, "answer"
		if do == "note" {
			u.Text, deed = comment(typed.Note), "note"
		}
		if u.Text == "" {
			again(http.StatusUnprocessableEntity, d.Say("empty"))
			return
		}
		if content.Length(u.Text) > maxWords {
			again(http.StatusUnprocessableEntity, d.Count("too-long", maxWords))
			return
		}
		if typed.Sure = c.field("sure " + u.Text); do == "say" && looksLikeNote(u.Text) && form.Get("sure") != typed.Sure {
			again(http.StatusUnprocessableEntity, d.Say("sure"))
			return
		}
	case do == "follow" || do == "unfollow":
		c.follow(ctx, v, key, s)
		return
	case do == "transfer":
		u.Text += " " + form.Get("to")
	case do == "close" || do == "outcome":
		if u.Text = ending(form); u.Text == "" {
			again(http.StatusUnprocessableEntity, d.Say("close-missing"))
			return
		}
	case do == "ring":
		u.Text = form.Get("at")
		if !strings.HasPrefix(u.Text, "ring ") {
			again(http.StatusBadRequest, d.Say("not-found"))
			return
		}
	case slices.Contains(guided, strings.SplitN(do, ":", 2)[0]):
		u.Text = fillWords(form)
		deed, _, _ = strings.Cut(u.Text, " ")
	case !slices.Contains(acts, do):
		again(http.StatusBadRequest, d.Say("not-found"))
		return
	}
	reply, err := c.bot.Handle(ctx, u)
	if err != nil {
		c.log.Warn("an act at the desk could not be carried out")
		again(http.StatusServiceUnavailable, d.Say("away"))
		return
	}
	lib := c.bot.Library()
	if done := lib.Catalog.Language(lib.Catalog.Desk.Language).Text("desk.done"); reply.Toast != "" && reply.Toast != done {
		if s, err = c.bot.Case(ctx, key); err != nil || s.Case == nil {
			c.refuse(v, http.StatusConflict, "gone")
			return
		}
		again(http.StatusConflict, reply.Toast)
		return
	}
	if !reply.Repeat && deed != "tick" && deed != "untick" { // which steps are done stands with the case, and is no deed
		about := desk.About{Case: key}
		if now, err := c.bot.Case(ctx, key); do == "transfer" && err == nil && now.Case != nil {
			about.Name = now.Case.Name
		}
		c.did(ctx, v, deed, about)
	}
	to := Path + "/case/" + v.arg
	if do == "release" || do == "ring" {
		to = Path
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
}

// follow lets a lead follow a talk that somebody else holds, or ends it. Nobody in the talk is told; it stands in the list of deeds.
func (c *Console) follow(ctx context.Context, v *visit, key bot.Key, s bot.Session) {
	do, me := v.r.PostForm.Get("do"), v.account.Actor()
	if !me.Lead {
		c.refuse(v, http.StatusForbidden, "not-allowed")
		return
	}
	if do == "unfollow" || s.Case.State == bot.Taken && !s.Case.HeldBy(me) { // else there is nothing to follow, and the page shows how it stands
		if err := c.bot.FollowTalk(ctx, v.account.ID, key, s.Case.Word, do == "follow", v.now); err != nil {
			c.away(v, err)
			return
		}
		c.did(ctx, v, do, desk.About{Case: key})
	}
	http.Redirect(v.w, v.r, Path+"/case/"+v.arg, http.StatusSeeOther)
}

// looksLikeNote reports whether words for the person hold what may have been meant for colleagues: a line after one /, or // in its middle.
func looksLikeNote(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "//") {
			continue
		}
		rest := strings.ReplaceAll(line, "://", "") // of an address
		if strings.HasPrefix(line, "/") || strings.Contains(rest, "//") {
			return true
		}
	}
	return false
}

// comment puts // before every line that has none yet.
func comment(note string) string {
	if note == "" {
		return ""
	}
	lines := strings.Split(note, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			lines[i] = "// " + line
		}
	}
	return strings.Join(lines, "\n")
}

// once reads the name of something sent.
func once(word string) uint64 {
	n, err := strconv.ParseUint(word, 16, 64)
	if err != nil {
		return 0
	}
	return n
}

func newOnce() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// draw shows a case, with a line about what went wrong and what was typed.
func (c *Console) draw(ctx context.Context, v *visit, key bot.Key, s bot.Session, code int, why string, typed Talk) {
	lines, err := c.bot.Log(ctx, key, 0)
	if err != nil {
		c.away(v, err)
		return
	}
	d := c.data(v, "case")
	d.Note = why
	t := &Talk{Entry: c.entry(d, key, &s, v.now), Text: typed.Text, Note: typed.Note, Sure: typed.Sure, Once: newOnce(), Replies: c.replies(v, &s), Tongue: c.bot.Library().Catalog.Base(s.Lang)}
	d.Talk = t
	cs, me, lib := s.Case, v.account.Actor(), c.bot.Library()
	button := func(name string) bot.Button { return bot.Button{Label: d.lang.Text("desk." + name), Data: name} }
	switch {
	case cs.State == bot.Closed:
		t.State = "closed"
		if cs.Open(v.now) {
			t.Can = append(t.Can, button("reopen"))
		}
		if cs.Bars(v.now) && me.Lead {
			t.Can = append(t.Can, bot.Button{Label: d.Say("unbar"), Data: "unbar"})
		}
	case cs.State != bot.Taken:
		t.State, t.CanClose = "waiting", true
		t.Can = append(t.Can, button("take"))
	case cs.HeldBy(me):
		t.State, t.CanClose, t.CanRelease = "mine", true, true
		if t.Wants = cs.Wants(); t.Wants {
			t.Times = talk.Times(lib, v.lang, v.now)
		}
	default:
		t.State, t.CanRelease = "other", me.Lead
		if me.Lead {
			t.Can = append(t.Can, bot.Button{Label: d.Say("over"), Data: "over"})
			reading, err := c.bot.Reading(ctx, v.account.ID)
			if err != nil {
				c.away(v, err)
				return
			}
			follow := "follow"
			if c.bot.FollowsTalk(reading, key, cs.Word) {
				follow = "unfollow"
			}
			t.Can = append(t.Can, bot.Button{Label: d.Say(follow), Data: follow})
		}
	}
	if cs.Active() && cs.Urgent == bot.Danger && cs.Second == "" && !cs.HeldBy(me) {
		t.Can = append(t.Can, button("look"))
	}
	if t.State == "mine" {
		r, err := c.bot.Roster(ctx)
		if err != nil {
			c.away(v, err)
			return
		}
		for _, a := range r.OnDuty(v.now) {
			if a.ID != me.ID {
				t.Colleagues = append(t.Colleagues, a)
			}
		}
	}
	if card, ok := talk.CardIn(lib, s, v.lang); ok {
		t.Card = rows(card, cs.Told.Call)
	}
	t.Drafts = t.State == "mine" && c.words.by != nil && c.bot.Library().Catalog.Base(v.lang) != t.Tongue
	t.Guide = c.guide(v, s)
	t.Ending = c.ending(v, s)
	if t.State == "mine" {
		t.Places = talk.Directory(lib, s, v.lang)
	}
	c.say(ctx, d, t, lines, v, cs)
	t.Sight = c.sight(d, key, cs, lines, v.now)
	d.Title = t.Word + " · " + d.Title
	if v.live != "hidden" {
		if c.set.Reads != nil && cs.HeldBy(v.account.Actor()) {
			c.set.Reads(key, lines)
		}
		if err := c.bot.HaveRead(ctx, v.account.ID, key, lines, v.now); err != nil && !errors.Is(err, bot.ErrConflict) {
			c.away(v, err)
			return
		}
	}
	q, err := c.queueFor(ctx, v, d)
	if err != nil {
		c.away(v, err)
		return
	}
	d.Queue = q
	d.count(q)
	c.opens(ctx, v, key)
	c.show(v, code, d)
}

// opens notes once a session that a case was looked at.
func (c *Console) opens(ctx context.Context, v *visit, key bot.Key) {
	name := c.hidden(v.cookie + string(key.Hash[:]))
	c.mu.Lock()
	known := c.opened[name]
	if len(c.opened) >= mostOpened {
		clear(c.opened)
	}
	c.opened[name] = true
	c.mu.Unlock()
	if !known {
		c.did(ctx, v, "open", desk.About{Case: key})
	}
}

// rows takes a card apart. Its title, and what is folded, stand elsewhere on the page.
func rows(card talk.CardView, call bot.Call) (out []Row) {
	number := call.Spaced()
	for i, line := range strings.Split(card.Text, "\n") {
		if i == 0 || line == "" {
			continue
		}
		if strings.HasPrefix(line, talk.FoldSign) {
			continue
		}
		r := Row{Text: line}
		if text, ok := strings.CutPrefix(line, "• "); ok {
			r.Text, r.Item = text, true
		}
		if bold, ok := strings.CutPrefix(r.Text, "**"); ok {
			r.Text, r.Bold = strings.TrimSuffix(bold, "**"), true
		}
		r.Text = strings.ReplaceAll(r.Text, "**", "")
		if before, after, ok := strings.Cut(r.Text, number); ok && strings.HasPrefix(call.Phone, "+") {
			r.Text, r.Number, r.Rest, r.Dial = before, number, after, template.URL("tel:"+call.Phone)
			number = "\x00" // once
		}
		out = append(out, r)
	}
	return out
}

var classes = map[bot.Voice]string{talk.ByPerson: "person", talk.ByCounsellor: "ours", talk.ByNotice: "notice", talk.ByNote: "note"}

// say puts the lines of a talk on its page.
func (c *Console) say(ctx context.Context, d *Data, t *Talk, lines []bot.Line, v *visit, s *bot.Case) {
	ctx, cancel := context.WithTimeout(ctx, translateTime)
	defer cancel()
	zone := c.bot.Library().Catalog.Desk.Zone
	day := ""
	known := map[string]int{}
	for _, l := range lines {
		at := time.Unix(l.At, 0).In(zone)
		out := Line{Class: classes[l.By], At: at.Format("15:04"), Who: l.Name, Text: strings.Split(strings.ReplaceAll(l.In(v.lang), "**", ""), "\n")}
		if is := at.Format("2006-01-02"); is != day {
			day, out.Day = is, is
		}
		switch {
		case l.By == talk.ByPerson:
			out.Who = t.Word
			if l.Fixed() { // a picture, or a place
				break
			}
			out.Lang = t.Tongue
			if tr := c.words.of(ctx, l.Text, t.Tongue, v.lang); tr != "" {
				out.Translation = strings.Split(tr, "\n")
			}
		case l.By == talk.ByCounsellor:
			out.Lang = t.Tongue
			if l.Name == v.account.Name {
				out.Who = d.Say("by-you")
			}
		case l.By == talk.ByNotice:
			if out.Who = d.Say("by-notice"); !l.Fixed() { // of before there were more languages
				out.Lang = t.Tongue
			}
		case l.Name == "": // of the desk itself
			if out.Class = "event"; !l.Fixed() {
				out.Lang = c.bot.Library().Catalog.Desk.Language
			}
		default:
			out.Who = d.Say("by-note") + " · " + l.Name
		}
		out.Shown = c.shown(d, t.ID, &l, s)
		h := fnv.New64a()
		h.Write([]byte(strconv.FormatInt(l.At, 10) + out.Class + l.Name + "\x00" + l.Text + out.Shown.state()))
		name := strconv.FormatUint(h.Sum64(), 36)
		known[name]++
		out.ID = "l" + name + "-" + strconv.Itoa(known[name])
		t.Lines = append(t.Lines, out)
	}
}

// replies are the prepared answers, in the person's language, under what the counsellor reads.
func (c *Console) replies(v *visit, s *bot.Session) (out []Reply) {
	lib := c.bot.Library()
	labels := talk.Prepared(lib, *s, v.lang)
	for i, text := range talk.Prepared(lib, *s, s.Lang) {
		if i == len(labels) { // the rest waits for its translation
			break
		}
		out = append(out, Reply{Label: labels[i], Text: text})
	}
	return out
}
