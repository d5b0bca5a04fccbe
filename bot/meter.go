package bot

import (
	"time"
)

// Backlog is what waits to be delivered. Timers do not count.
type Backlog struct {
	Queues int       // that are not empty
	Items  int       // in them
	Oldest time.Time // when the item that is overdue for longest should have been sent; zero: none is overdue
}
