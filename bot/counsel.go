package bot

import (
	"crypto/sha256"
	"encoding/hex"
)

// mark names a counsellor on a button, which has room for 64 bytes.
func (a Actor) Mark() string {
	sum := sha256.Sum256([]byte(a.ID))
	return hex.EncodeToString(sum[:8])
}

// called is a counsellor's name with the @name by which Telegram calls them.
func (a Actor) Called() string {
	if a.User == "" || a.Name == "@"+a.User {
		return a.Name
	}
	return a.Name + " (@" + a.User + ")"
}
