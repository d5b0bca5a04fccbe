package bot

import (
	"time"

	"github.com/nyaruka/phonenumbers"
)

// Call tells how a person wants to be called back.
type Call struct {
	Phone string // E.164; or as it was typed, while its country is not known, or by an earlier program
	Hours string // when to call, in the person's own words
	From  int64  // when to call: the time that was chosen, Unix seconds; 0: any time at which somebody answers
	To    int64
	Voice uint8  // whether a voice message may be left: 1 yes, 2 no
	Say   uint8  // what to say if somebody else answers: its place in the list, from 1; 0: the words below
	Else  string // the same in the person's own words
	Offer int64  // when the times to choose from were worked out
}

// Wants reports whether the person waits to be called.
func (c *Case) Wants() bool { return c.Told.Call.Phone != "" && !c.Reached }

// Later reports whether a case waits for nothing but a call whose time has not come.
func (c *Case) Later() bool { return c.State == Waiting && c.Ring != 0 && c.Base >= c.Ring }

// Rings sets when the call is due.
func (c *Case) Rings(now time.Time) {
	c.Ring = 0
	from := c.Told.Call.From
	if from <= now.Unix() {
		return
	}
	c.Ring = from
	if from > c.Base {
		c.Base, c.Calls = from, 0
	}
}

// Spaced is a number for reading, grouped as in its country.
func (c Call) Spaced() string {
	n, err := phonenumbers.Parse(c.Phone, "")
	if err != nil {
		return c.Phone
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// Over reports whether the time that was chosen has gone by.
func (c Call) Over(now time.Time) bool { return c.From != 0 && now.Unix() >= c.To }
