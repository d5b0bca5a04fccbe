package bot

import (
	"time"
)

// Lately reports whether a talk has ended that can still be read, and gone on with.
func (s *Session) Lately(now time.Time) bool {
	c := s.Case
	return c != nil && c.State == Closed && !c.Bare && now.Unix()-c.Since < int64(ReopenTime/time.Second)
}
