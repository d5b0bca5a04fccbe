package console

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/content"
)

// Limits of a look at the list of who did what.
const (
	mostMatches = 500   // deeds on a page
	mostLooked  = 40    // pieces of the list that are read for a page
	mostInFile  = 20000 // deeds in a file
)

// Filter is what deeds are looked for; what is empty matches every deed.
type Filter struct {
	Who  string // a part of the name
	Day  string // 2006-01-02, where the desk is
	What string
}

func filterOf(q url.Values) Filter {
	return Filter{strings.TrimSpace(q.Get("who")), q.Get("day"), q.Get("what")}
}

// query is the filter as a page's address takes it.
func (f Filter) query() string {
	q := url.Values{}
	for name, value := range map[string]string{"who": f.Who, "day": f.Day, "what": f.What} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q.Encode()
}

// matches reports whether a deed is looked for.
func (f Filter) matches(d *Data, x desk.Deed, accounts *desk.Accounts) bool {
	zone := d.console.bot.Library().Catalog.Desk.Zone
	return (f.What == "" || x.What == f.What) &&
		(f.Day == "" || time.Unix(x.At, 0).In(zone).Format(time.DateOnly) == f.Day) &&
		(f.Who == "" || strings.Contains(content.Fold(d.who(x, accounts)), content.Fold(f.Who)))
}

// find reads deeds from a place of the list backwards until there are enough; earlier is where to go on, -1 at the end.
func (c *Console) find(ctx context.Context, d *Data, f Filter, from, most, looks int, accounts *desk.Accounts) (out []desk.Deed, earlier int, err error) {
	earlier = from
	for range looks {
		var all []desk.Deed
		if all, earlier, err = c.bot.Deeds(ctx, earlier); err != nil {
			return nil, -1, err
		}
		for _, x := range all {
			if f.matches(d, x, accounts) {
				out = append(out, x)
			}
		}
		if len(out) >= most || earlier < 0 {
			break
		}
	}
	return out[:min(len(out), most)], earlier, nil
}

// deeds shows who did what, all of it or what is looked for.
func (c *Console) deeds(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "deeds")
	from := -1
	if n, err := strconv.Atoi(v.r.URL.Query().Get("from")); err == nil && n >= 0 {
		from = n
	}
	d.Filter = filterOf(v.r.URL.Query())
	accounts, err := c.bot.Accounts(ctx)
	if err != nil {
		c.away(v, err)
		return
	}
	most, looks := 10*mostMatches, 1 // a piece and what comes with it are shown whole
	if d.Filter != (Filter{}) {
		most, looks = mostMatches, mostLooked
	}
	all, earlier, err := c.find(ctx, d, d.Filter, from, most, looks, &accounts)
	if err != nil {
		c.away(v, err)
		return
	}
	d.File = Path + "/deeds.csv"
	more := d.Filter.query()
	if more != "" {
		d.File += "?" + more
		more = "&" + more
	}
	if earlier >= 0 {
		d.Earlier = Path + "/deeds?from=" + strconv.Itoa(earlier) + more
	}
	for _, name := range d.lang.Names("console.act-") {
		what := strings.TrimPrefix(name, "console.act-")
		d.Acts = append(d.Acts, bot.Button{Label: d.Say("act-" + what), Data: what})
	}
	slices.SortFunc(d.Acts, func(a, b bot.Button) int { return strings.Compare(a.Label, b.Label) })
	for _, x := range all {
		d.Deeds = append(d.Deeds, d.deed(x, d.clock(time.Unix(x.At, 0), v.now), &accounts))
	}
	c.show(v, http.StatusOK, d)
}

// deed is a line of the list as it is read.
func (d *Data) deed(x desk.Deed, at string, accounts *desk.Accounts) Deed {
	out := Deed{At: at, Who: d.who(x, accounts), What: x.What, Case: x.Case, About: d.about(x)}
	if d.lang.Has("console.act-" + x.What) {
		out.What = d.Say("act-" + x.What)
	}
	return out
}

// deedsFile is the same list as a file for a spreadsheet. That it was taken out is a deed too.
func (c *Console) deedsFile(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "deeds")
	accounts, err := c.bot.Accounts(ctx)
	if err != nil {
		c.away(v, err)
		return
	}
	f := filterOf(v.r.URL.Query())
	all, _, err := c.find(ctx, d, f, -1, mostInFile, mostInFile/mostMatches, &accounts)
	if err != nil {
		c.away(v, err)
		return
	}
	c.did(ctx, v, "deeds-file", desk.About{})
	head := v.w.Header()
	head.Set("Content-Type", "text/csv; charset=utf-8")
	head.Set("Content-Disposition", `attachment; filename="deeds.csv"`)
	w := csv.NewWriter(v.w)
	defer w.Flush()
	w.Write(cells(d.Say("audit-when"), d.Say("audit-who"), d.Say("audit-what"), d.Say("audit-about"), d.Say("audit-case")))
	for _, x := range all {
		line := d.deed(x, time.Unix(x.At, 0).UTC().Format(time.RFC3339), &accounts)
		if w.Write(cells(line.At, line.Who, line.What, line.About, line.Case)) != nil {
			return
		}
	}
}

// cells are values of a line that a spreadsheet shows and does not compute.
func cells(values ...string) []string {
	for i, s := range values {
		if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
			values[i] = "'" + s
		}
	}
	return values
}
