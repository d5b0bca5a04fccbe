package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
	"patikra/content"
)

// Limits of a look at closed talks.
const (
	mostClosed = 30  // on a page
	mostRead   = 500 // talks that are read for it
)

// Closed is the list of talks that are closed and still kept.
type Closed struct {
	Word, Level, Outcome, Day string // what is looked for
	Levels, Findings          []bot.Button
	List                      []Past
	Partial                   bool
	More                      string // where the list goes on; empty: it does not
}

// Past is a closed talk.
type Past struct {
	Entry
	Outcome, Referred string
}

// closed shows the talks that are closed, or those of them that are looked for.
func (c *Console) closed(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "closed")
	query := v.r.URL.Query()
	p := &Closed{Word: strings.TrimSpace(query.Get("word")), Level: query.Get("level"), Outcome: query.Get("outcome"), Day: query.Get("day"), Findings: c.findings(v.lang)}
	d.Closed = p
	for _, level := range []string{"danger", "grave", "calm"} {
		p.Levels = append(p.Levels, bot.Button{Label: d.Say("level-" + level), Data: level})
	}
	all, err := c.bot.ClosedCases(ctx)
	if err != nil && !bot.Partial(err) {
		c.away(v, err)
		return
	}
	p.Partial = err != nil
	from, _ := strconv.Atoi(query.Get("from"))
	from = min(max(from, 0), len(all))
	zone := c.bot.Library().Catalog.Desk.Zone
	at, read := from, 0
	for ; at < len(all) && len(p.List) < mostClosed && read < mostRead; at++ {
		m := all[at]
		if p.Level != "" && level(m.Urgent) != p.Level || p.Day != "" && m.Since.In(zone).Format(time.DateOnly) != p.Day {
			continue
		}
		read++
		s, err := c.bot.Case(ctx, m.Key)
		if err != nil {
			c.away(v, err)
			return
		}
		if cs := s.Case; cs == nil || cs.State != bot.Closed || p.Outcome != "" && cs.Outcome.String() != strings.TrimPrefix(p.Outcome, "-") ||
			!strings.Contains(content.Fold(cs.Word+"\n"+talk.Meaning(c.bot.Library(), cs.Word, v.lang)), content.Fold(p.Word)) {
			continue
		}
		past := Past{Entry: c.entry(d, m.Key, &s, v.now), Outcome: d.Say("closed-unsaid")}
		if s.Case.Outcome != bot.NoFinding {
			past.Outcome = d.Desk("outcome-" + s.Case.Outcome.String())
		}
		if s.Case.Place != "" {
			past.Referred = talk.PlaceName(c.bot.Library(), s.Case.Place, v.lang)
		}
		p.List = append(p.List, past)
	}
	if at < len(all) {
		next := url.Values{"from": {strconv.Itoa(at)}}
		for name, value := range map[string]string{"word": p.Word, "level": p.Level, "outcome": p.Outcome, "day": p.Day} {
			if value != "" {
				next.Set(name, value)
			}
		}
		p.More = Path + "/closed?" + next.Encode()
	}
	c.show(v, http.StatusOK, d)
}
