package engine

import (
	"crypto/hmac"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
)

// certificatePurpose sets what the key signs here apart from whatever else it signs.
const certificatePurpose = "certificate "

// macLength is how much of the signature a code holds: 132 bits in base64.
const macLength = 22

// Code is the certificate in an address: what it says, and behind the last dot a signature, so that nobody can make up another
// by changing the address. It can be checked as long as the sealing key, or PATIKRA_KEY_OLD, is the one of that day.
func (b *Bot) Code(c bot.Certificate) string { return c.String() + "." + b.sign(c.String()) }

func (b *Bot) sign(payload string) string {
	return b.ring.Secret(certificatePurpose + payload)[:macLength]
}

// ReadCertificate reads a code. Ok is false where it was made with no key of ours.
func (b *Bot) ReadCertificate(code string) (c bot.Certificate, ok bool) {
	i := strings.LastIndexByte(code, '.')
	if i < 0 {
		return c, false
	}
	for _, word := range b.ring.Secrets(certificatePurpose + code[:i]) {
		ok = ok || hmac.Equal([]byte(code[i+1:]), []byte(word[:macLength]))
	}
	if !ok {
		return c, false
	}
	c.Module, c.Day, ok = strings.Cut(code[:i], ".")
	return c, ok
}

// CertificatePath is where the web page shows certificates, below a language: /lt/certificate/CODE.
const CertificatePath = "certificate"

// Certify makes trainings end with the address of a certificate on the web page at that base URL, and results about a municipality with that of its card. Set before the first update.
func (b *Bot) Certify(base string) {
	certify := func(c bot.Certificate, lang string) string {
		return strings.TrimSuffix(base, "/") + "/" + lang + "/" + CertificatePath + "/" + b.Code(c)
	}
	b.certify = certify
	b.pocket = func(municipality, lang string) string {
		return strings.TrimSuffix(base, "/") + "/" + lang + "/" + library.PocketPath + "/" + municipality
	}
	b.swap(func(l *library.Library) *library.Library { return l })
}
