package console

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"go.uber.org/zap"

	"patikra/bot/desk"
)

// keyTime is how long somebody may take to show their device a finger.
const keyTime = 3 * time.Minute

// newKeys is what passkeys are checked with. They belong to a name: there are none where the program's address is a number, or a guess.
func newKeys(set Settings, u *url.URL) (*webauthn.WebAuthn, error) {
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || host == "" || set.AnyHost {
		return nil, nil
	}
	limit := webauthn.TimeoutConfig{Enforce: true, Timeout: keyTime, TimeoutUVD: keyTime}
	resident := true
	w, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: "Patikra", RPOrigins: []string{u.Scheme + "://" + u.Host}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{RequireResidentKey: &resident, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
		Timeouts:               webauthn.TimeoutsConfig{Login: limit, Registration: limit}})
	if err != nil {
		return nil, fmt.Errorf("passkeys for PATIKRA_URL: %w", err)
	}
	return w, nil
}

// owner is an account as a device knows it.
type owner struct {
	desk.Account
	handle []byte
	keys   []webauthn.Credential
}

func (o owner) WebAuthnID() []byte                         { return o.handle }
func (o owner) WebAuthnName() string                       { return o.Name }
func (o owner) WebAuthnDisplayName() string                { return o.Name }
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.keys }

func (c *Console) owner(a desk.Account) (owner, error) {
	o := owner{Account: a, handle: c.bot.PasskeyHandle(a)}
	for _, k := range a.Keys {
		var cred webauthn.Credential
		if err := json.Unmarshal(k.Record, &cred); err != nil {
			return o, err
		}
		o.keys = append(o.keys, cred)
	}
	return o, nil
}

// begun is what a page's script hands to the device, and back with its answer.
type begun struct {
	Token   string `json:"token"`
	Options any    `json:"options"`
}

// begins answers with what the device is asked. The challenge travels sealed, for one session or for the page of entering.
func (c *Console) begins(v *visit, of string, options any, s *webauthn.SessionData, err error) {
	var plain []byte
	if err == nil {
		plain, err = json.Marshal(s)
	}
	if err != nil {
		c.away(v, err)
		return
	}
	v.w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(v.w).Encode(begun{Token: c.bot.SealCeremony(of, plain), Options: options})
}

// begun opens what began.
func (c *Console) begun(v *visit, of string) (s webauthn.SessionData, err error) {
	plain, err := c.bot.OpenCeremony(of, v.r.PostForm.Get("token"))
	if err == nil {
		err = json.Unmarshal(plain, &s)
	}
	return s, err
}

// entering stands for the page of entering, where there is no session yet.
const entering = "enter"

// key adds a passkey to an account, or takes one away.
func (c *Console) key(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	if c.keys == nil {
		http.NotFound(v.w, v.r)
		return
	}
	form := v.r.PostForm
	if form.Get("do") == "remove" {
		id, err := base64.RawURLEncoding.DecodeString(form.Get("id"))
		if err != nil || len(id) == 0 {
			c.refuse(v, http.StatusBadRequest, "not-found")
			return
		}
		if err := c.bot.DropPasskeys(ctx, v.account.ID, id, v.now); err != nil {
			c.away(v, err)
			return
		}
		c.did(ctx, v, "key-remove", desk.About{})
		http.Redirect(v.w, v.r, Path, http.StatusSeeOther)
		return
	}
	who, err := c.owner(v.account)
	if err != nil {
		c.away(v, err)
		return
	}
	switch form.Get("do") {
	case "begin":
		exclude := make([]protocol.CredentialDescriptor, len(who.keys))
		for i := range who.keys {
			exclude[i] = who.keys[i].Descriptor()
		}
		options, s, err := c.keys.BeginRegistration(who, webauthn.WithExclusions(exclude))
		c.begins(v, v.cookie, options, s, err)
	case "add":
		s, err := c.begun(v, v.cookie)
		var answer *protocol.ParsedCredentialCreationData
		if err == nil {
			answer, err = protocol.ParseCredentialCreationResponseBytes([]byte(form.Get("answer")))
		}
		var cred *webauthn.Credential
		if err == nil {
			cred, err = c.keys.CreateCredential(who, s, answer)
		}
		var record []byte
		if err == nil {
			record, err = json.Marshal(cred)
		}
		if err != nil {
			http.Error(v.w, "the passkey was not taken", http.StatusBadRequest)
			return
		}
		err = c.bot.AddPasskey(ctx, v.account, desk.Passkey{ID: cred.ID, Record: record}, s.Challenge, keyTime, v.now)
		switch {
		case errors.Is(err, desk.ErrPasskey):
			http.Error(v.w, err.Error(), http.StatusConflict)
		case err != nil:
			c.away(v, err)
		default:
			c.did(ctx, v, "key-add", desk.About{})
			v.w.WriteHeader(http.StatusNoContent)
		}
	default:
		http.Error(v.w, "do is begin, add or remove", http.StatusBadRequest)
	}
}

// enterKey lets somebody in by a passkey.
func (c *Console) enterKey(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	if c.keys == nil {
		http.NotFound(v.w, v.r)
		return
	}
	if !c.mayTry(v, "") {
		v.w.Header().Set("Retry-After", "60")
		c.refuse(v, http.StatusTooManyRequests, "busy")
		return
	}
	form := v.r.PostForm
	if !c.fits(form.Get("form"), "enter") {
		c.refuse(v, http.StatusForbidden, "forbidden")
		return
	}
	if form.Get("do") == "begin" {
		options, s, err := c.keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		c.begins(v, entering, options, s, err)
		return
	}
	all, err := c.bot.Accounts(ctx)
	if err != nil {
		c.away(v, err)
		return
	}
	s, err := c.begun(v, entering)
	var answer *protocol.ParsedCredentialAssertionData
	if err == nil {
		answer, err = protocol.ParseCredentialRequestResponseBytes([]byte(form.Get("answer")))
	}
	var who webauthn.User
	var cred *webauthn.Credential
	if err == nil {
		who, cred, err = c.keys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			for _, a := range all.List {
				if o, err := c.owner(a); err == nil && bytes.Equal(o.handle, handle) {
					return o, nil
				}
			}
			return nil, desk.ErrPasskey
		}, s, answer)
	}
	var record []byte
	if err == nil {
		record, err = json.Marshal(cred)
	}
	if err != nil || cred.Authenticator.CloneWarning || !cred.Flags.UserVerified {
		http.Error(v.w, "the passkey was not taken", http.StatusForbidden)
		return
	}
	a, cookie, err := c.bot.EnterByPasskey(ctx, who.(owner).Account, desk.Passkey{ID: cred.ID, Record: record}, s.Challenge, keyTime, v.now)
	switch {
	case errors.Is(err, desk.ErrPasskey):
		http.Error(v.w, err.Error(), http.StatusForbidden)
		return
	case err != nil && cookie == "":
		c.away(v, err)
		return
	case err != nil:
		c.log.Warn("an entry could not be noted", zap.Error(err))
	}
	c.log.Info("somebody has come in at the desk by a passkey", zap.String("role", string(a.Role)))
	c.setCookie(v, cookie)
	v.w.WriteHeader(http.StatusNoContent)
}

// HasPasskeys reports whether a passkey can be used on this page.
func (d *Data) HasPasskeys() bool {
	return d.console.keys != nil && (d.Page == "queue" || d.Page == "case" || d.Page == "enter")
}

// Passkey is one as its owner sees it.
type Passkey struct{ ID, Made string }

// Passkeys are those of whoever has signed in.
func (d *Data) Passkeys() (out []Passkey) {
	for _, k := range d.Account.Keys {
		at := time.Unix(k.At, 0)
		out = append(out, Passkey{base64.RawURLEncoding.EncodeToString(k.ID), d.Named("key-made", d.clock(at, time.Now()))})
	}
	return out
}
