package inbox

import (
	"net/http"
	"time"
)

var SignOld, SignedOld = signOld, signedOld

// Why says why an answer is not taken as the partner's.
func (i *Inbox) Why(h http.Header, id string, body []byte, now time.Time) string {
	return i.signed(h, id, body, now)
}
