package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"patikra/bot/console"
	"patikra/bot/desk"
	"patikra/content/sheet"
)

// inviteColleague makes a link.
func inviteColleague(ctx context.Context, s *staff, in json.RawMessage) (any, error) {
	var asked console.Asked
	if err := json.Unmarshal(in, &asked); err != nil {
		return nil, plainf("this is no request for an invitation")
	}
	a, err := console.Invite(ctx, s.bot, s.set.url, asked, time.Now())
	var name *desk.ErrName
	if errors.As(err, &name) {
		return nil, plainf("%s", name.Why)
	}
	return a, err
}

// invite prints a link that lets a colleague in at the desk.
func invite(ctx context.Context, name, role string, asJSON bool, out, errs io.Writer) int {
	refuse := func(code int, err error) int {
		fail(errs, "invite", err)
		return code
	}
	asked := console.Asked{Name: name, Role: desk.Role(role)}
	if _, err := desk.GoodName(name); err != nil {
		return refuse(misuse, err)
	}
	if role != "" && !asked.Role.Known() {
		return refuse(misuse, sheet.Say("there is no role %q; write counsellor, lead or editor", role))
	}
	var a console.Answered
	if err := have(ctx, "invite", asked, &a); err != nil {
		return refuse(found, err)
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.Encode(a)
		return fine
	}
	fmt.Fprintln(out, a.Link)
	tell(errs, "for %s; it works once, until %s", a.Name, a.Until)
	return fine
}
