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
)

// smallest is the least count that is shown: below it a count could point at a person.
const smallest = 5

// period is a number of days that end today.
type period struct {
	Days int `json:"days"`
}

// mostDays is how long counts are kept.
const mostDays = 400

func reportDays(ctx context.Context, b *bot.Bot, in json.RawMessage) (any, error) {
	var p period
	if err := json.Unmarshal(in, &p); err != nil || p.Days < 1 || p.Days > mostDays {
		return nil, plainf("name a number of days from 1 to %d", mostDays)
	}
	sum := map[string]int64{}
	for i := range p.Days {
		counts, err := b.Counts(ctx, time.Now().UTC().AddDate(0, 0, -i))
		if err != nil {
			return nil, err
		}
		for name, n := range counts {
			sum[name] += n
		}
	}
	maps.DeleteFunc(sum, func(_ string, n int64) bool { return n < smallest })
	return sum, nil
}

// reportCommand prints what was counted.
func reportCommand(ctx context.Context, days int, asJSON, htcds bool, out, errs io.Writer) int {
	if htcds {
		return casesCommand(ctx, asJSON, out, errs)
	}
	sum := map[string]int64{}
	if err := have(ctx, "report", period{days}, &sum); err != nil {
		fmt.Fprintln(errs, "patikra report:", err)
		return found
	}
	if asJSON {
		json.NewEncoder(out).Encode(map[string]any{"days": days, "counts": sum, "smallest": smallest})
		return fine
	}
	for _, name := range slices.Sorted(maps.Keys(sum)) {
		fmt.Fprintf(out, "%8d  %s\n", sum[name], name)
	}
	fmt.Fprintf(out, "%d days; counts below %d are not shown\n", days, smallest)
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

func reportCases(ctx context.Context, b *bot.Bot, _ json.RawMessage) (any, error) {
	cases, err := b.Cases(ctx)
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
		for _, flag := range b.Library().Shown(s) {
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
		fmt.Fprintln(errs, "patikra report:", err)
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
