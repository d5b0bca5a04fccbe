package content_test

import (
	"testing"
	"time"

	"patikra/content"
)

func TestTimesForACallAreTimesAtWhichSomebodyAnswersWhenClocksChangeToo(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	var always, twice content.Desk
	for day := time.Sunday; day <= time.Saturday; day++ {
		always.Hours = append(always.Hours, content.Shift{Day: day, From: 0, To: 24 * 60})
		twice.Hours = append(twice.Hours, content.Shift{Day: day, From: 60, To: 7 * 60}, content.Shift{Day: day, From: 60, To: 5 * 60}, content.Shift{Day: day, From: 6 * 60, To: 9 * 60})
	}
	for name, desk := range map[string]content.Desk{"day and night": always, "shifts that lie over each other": twice} {
		t.Run(name, func(t *testing.T) {
			desk.Zone = zone
			for now := time.Date(2027, 1, 1, 0, 7, 0, 0, time.UTC); now.Year() < 2028; now = now.Add(307 * time.Minute) {
				var before content.Slot
				for i, s := range desk.Slots(now, 12) {
					switch {
					case !s.To.After(s.From) || s.To.Sub(s.From) > 4*time.Hour+time.Minute || s.From.Before(now):
						t.Fatalf("at %v from %v to %v", now, s.From, s.To)
					case s.From.Before(before.To):
						t.Fatalf("at %v the time from %v lies in the one from %v to %v", now, s.From, before.From, before.To)
					case !desk.Opens(s.From).Equal(s.From) || !desk.Opens(s.To.Add(-time.Second)).Equal(s.To.Add(-time.Second)):
						t.Fatalf("nobody answers from %v to %v", s.From, s.To)
					}
					if i != 1 {
						before = s
						continue
					}
					if found, ok := desk.SlotAt(now, s.From.Unix()); !ok || found != s {
						t.Fatalf("the time from %v to %v is not found again: %v", s.From, s.To, found)
					}
					before = s
				}
			}
		})
	}
}
