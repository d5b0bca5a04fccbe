package console

import (
	"net/http"
	"slices"

	"patikra/bot/desk"
)

// The sounds a counsellor is called with at an open page, and how loud they are; the page's script draws them. The first sound and the
// middle loudness are those of who has chosen nothing.
var (
	tunes       = []string{"rise", "bell", "low"}
	soundLevels = []string{"quiet", "usual", "loud"}
)

// Tunes are the sounds to choose from.
func (d *Data) Tunes() []string { return tunes }

// Levels are how loud a sound may be.
func (d *Data) Levels() []string { return soundLevels }

// sound keeps which sound calls an account, and how loud.
func (c *Console) sound(v *visit) {
	tune, level := v.r.PostForm.Get("tune"), v.r.PostForm.Get("level")
	if !slices.Contains(tunes, tune) || !slices.Contains(soundLevels, level) {
		c.refuse(v, http.StatusBadRequest, "not-found")
		return
	}
	ctx, cancel := waiting(v)
	defer cancel()
	err := c.bot.ChangeAccounts(ctx, v.now, func(a *desk.Accounts) error {
		if x := a.Find(v.account.ID); x != nil {
			x.Tune, x.Level = tune, level
		}
		return nil
	})
	if err != nil {
		c.away(v, err)
		return
	}
	v.w.WriteHeader(http.StatusNoContent)
}
