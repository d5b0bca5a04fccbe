package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/talk"
)

// periods is how many whole weeks, or months of whole weeks, a report is of.
type periods struct {
	Weeks  int `json:"weeks,omitempty"`
	Months int `json:"months,omitempty"`
}

// Counts are kept for 400 days.
const (
	mostWeeks  = 56
	mostMonths = 12
)

// counted is what was counted in one period.
type counted struct {
	engine.Period
	Counts map[string]int64 `json:"counts"`
}

func reportDays(ctx context.Context, b *desk.Desk, in json.RawMessage) (any, error) {
	var p periods
	if err := json.Unmarshal(in, &p); err != nil || p.Weeks < 0 || p.Months < 0 || p.Weeks > mostWeeks || p.Months > mostMonths || p.Weeks+p.Months == 0 {
		return nil, plainf("name a number of weeks from 1 to %d, or of months from 1 to %d", mostWeeks, mostMonths)
	}
	now := time.Now()
	out := []counted{}
	for _, period := range append(engine.Weeks(p.Weeks, now), engine.Months(p.Months, now)...) {
		counts, err := b.Report(ctx, period, now)
		if err != nil {
			return nil, err
		}
		out = append(out, counted{period, counts})
	}
	return out, nil
}

// reportCommand prints what was counted.
func reportCommand(ctx context.Context, p periods, asJSON, htcds bool, out, errs io.Writer) int {
	if htcds {
		return casesCommand(ctx, asJSON, out, errs)
	}
	list := []counted{}
	if err := have(ctx, "report", p, &list); err != nil {
		fail(errs, "report", err)
		return found
	}
	if asJSON {
		json.NewEncoder(out).Encode(map[string]any{"periods": list, "smallest": engine.Smallest})
		return fine
	}
	for _, f := range list {
		tell(out, "%s to %s", f.From.Format(time.DateOnly), f.To.AddDate(0, 0, -1).Format(time.DateOnly))
		for _, name := range slices.Sorted(maps.Keys(f.Counts)) {
			fmt.Fprintf(out, "%8d  %s\n", f.Counts[name], name)
		}
	}
	tell(out, "whole weeks that are over, or months made of them; a day's counts below %d are left out, sums are rounded to fives", engine.Smallest)
	return fine
}

// The fields follow IOM's Human Trafficking Case Data Standard as far as a job offer's warning signs can fill them. A 1 says that
// the person's answers point that way, nothing more; what is not known stays empty.
var htcdsFields = []string{"caseID", "yearOfRegistration", "majorityStatus",
	"meansOfControlDebtBondage", "meansOfControlTakesEarnings", "meansOfControlThreats", "meansOfControlFalsePromises",
	"meansOfControlPsychoactiveSubstances", "meansOfControlRestrictsMovement", "meansOfControlWithholdsDocuments", "meansOfControlOther",
	"recruiterRelationIntimatePartner", "recruiterRelationFriend", "recruiterRelationOther",
	"isForcedMilitary", "isForcedMarriage", "isIllicitActivities", "isBegging"}

// htcdsOf says which field a warning sign fills.
var htcdsOf = map[string]string{
	"debt": "meansOfControlDebtBondage", "advance": "meansOfControlDebtBondage", "pay-to-another": "meansOfControlTakesEarnings", "bank-access": "meansOfControlTakesEarnings",
	"threats": "meansOfControlThreats", "changed-terms": "meansOfControlFalsePromises", "high-pay": "meansOfControlFalsePromises", "vague-job": "meansOfControlFalsePromises",
	"gifts": "meansOfControlPsychoactiveSubstances", "no-way-to-refuse": "meansOfControlRestrictsMovement", "documents-held": "meansOfControlWithholdsDocuments",
	"documents-taken": "meansOfControlWithholdsDocuments", "secrecy": "meansOfControlOther", "intimate-pictures": "meansOfControlOther",
	"love": "recruiterRelationIntimatePartner", "acquaintance": "recruiterRelationFriend", "new-friend": "recruiterRelationFriend", "unasked": "recruiterRelationOther",
	"war-work": "isForcedMilitary", "sham-marriage": "isForcedMarriage", "crime": "isIllicitActivities", "scam-centre": "isIllicitActivities", "begging": "isBegging",
	"young-in-danger": "majorityStatus",
}

func reportCases(ctx context.Context, b *desk.Desk, _ json.RawMessage) (any, error) {
	cases, err := b.OpenCases(ctx)
	if err != nil {
		return nil, err
	}
	out := []map[string]string{}
	for _, m := range cases {
		s, err := b.Case(ctx, m.Key)
		if err != nil {
			return nil, err
		}
		if s.Case == nil || s.Case.Kind != bot.AboutOffer {
			continue
		}
		row := map[string]string{"caseID": b.Pseudonym(m.Key), "yearOfRegistration": strconv.Itoa(m.Since.Year())}
		for _, flag := range talk.Shown(b.Library(), s) {
			switch field := htcdsOf[flag]; field {
			case "":
			case "majorityStatus":
				row[field] = "Minor"
			default:
				row[field] = "1"
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// casesCommand prints the cases that wait or are held, without anything of who the person is, and without the answers they struck out.
func casesCommand(ctx context.Context, asJSON bool, out, errs io.Writer) int {
	rows := []map[string]string{}
	if err := have(ctx, "cases", nil, &rows); err != nil {
		fail(errs, "report", err)
		return found
	}
	if asJSON {
		json.NewEncoder(out).Encode(rows)
		return fine
	}
	w := csv.NewWriter(out)
	w.Write(htcdsFields)
	for _, row := range rows {
		line := make([]string, len(htcdsFields))
		for i, f := range htcdsFields {
			line[i] = row[f]
		}
		w.Write(line)
	}
	w.Flush()
	return fine
}
