package content

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"patikra/content/sheet"
)

// OtherCampaign is what links are counted as whose code staff do not know, or whose time is not now.
const OtherCampaign = "other"

// TrialCampaign is the code of links that begin a trial: it is marked, and never counted.
const TrialCampaign = "demo"

// Channels are what a campaign goes through.
var Channels = []string{"municipality", "job-centre", "school", "radio", "television", "press", "poster", "partner", "event"}

// Campaign is one way by which people hear of the page, from campaigns.yaml. Its code stands in links, is counted, and is a short address of the page.
type Campaign struct {
	Code     string
	Channel  string // one of Channels
	Name     string // for staff
	Region   string // where it is; empty: everywhere
	Language string // that its short address and its poster begin in; empty: the browser's, and the source
	From     string // the first day on which it is counted, as 2027-01-31; empty: at once
	Until    string // the last day; empty: until it is taken out
	Line     int    // where it stands in the file
}

// on reports whether a day lies within the campaign's time.
func (c *Campaign) on(day string) bool {
	return day >= c.From && (c.Until == "" || day <= c.Until)
}

const (
	mostCampaigns = 200 // bounds how many names are counted in a day
	mostOfName    = 60  // letters of a campaign's name, or of its region
)

var campaignCode = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// taken are first parts of the page's own addresses, which a short address cannot be.
var taken = strings.Fields("a demo desk embed f film healthz in inbox messenger metrics out press readyz studio telegram training")

// Campaign finds a campaign by its code, whatever its case and its time; nil when staff know none.
func (c *Catalog) Campaign(code string) *Campaign {
	code = strings.ToLower(code)
	if i := slices.IndexFunc(c.Campaigns, func(k Campaign) bool { return k.Code == code }); i >= 0 {
		return &c.Campaigns[i]
	}
	return nil
}

// Counted is the code that a link is counted as at a time: a campaign's while it lasts, by the days of the desk's zone, else OtherCampaign; TrialCampaign stays what it is. What
// a stranger writes into a link may be somebody's name, and is never kept.
func (c *Catalog) Counted(code string, at time.Time) string {
	if c.Desk.Zone != nil {
		at = at.In(c.Desk.Zone)
	}
	if strings.EqualFold(code, TrialCampaign) {
		return TrialCampaign
	}
	if k := c.Campaign(code); k != nil && k.on(at.Format(time.DateOnly)) {
		return k.Code
	}
	return OtherCampaign
}

// campaigns reads campaigns.yaml. Without the file every link counts as another.
func (l *loader) campaigns() {
	const file = "content/campaigns.yaml"
	if !l.Exists(file) {
		return
	}
	top, ok := l.File(file)
	if !ok {
		return
	}
	fields := top.Fields()
	if len(fields) > mostCampaigns {
		top.Bad("take out those that are over", "there are more than %d campaigns", mostCampaigns)
		return
	}
	for _, f := range fields {
		l.catalog.Campaigns = append(l.catalog.Campaigns, l.campaign(f))
	}
}

// campaign reads one of them.
func (l *loader) campaign(f sheet.Field) Campaign {
	code := f.Name
	switch {
	case !campaignCode.MatchString(code):
		f.Bad("write each code in small letters, digits and -, at most 32, as radio-2026", "%q is no code of a campaign", code)
	case code == OtherCampaign || slices.Contains(taken, code) || l.catalog.byLang[code] != nil:
		f.Bad("choose another code, as radio-2026", "the code %q means something else in a link", code)
	}
	m := f.Map("channel", "name", "region", "language", "from", "until")
	c := Campaign{Code: code, Line: f.Line, Name: lettersOf(f.Node, "name", m["name"]), Region: lettersOf(f.Node, "region", m["region"]), From: dayOf("from", m["from"]), Until: dayOf("until", m["until"])}
	if c.Channel = optional(m["channel"]); !slices.Contains(Channels, c.Channel) {
		at(m["channel"], f.Node).Bad(sheet.Say("write channel: with one of %s", strings.Join(Channels, ", ")), "the campaign %q goes through no known channel", code)
	}
	if c.Language = optional(m["language"]); c.Language != "" && l.catalog.byLang[c.Language] == nil {
		m["language"].Bad("choose a language that has a folder under content/", "there are no texts in the language %q", c.Language)
	}
	if c.Name == "" {
		at(m["name"], f.Node).Bad("write name: with what colleagues call it", "the campaign %q has no name", code)
	}
	if c.Until != "" && c.Until < c.From {
		m["until"].Bad("write a day that is not before from", "the campaign %q ends before it begins", code)
	}
	return c
}

// at is where a mistake is told: at the value, or at what lacks it.
func at(n, whole sheet.Node) sheet.Node {
	if n.Zero() {
		return whole
	}
	return n
}

func optional(n sheet.Node) string {
	if n.Zero() {
		return ""
	}
	return n.Text()
}

// lettersOf reads a name.
func lettersOf(whole sheet.Node, key string, n sheet.Node) string {
	s := optional(n)
	if utf8.RuneCountInString(s) > mostOfName {
		at(n, whole).Bad(sheet.Say("shorten it to %d characters", mostOfName), "%s: %q is too long", key, s)
	}
	return s
}

// dayOf reads a day of the calendar.
func dayOf(key string, n sheet.Node) string {
	s := optional(n)
	if _, err := time.Parse(time.DateOnly, s); s != "" && err != nil {
		n.Bad("write it as 2027-01-31", "%s: %q is no day of the calendar", key, s)
		return ""
	}
	return s
}
