package bot

import (
	"time"
)

// Calling is a step at which a case calls counsellors.
type Calling struct {
	Person Address
	Holder string // who holds the talk whose person waits for an answer, an Actor's ID or an @name; empty: the case waits for anybody
	Lead   bool   // the lead is called too
	Again  bool   // it has called before, and nobody came
	Danger bool
	At     time.Time
}
