package bot

import (
	"time"
)

// LeaseTime is how long a delivery is held for one process before another may take it over.
const LeaseTime = 5 * time.Second

// Pace is an allowance: one message each Interval, and Burst of them at once. The zero Pace has no limit.
type Pace struct {
	Interval time.Duration
	Burst    int
}

// Reply is what the channel may say at once to an update: a short answer to a pressed button.
type Reply struct {
	Toast   string
	Repeat  bool   // the update had been dealt with before
	Refused bool   // nothing was done, and Toast tells a counsellor why
	Alone   bool   // with an error: it is known that no case is active, so nobody waits for what was done
	Aside   bool   // with ErrSetAside
	Digits  string // of a return code, for the person's eyes and once
	Payload string // of a link into a chat, likewise
	Moved   bool   // nothing was done: the talk was taken up in another browser
}
