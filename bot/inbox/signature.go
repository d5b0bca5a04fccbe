package inbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Direction says whose words are signed, so that they cannot be handed back as the other's.
type Direction string

// The directions.
const (
	ToInbox   Direction = "to-inbox"   // an Event of ours
	FromInbox Direction = "from-inbox" // an Answer of theirs
)

// OldUntil is when the earlier signature, which knows no direction, ends: it is neither sent nor accepted from then.
var OldUntil = time.Date(2027, time.June, 1, 0, 0, 0, 0, time.UTC)

const (
	version         = "2"
	versionHeader   = "X-Patikra-Version"
	signatureHeader = "X-Patikra-Signature-V2"
	oldHeader       = "X-Patikra-Signature"
)

// Sign returns the signature of a body that has this id.
func Sign(secret string, way Direction, id string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",id=" + id + ",v2=" + hex.EncodeToString(seal(secret, signedAs(way, t, id), body))
}

// Signed reports whether a signature fits a body with this id, was made for this direction and is fresh.
func Signed(secret, signature string, way Direction, id string, body []byte, now time.Time) bool {
	t, rest, ok := strings.Cut(strings.TrimPrefix(signature, "t="), ",id=")
	at := strings.LastIndex(rest, ",v2=")
	if !ok || at < 0 || rest[:at] != id || strings.ContainsRune(id, '\n') {
		return false
	}
	return fits(rest[at+len(",v2="):], seal(secret, signedAs(way, t, id), body)) && recent(t, now)
}

func signedAs(way Direction, t, id string) string {
	return "patikra v2\n" + string(way) + "\n" + t + "\n" + id + "\n"
}

// signOld is the signature as it was before version 2.
func signOld(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(seal(secret, t+".", body))
}

func signedOld(secret, signature string, body []byte, now time.Time) bool {
	t, v, ok := strings.Cut(strings.TrimPrefix(signature, "t="), ",v1=")
	return ok && fits(v, seal(secret, t+".", body)) && recent(t, now)
}

func seal(secret, before string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(before))
	mac.Write(body)
	return mac.Sum(nil)
}

func fits(given string, want []byte) bool {
	got, err := hex.DecodeString(given)
	return err == nil && hmac.Equal(got, want)
}

func recent(t string, now time.Time) bool {
	sec, err := strconv.ParseInt(t, 10, 64)
	age := now.Sub(time.Unix(sec, 0))
	return err == nil && age < fresh && age > -fresh
}

// signed says why an answer is not taken as the partner's, and nothing when it is.
func (i *Inbox) signed(h http.Header, id string, body []byte, now time.Time) (why string) {
	switch v := h.Get(versionHeader); {
	case v == version && Signed(i.set.Secret, h.Get(signatureHeader), FromInbox, id, body, now):
		return ""
	case v == version:
		return "the signature does not fit this body, its id and the direction from-inbox, or is older than five minutes"
	case v != "":
		return "this version of signatures is unknown; send " + versionHeader + ": " + version
	case !now.Before(OldUntil):
		return "signatures without " + versionHeader + ": " + version + " have ended"
	case signedOld(i.set.Secret, h.Get(oldHeader), body, now):
		return ""
	}
	return "the signature does not fit, or is older than five minutes"
}
