package bot

import (
	"time"
)

// ConsoleName stands before the id of an actor who has an account.
const ConsoleName = "console"

// Open reports whether the case can still be taken up again.
func (c *Case) Open(now time.Time) bool {
	return c.Active() || c.State == Closed && now.Unix()-c.Since < int64(ReopenTime/time.Second)
}
