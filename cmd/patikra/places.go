package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"patikra/content"
	"patikra/content/exchange"
	"patikra/content/sheet"
)

// duePlace is a number to call.
type duePlace struct {
	Name      string   `json:"name"`
	Number    string   `json:"number"`
	Inside    string   `json:"inside,omitempty"` // as dialled inside its country
	From      string   `json:"from"`
	Country   string   `json:"country,omitempty"`
	Hours     string   `json:"hours"`
	Languages []string `json:"languages"`
	Source    string   `json:"source"`
	Dated     string   `json:"dated"` // the date that the source bears, or unknown
	Seen      string   `json:"seen"`  // when somebody looked at the source, or unknown
	Tested    string   `json:"tested"`
	Confirm   bool     `json:"confirm"`
	title     string
	shown     string
}

// placesDue prints the call list.
func placesDue(dir string, days int, asJSON bool, out, errs io.Writer) int {
	if days < 0 || days > 36500 {
		fail(errs, "places due", sheet.Say("%d is no number of days", days))
		return misuse
	}
	fsys, code := readable("places due", dir, errs)
	if code != fine {
		return code
	}
	c, err := content.Read(fsys)
	if err != nil {
		tellAll(out, err)
		return found
	}
	list := []duePlace{}
	names := c.Language(content.Source)
	for _, p := range c.Places {
		if p.Due(time.Now(), days) {
			d := duePlace{p.Name, p.Number, p.Inside, p.From, p.Country, p.Hours, p.Languages, p.Source, cmp.Or(p.Dated, "unknown"), cmp.Or(p.Seen, "unknown"), p.Tested, p.Confirm,
				names.Text("places." + p.Name + ".name"), p.Spaced()}
			if d.Languages == nil {
				d.Languages = []string{}
			}
			list = append(list, d)
		}
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		enc.Encode(map[string]any{"days": days, "places": list})
		return fine
	}
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	from := map[string]string{"anywhere": "from anywhere", "eu": "inside the EU", "lithuania": "in Lithuania only"}
	if len(list) > 0 {
		fmt.Fprintln(t, "NAME\tNUMBER\tDIAL\tHOURS\tLANGUAGES\tTESTED\tWHO\tDATED\tSEEN\tSOURCE")
	}
	for _, p := range list {
		number := p.shown
		if p.Confirm {
			number += " (to be confirmed)"
		}
		where := from[p.From]
		if p.From == "country" {
			where = "in " + p.Country + " only"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Name, number, where, p.Hours, strings.Join(p.Languages, " "), p.Tested, p.title, p.Dated, p.Seen, p.Source)
	}
	t.Flush()
	if len(list) == 0 {
		tell(out, "every number was called within %d days", days)
		return fine
	}
	tell(out, "%d numbers to call; afterwards: patikra places tested NAME", len(list))
	return fine
}

// placesTested notes that a number was called.
func placesTested(name, dir, date string, out, errs io.Writer) int {
	const command = "places tested"
	if name == "" {
		fail(errs, command, sheet.Text("name the place, as in patikra places due"))
		return misuse
	}
	now := time.Now()
	if date == "" {
		date = now.Format(time.DateOnly)
	}
	if day, err := time.Parse(time.DateOnly, date); err != nil || day.After(now.Add(24*time.Hour)) {
		fail(errs, command, sheet.Say("%q is no day that has been; write it as %s", date, now.Format(time.DateOnly)))
		return misuse
	}
	root, code := writable(command, dir, errs)
	if code != fine {
		return code
	}
	defer root.Close()
	const file = "content/places.yaml"
	r := sheet.NewReader(root.FS())
	top, ok := r.File(file)
	if !ok {
		tellAll(out, r.Problems.Err())
		return found
	}
	var known []string
	for _, f := range top.Peek() {
		if f.Name == "places" {
			for _, p := range f.Peek() {
				known = append(known, p.Name)
			}
		}
	}
	isKnown := false
	for _, k := range known {
		isKnown = isKnown || k == name
	}
	if !isKnown {
		fail(errs, command, sheet.Say("there is no place %q; there are %s", name, strings.Join(known, ", ")))
		return misuse
	}
	data, err := sheet.Edit(r.Bytes(file), []sheet.Change{{Path: []string{"places", name, "tested"}, Value: date}})
	files := map[string][]byte{file: data}
	if err == nil {
		before, err1 := mistakes(root.FS())
		after, err2 := mistakes(exchange.Over(root.FS(), files))
		err = errors.Join(err1, err2, after.Since(before).Err())
	}
	if err == nil {
		err = exchange.Write(root, files)
	}
	if err != nil {
		fail(errs, command, sheet.Say("nothing was changed: %v", err))
		return found
	}
	tell(out, "%s: %s was called on %s", file, name, date)
	return fine
}
