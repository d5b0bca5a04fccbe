package talk

import (
	"slices"
	"strings"
)

// MostTalks is the highest number of talks at once that an account can be given.
const MostTalks = 50

// spoken names the languages that are spoken at the desk, each in itself, when the person's is not among them; empty when it is, and
// when none is known.
func (v view) spoken(tags []string) string {
	mine := v.l.Catalog.Base(v.s.Lang)
	if len(tags) == 0 || slices.Contains(tags, mine) {
		return ""
	}
	return v.names(tags)
}

// names says which languages are spoken at the desk.
func (v view) names(tags []string) string {
	var names []string
	for _, tag := range tags {
		if lang := v.l.Catalog.Language(tag); lang != nil {
			names = append(names, lang.Text("chat.language-name"))
		}
	}
	return strings.ReplaceAll(v.wording("spoken"), "{languages}", strings.Join(names, ", "))
}
