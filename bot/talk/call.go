package talk

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
)

// A call back: the number, the time, what to say, and what came of it. What is chosen is kept as a code and drawn in the language of
// whoever reads it; only what a person typed stays as it is.

// mostSlots is how many times are offered for a call.
const mostSlots = 6

// services are kinds of numbers at which no person is called.
var services = []phonenumbers.PhoneNumberType{phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.TOLL_FREE, phonenumbers.UAN, phonenumbers.VOICEMAIL, phonenumbers.PAGER}

// leastNumber and shortNumber are how many digits a number of a service has, as 112.
const leastNumber, shortNumber = 3, 6

// tongues are the countries that a language speaks for when a number is read.
var tongues = map[string]string{"lt": "LT", "pl": "PL", "uk": "UA"}

// phones reads a number. Without a country code it may be one of several countries. Why names the text that says what is wrong with it.
func (v view) phones(text string) (numbers []string, why string) {
	digits := content.Digits(text)
	why = "call-number-bad"
	if strings.ContainsFunc(text, unicode.IsLetter) || len(digits) < leastNumber {
		return nil, why
	}
	if len(digits) <= shortNumber || slices.ContainsFunc(v.l.Catalog.Places, func(p content.Place) bool { return strings.TrimPrefix(p.Number, "+") == digits }) {
		return nil, "call-number-service"
	}
	try := func(text, region string) {
		n, err := phonenumbers.Parse(text, region)
		switch {
		case err != nil || !phonenumbers.IsValidNumber(n):
			return
		case slices.Contains(services, phonenumbers.GetNumberType(n)):
			why = "call-number-service"
			return
		}
		if number := phonenumbers.Format(n, phonenumbers.E164); !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	switch text = strings.TrimSpace(text); {
	case strings.HasPrefix(text, "+") || strings.HasPrefix(text, "00"):
		try("+"+strings.TrimPrefix(digits, "00"), "")
	default:
		for _, region := range []string{v.country(), v.job(), tongues[v.l.Catalog.Base(v.s.Lang)], "LT"} {
			if region != "" {
				try(digits, region)
			}
		}
		if !strings.HasPrefix(digits, "0") { // the plus alone may be missing
			try("+"+digits, "")
		}
	}
	if len(numbers) > 0 {
		why = ""
	}
	return numbers, why
}

// phone is a number with the country that it is read as.
func (v view) phone(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return number
	}
	country := phonenumbers.GetRegionCodeForNumber(n)
	if v.l.Catalog.Offers(country) {
		country = v.lang.CountryName(country)
	}
	return bot.Call{Phone: number}.Spaced() + " (" + country + ")"
}

// asked are the numbers that the one which was typed may be, while that is not known.
func (v view) asked() []string {
	if c := v.s.Case; c != nil && c.Phone != "" && !strings.HasPrefix(c.Phone, "+") {
		numbers, _ := v.phones(c.Phone)
		return numbers
	}
	return nil
}

// slot is a time for a call, in words.
func (v view) slot(from, to int64) string {
	zone := v.l.Catalog.Desk.Zone
	begin, end := time.Unix(from, 0).In(zone), time.Unix(to, 0).In(zone)
	return v.lang.List("desk.days")[begin.Weekday()] + " " + begin.Format("01-02, 15:04") + "–" + end.Format("15:04")
}

// briefly is a time for a call on a button of a person, which Messenger cuts after 20 letters: "Mon 27, 15:00–17:00".
func (v view) briefly(s content.Slot) string {
	begin, end := s.From.In(v.l.Catalog.Desk.Zone), s.To.In(v.l.Catalog.Desk.Zone)
	hours := strings.TrimPrefix(begin.Format("15:04"), "0") + "–" + end.Format("15:04")
	days := v.lang.List("countries.days")
	if len(days) != len(weekdays) {
		return begin.Format("01-02") + ", " + hours
	}
	return strings.TrimSuffix(days[(begin.Weekday()+6)%7], ".") + " " + begin.Format("2") + ", " + hours
}

// when says when a person wants to be called.
func (v view) when(c bot.Call, own func(string) string) string {
	switch {
	case c.From != 0:
		return v.slot(c.From, c.To)
	case c.Hours != "":
		return own(c.Hours)
	}
	return v.wording("hours-any")
}

// callLines tell how a person wants to be called. Marked are the person's own words for whoever else reads them.
func (v view) callLines(c bot.Call, marked bool) []string {
	own := func(words string) string {
		if !marked {
			return words
		}
		return v.lang.Quoted(words) + " (" + v.wording("card-own") + ")"
	}
	out := []string{v.wording("card-phone") + ": " + v.phone(c.Phone), v.wording("card-hours") + ": " + v.when(c, own)}
	if list := v.lang.List("desk.voice"); c.Voice > 0 && int(c.Voice) <= len(list) {
		out = append(out, v.wording("card-voice")+": "+list[c.Voice-1])
	}
	if list := v.lang.List("desk.else"); c.Say > 0 && int(c.Say) <= len(list) {
		out = append(out, v.wording("card-else")+": "+list[c.Say-1])
	} else if c.Else != "" {
		out = append(out, v.wording("card-else")+": "+own(c.Else))
	}
	return out
}

// callAt says when a person is called.
func (v view) callAt(c *bot.Case) string {
	return strings.ReplaceAll(v.wording("call-at"), "{time}", v.slot(c.Ring, c.Told.Call.To))
}

// clock is a time of day of today, with the date before it.
func (v view) clock(at int64) string {
	return time.Unix(at, 0).In(v.l.Catalog.Desk.Zone).Format("01-02 15:04")
}

// numbered takes the number that was typed.
func (t *turn) numbered(text string) {
	switch numbers, why := t.view().phones(text); {
	case why != "":
		t.note = t.view().wording(why)
		t.p.Toast = t.note // for doors that draw
	case len(numbers) == 1:
		t.phone(numbers[0])
	default: // the person is asked which
		t.called(func(c *bot.Case) { c.Phone = text }, bot.CallNumber)
	}
}

// phone goes on with a number that is understood.
func (t *turn) phone(number string) {
	t.called(func(c *bot.Case) { c.Phone, c.Offer = number, t.u.At.Unix() }, bot.CallHours)
}

// slot takes the time that was chosen, 0 for any, if somebody still answers then.
func (t *turn) slot(from int64) {
	if from == 0 {
		t.called(func(c *bot.Case) { c.Hours, c.From, c.To = "", 0, 0 }, bot.CallVoice)
		return
	}
	if s, ok := t.newest.Catalog.Desk.SlotAt(t.u.At, from); ok {
		t.called(func(c *bot.Case) { c.Hours, c.From, c.To = "", s.From.Unix(), s.To.Unix() }, bot.CallVoice)
		return
	}
	t.past()
}

// past offers other times, for the one that was chosen is over.
func (t *turn) past() {
	t.note = t.view().wording("call-late")
	t.called(func(c *bot.Case) { c.Offer = t.u.At.Unix() }, bot.CallHours)
}

// chatInstead takes back the wish to be called; the talk goes on here.
func (t *turn) chatInstead() {
	c := t.own()
	t.s.Over = bot.Nothing
	if c.Told.Call.Phone != "" {
		c.Way, c.Call, c.Told.Call, c.Ring, c.Last = bot.ByChat, bot.Call{}, bot.Call{}, 0, t.u.At.Unix()
		c.Base = min(c.Base, t.base(t.opens()))
		t.desk("chat")
		t.card()
	}
	t.show()
}

// rings says that somebody is to be called now.
func (t *turn) rings() {
	c := t.own()
	c.Ring = 0
	if c.State != bot.Taken {
		c.Base, c.Calls = t.u.At.Unix(), 0
	}
	s := t.s.Told()
	t.deskWith(viewOf(t.newest, &s), "ring", func(v view) []string {
		lines := v.callLines(c.Told.Call, true)
		return []string{"{words}", strings.Join(append(slices.Delete(lines, 1, 2), t.onDuty()), "\n")}
	})
	t.card()
}

// rang writes down what came of a call, or when the next one is.
func (t *turn) rang(word, arg string, a bot.Actor) {
	c := t.s.Case
	from, _ := strconv.ParseInt(arg, 10, 64)
	slot, open := t.newest.Catalog.Desk.SlotAt(t.u.At, from)
	switch {
	case !c.Active() || !c.Wants():
		t.refuse("state")
		return
	case !t.holds(a, "taken"):
		return
	case word == "ring" && !open:
		t.refuse("slot")
		return
	}
	c.Ring, c.Asked, c.Calls, c.Last = 0, 0, 0, t.u.At.Unix()
	t.s.Over = bot.Nothing // what they write from now is meant for a human
	switch word {
	case "reached":
		c.Tried, c.Reached = t.u.At.Unix(), true
		t.count("call.reached")
		t.desk("reached", "{name}", a.Name)
	case "unreached":
		c.Tried = t.u.At.Unix()
		t.count("call.unreached")
		t.desk("unreached", "{name}", a.Name)
		t.tell("call-tried", "{time}", t.view().clock(c.Tried))
	case "ring":
		c.Move(bot.EventCall, t.u.At)
		c.Told.Call.From, c.Told.Call.To, c.Told.Call.Hours = slot.From.Unix(), slot.To.Unix(), ""
		c.Call = c.Told.Call
		c.Rings(t.u.At)
		t.deskWith(viewOf(t.newest, &t.s), "ring-at", func(v view) []string {
			return []string{"{name}", a.Name, "{time}", v.slot(c.Ring, c.Told.Call.To)}
		})
		t.speak(func(v view) string { return v.callAt(c) })
	}
	t.card()
	t.p.Toast = t.deskLang().Text("desk.done")
}

// When says when the person of a session's case wants to be called, in a language.
func When(l *library.Library, s bot.Session, lang string) string {
	s.Lang = lang
	v := viewOf(l, &s)
	return v.when(s.Case.Told.Call, v.lang.Quoted)
}

// Times are the next times for a call, as buttons of a case.
func Times(l *library.Library, lang string, now time.Time) (out []bot.Button) {
	v := viewOf(l, &bot.Session{Lang: lang})
	for _, s := range l.Catalog.Desk.Slots(now, mostSlots) {
		out = append(out, bot.Button{Label: v.slot(s.From.Unix(), s.To.Unix()), Data: "ring " + strconv.FormatInt(s.From.Unix(), 10)})
	}
	return out
}
