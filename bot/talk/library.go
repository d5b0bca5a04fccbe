package talk

import (
	"patikra/bot"
	"patikra/bot/library"
	"patikra/flows"
)

// carried returns a session of a book that is gone as one of this book. Others, and those for which no quiz of that name is
// left, stay as they are.
func carried(l *library.Library, s bot.Session) bot.Session {
	if s.Stage < bot.Asking && s.Quiz != "" && l.Book.Flow(s.Quiz) == nil {
		s.Quiz = l.Offered[0] // nothing was answered yet
	}
	if s.Stage < bot.Asking || s.Book == l.ID || l.Earlier[s.Book] != nil || s.Case.Active() {
		return s
	}
	g := l.Gone[s.Book]
	if g.Book == nil || g.Book.Flow(s.Quiz) == nil || l.Book.Flow(s.Quiz) == nil {
		return s
	}
	early := false
	if old := g.Book.Flow(s.Quiz); !old.Trains() {
		if s.Changing != bot.NoChange && s.Resume(old) != nil {
			return s
		}
		at, err := old.Now(s.Given)
		early = s.Stage == bot.Finished && err == nil && at.End == ""
	}
	checking := s.Stage == bot.Checking
	s.Before, s.Changing = nil, bot.NoChange
	stand := flows.Stand{Given: s.Given, At: flows.Place{Step: int(s.At)}, Ticks: s.Ticks}
	if s.Stage == bot.Finished && !early || checking {
		stand.At = flows.Place{End: s.End}
	}
	flow, day := l.Book.Flow(s.Quiz), s.End
	if !flow.Trains() {
		flow = l.BookIn(s.Lang).Flow(s.Quiz)
	}
	now, _ := flow.Carry(g.Book.Flow(s.Quiz), stand, !g.Draft)
	s.Book, s.Given, s.Ticks = l.ID, now.Given, now.Ticks
	s.Serial++ // a button of the old edition may mean something else in this one
	if s.Stage, s.End = bot.Finished, now.At.End; flow.Trains() && now.At.End != "" {
		s.End = day
	}
	if checking && now.At.End != "" && checks(l, &s) {
		s.Stage = bot.Checking
	}
	if now.At.End == "" {
		s.Stage, s.At = bot.Asking, uint8(now.At.Step)
		if early {
			s.Stage, s.End = bot.Finished, flows.Result
		}
		if s.Over == bot.Rate {
			s.Over = bot.Nothing
		}
	}
	return s
}
