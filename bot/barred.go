package bot

import (
	"time"
)

// Bars reports whether a person is barred from the counsellors at a time, but for danger.
func (c *Case) Bars(now time.Time) bool { return c != nil && c.Barred > now.Unix() }
