package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/peer"
)

// Link is the address that an invitation's secret is opened at. The secret stands behind #, which browsers keep to themselves: it is in
// no proxy's log, and a program that opens the link to show a preview learns nothing.
func Link(base, token string) string {
	return strings.TrimSuffix(base, "/") + Path + "/enter#" + token
}

// secretOf is the secret in what somebody has pasted: the secret alone, or the whole link.
func secretOf(pasted string) string {
	pasted = strings.TrimSpace(pasted)
	return pasted[strings.LastIndexAny(pasted, "#?")+1:]
}

// enter shows the link's button, and uses the link up when it is pressed. Opening alone changes nothing, and tells nobody whom the link
// is for. The page's script takes the secret from the address; without one it is pasted. A link of an earlier program, with its secret
// behind ?, works until it ends.
func (c *Console) enter(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "enter")
	token := v.r.URL.RawQuery
	if v.r.Method == http.MethodPost {
		token = secretOf(v.r.PostForm.Get("token"))
	}
	if !c.mayTry(v, token) {
		v.w.Header().Set("Retry-After", "60")
		c.refuse(v, http.StatusTooManyRequests, "busy")
		return
	}
	if v.r.Method == http.MethodPost {
		if !c.fits(v.r.PostForm.Get("form"), "enter") {
			c.refuse(v, http.StatusForbidden, "forbidden")
			return
		}
		a, cookie, err := c.bot.Enter(ctx, token, v.now)
		switch {
		case errors.Is(err, desk.ErrInvite):
			d.Note = d.Say("enter-used")
			c.show(v, http.StatusGone, d)
		case err != nil && cookie == "":
			c.away(v, err)
		default:
			if err != nil {
				c.log.Warn("an entry could not be noted", zap.Error(err))
			}
			if v.signedIn() { // the earlier session of this browser
				if err := c.bot.SignOut(ctx, v.cookie, v.now); err != nil {
					c.log.Warn("an earlier session could not be ended", zap.Error(err))
				}
			}
			c.log.Info("somebody has come in at the desk", zap.String("role", string(a.Role)))
			c.setCookie(v, cookie)
			http.Redirect(v.w, v.r, Path, http.StatusSeeOther)
		}
		return
	}
	switch token {
	case "":
	case "ended":
		d.Note = d.Say("ended")
	default:
		_, err := c.bot.Invited(ctx, token, v.now)
		if err != nil && !errors.Is(err, desk.ErrInvite) {
			c.away(v, err)
			return
		}
		if err != nil {
			d.Note, d.Gate = d.Say("enter-used"), ""
			c.show(v, http.StatusGone, d)
			return
		}
		d.Token = token
	}
	c.show(v, http.StatusOK, d)
}

// mayTry takes one try from an allowance before the store is asked. A link that was made here has its own: others at the same address,
// or behind the same proxy, may have used the address's up with wrong ones, and that must keep no colleague out.
func (c *Console) mayTry(v *visit, token string) bool {
	post := v.r.Method == http.MethodPost
	if !post && (!v.crowded || token == "") { // the page alone uses nothing up
		return true
	}
	watch, who := c.tries, c.hidden(peer.Network(v.r))
	switch {
	case c.bot.Ours(token):
		watch, who = c.visits, "l"+c.hidden(token)
	case v.crowded:
		return false
	}
	dropped, _ := watch.Over(who, v.now)
	return !dropped
}

// stay is pressed before a session ends of silence: the request itself is what is done.
func (c *Console) stay(v *visit) { v.w.WriteHeader(http.StatusNoContent) }

// out ends the session, and with it being on duty.
func (c *Console) out(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	if !c.parts(ctx, v, Path+"/out") {
		return
	}
	if err := c.bot.SignOut(ctx, v.cookie, v.now); err != nil {
		c.away(v, err)
		return
	}
	c.did(ctx, v, "leave", desk.About{})
	c.setCookie(v, "")
	v.w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(v.w, v.r, Path+"/enter?ended", http.StatusSeeOther)
}

// parts lets somebody go off duty. Who holds talks is asked first, and gives back those that they do not hand over. It reports false when it
// has answered.
func (c *Console) parts(ctx context.Context, v *visit, from string) bool {
	d := c.data(v, "queue")
	q, err := c.queueFor(ctx, v, d)
	switch {
	case err != nil:
		c.away(v, err)
		return false
	case len(q.Mine) > 0 && v.r.PostForm.Get("give") != "back":
		d.Queue, d.Here = q, Path
		d.count(q)
		q.Leaves = from
		c.show(v, http.StatusConflict, d)
		return false
	}
	if err := c.bot.Left(ctx, v.account.Actor()); err != nil {
		c.away(v, err)
		return false
	}
	return true
}

// language keeps the account's language.
func (c *Console) language(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	tag := v.r.PostForm.Get("to")
	if c.bot.Library().Catalog.Language(tag) == nil {
		c.refuse(v, http.StatusBadRequest, "not-found")
		return
	}
	err := c.bot.ChangeAccounts(ctx, v.now, func(a *desk.Accounts) error {
		if x := a.Find(v.account.ID); x != nil {
			x.Lang = tag
		}
		return nil
	})
	if err != nil {
		c.away(v, err)
		return
	}
	http.Redirect(v.w, v.r, c.back(v), http.StatusSeeOther)
}

// back is the page of the console that a form stood on.
func (c *Console) back(v *visit) string {
	if to := v.r.PostForm.Get("back"); to == Path || strings.HasPrefix(to, Path+"/") && !strings.ContainsAny(to, "\\\r\n") {
		return to
	}
	return Path
}

// Asked is what a command asks of the running program.
type Asked struct {
	Name string    `json:"name"`
	Role desk.Role `json:"role,omitempty"`
}

// Answered is what the program answers.
type Answered struct {
	Name  string `json:"name,omitempty"`
	Link  string `json:"link,omitempty"`
	Until string `json:"until,omitempty"`
}

// InviteMember makes an invitation for a member of the counsellors' group who asks for one there, and says it as a link.
func InviteMember(ctx context.Context, b *desk.Desk, base, name string, who bot.Actor, now time.Time) (link string, err error) {
	token, made, err := b.InviteMember(ctx, name, who, now)
	if err != nil {
		return "", err
	}
	return Link(base, token), b.Did(ctx, who, "invite", desk.About{Name: made.Name, Role: made.Role}, now)
}

// Invite makes an invitation and says it as a link.
func Invite(ctx context.Context, b *desk.Desk, base string, asked Asked, now time.Time) (Answered, error) {
	token, made, err := b.Invite(ctx, asked.Name, asked.Role, now)
	if err != nil {
		return Answered{}, err
	}
	until := time.Unix(made.Until, 0).UTC().Format("2006-01-02T15:04:05Z")
	return Answered{Name: made.Name, Link: Link(base, token), Until: until}, b.Did(ctx, bot.Actor{ID: desk.CommandName}, "invite", desk.About{Name: made.Name, Role: made.Role}, now)
}
