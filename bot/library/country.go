package library

import (
	"slices"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
)

// texts of the choice of a country, by their names in countries.yaml. They are always the newest, as the numbers are.
var countryTexts = strings.Fields("choose change other more earlier ask unclear chosen days")

// countries matches countries.yaml with the countries that can be chosen. Names that are missing were named when it was read.
func (l *Library) countries(lang *content.Language, add func(file string, line int, remedy, message sheet.Text)) {
	if len(l.Catalog.Countries) == 0 {
		return
	}
	file := "content/" + lang.Tag + "/countries.yaml"
	for _, t := range countryTexts {
		if n := "countries." + t; !lang.Has(n) && lang.List(n) == nil {
			add(file, 0, "write it there", sheet.Say("the text %q is missing", t))
		}
	}
	if n := len(lang.List("countries.days")); n != 0 && n != 7 {
		add(file, 0, "write them from Monday to Sunday", "the list \"days\" does not have seven days")
	}
	if s := lang.Text("countries.chosen"); lang.Has("countries.chosen") && !strings.Contains(s, "{country}") {
		_, line := lang.At("countries.chosen")
		add(file, line, "write {country} where it belongs", "the text \"chosen\" does not name the country")
	}
	seen := map[string]string{}
	for _, n := range lang.Names("countries.") {
		_, line := lang.At(n)
		rest := strings.TrimPrefix(n, "countries.")
		code, isName := strings.CutPrefix(rest, "names.")
		switch {
		case !isName && !slices.Contains(countryTexts, rest):
			add(file, line, "remove it", sheet.Say("the text %q is superfluous", rest))
		case isName && !l.Catalog.Offers(code):
			add(file, line, sheet.Say("remove it, or add %s under countries: in content/places.yaml", code), sheet.Say("the text %q is superfluous: that country cannot be chosen", rest))
		case isName:
			if message, remedy, long := content.TooLong(n, lang.Text(n)); long {
				add(file, line, remedy, message)
			}
			name := content.Fold(lang.Text(n))
			if other := seen[name]; other != "" {
				add(file, line, "give each country its own name", sheet.Say("the countries %s and %s read the same", other, code))
			}
			seen[name] = code
		}
	}
}
