package bot

import (
	"crypto/hmac"
)

// Returning is a return code that a turn may give to the person.
type Returning struct {
	Digits string
	Proof  string // the keyed hash of them
}

// proves reports whether a return code is the session's.
func (s *Session) Proves(proof string) bool {
	return s.Return != "" && s.Case != nil && hmac.Equal([]byte(s.Return), []byte(proof))
}

// elsewhere reports whether an update comes from a browser that does not have the talk any more.
func (s *Session) Elsewhere(u *Update) bool {
	return s.Browser != u.Browser && (u.Kind == Typed || u.Kind == Pressed || u.Kind == Attached)
}
