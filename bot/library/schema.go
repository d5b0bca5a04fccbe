package library

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"patikra/content"
	"patikra/flows"
)

// The schemas tell an editor, while somebody types, what check says afterwards about a single file: names, kinds of
// values, what is missing. What lies between files (a flag that is defined elsewhere, a step that
// nothing leads to) only check knows.

type object = map[string]any

// Schema is the JSON Schema (draft 2020-12) of one kind of file.
type Schema struct {
	Kind string
	Path string // where it lies, from the folder that holds flows/ and content/
	JSON []byte
}

// Schemas lists the schemas of all kinds of files, sorted by kind.
func Schemas() ([]Schema, error) {
	library, err := Open(BuiltIn())
	if err != nil {
		return nil, fmt.Errorf("read the built-in files: %w", err)
	}
	o := offersOf(library)
	kinds := map[string]object{
		"quiz": quizSchema(o), "flags": flagsSchema(o), "risk": riskSchema(o),
		"places": placesSchema(o), "desk": deskSchema(o), "site": siteSchema(), "campaigns": campaignsSchema(o), "municipalities": municipalitiesSchema(o, library), "texts-municipalities": municipalityTextsSchema(), "language": languageSchema(o), "sources": sourcesSchema(),
		"texts-chat": chatSchema(), "texts-web": namedTexts("web", "What the web page says.", webTexts), "texts-desk": namedTexts("desk", "The talk with a counsellor.", deskTexts),
		"texts-outreach": namedTexts("outreach", "What is printed, what the press is given, and what stands at the film and in a trial.", outreachTexts),
		"texts-console":  namedTexts("console", "The counsellors' page.", consoleTexts), "texts-replies": repliesSchema(), "texts-protocols": protocolsSchema(), "texts-words": wordsSchema(),
		"module": moduleSchema(o), "references": referencesSchema(), "texts-training": trainingSchema(o), "texts-module": moduleTextsSchema(),
		"answers": answersSchema(o), "texts-countries": countriesSchema(),
		"texts-flags": flagTextsSchema(o), "texts-results": resultsSchema(o), "texts-places": placeNamesSchema(o), "texts-quiz": quizTextsSchema(o),
	}
	for _, kind := range []string{"texts-chat", "texts-web", "texts-desk"} {
		easy := maps.Clone(kinds[kind])
		delete(easy, "required")
		kinds[kind+"-easy"] = easy
	}
	var out []Schema
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		s := kinds[kind]
		s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(s); err != nil {
			return nil, fmt.Errorf("write the schema of %s: %w", kind, err)
		}
		dir := "content/schema/"
		if slices.Contains([]string{"quiz", "flags", "risk", "answers", "module", "references"}, kind) {
			dir = "flows/schema/"
		}
		out = append(out, Schema{kind, dir + kind + ".json", b.Bytes()})
	}
	return out, nil
}

const nameForm = "^[a-z][a-z0-9-]{0,30}$"

// offers are the names that the built-in files know. An editor offers them; others are as good.
type offers struct {
	flags, checks, notes, points, stages, baskets, steps, outcomes, ends, quizzes, places, local, languages, references, laws, topics []string
}

func offersOf(l *Library) (o offers) {
	for _, f := range l.Book.Flags {
		o.flags = append(o.flags, f.Name)
	}
	for _, q := range l.Book.Quizzes() {
		for _, s := range l.Book.Flows[q].Steps {
			o.steps = append(o.steps, s.Name)
		}
	}
	for _, p := range l.Catalog.Places {
		o.places = append(o.places, p.Name)
	}
	for _, lang := range l.Catalog.Spoken() {
		o.languages = append(o.languages, lang.Tag)
	}
	o.checks, o.notes, o.points, o.baskets = l.Book.Green, l.Book.Notes, l.Book.Risk.Points, l.Book.Risk.Baskets
	o.stages = l.Book.Risk.Stages
	o.outcomes, o.ends, o.quizzes = l.Book.Outcomes(), l.Book.Ends(), l.Book.Quizzes()
	for _, r := range l.Book.References {
		if r.Law {
			o.laws = append(o.laws, r.Name)
			continue
		}
		o.references = append(o.references, r.Name)
	}
	o.topics = l.Book.Topics()
	for _, k := range content.Kinds {
		o.local = append(o.local, "local-"+k)
	}
	return o
}

// sorted puts names of several kinds into one order, each once.
func sorted(lists ...[]string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(lists...))))
}

// offering is a word for which names are offered.
func offering(word object, names ...[]string) object {
	return object{"anyOf": []object{{"enum": sorted(names...)}, word}}
}

// mapOf is a map with these names and no others.
func mapOf(description string, properties object, required ...string) object {
	out := object{"type": "object", "properties": properties, "additionalProperties": false}
	if description != "" {
		out["description"] = description
	}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// mapOfAny is a map of any names whose values are all alike. Some names are offered.
func mapOfAny(description string, value object, names ...[]string) object {
	out := object{"type": "object", "additionalProperties": value, "description": description}
	if len(names) > 0 {
		known := object{}
		for _, n := range sorted(names...) {
			known[n] = value
		}
		out["properties"] = known
	}
	return out
}

// refer keeps what many names share under one name, and points there.
func refer(defs object, name string, s object) object {
	defs[name] = s
	return object{"$ref": "#/$defs/" + name}
}

func says(description string, s object) object {
	out := maps.Clone(s)
	out["description"] = description
	return out
}

func listOf(item object) object { return object{"type": "array", "items": item} }

func oneOf(words ...string) object { return object{"enum": words} }

// single is one value; files may leave the quotes of a number out.
func single() object { return object{"type": []string{"string", "number", "boolean"}} }

// word is a single value that is not empty.
func word() object {
	out := single()
	out["minLength"] = 1
	return out
}

func wordsList(names ...[]string) object {
	if len(names) > 0 {
		return listOf(offering(single(), names...))
	}
	return listOf(single())
}

func flag() object { return object{"enum": []any{true, false, "true", "false"}} }

// whole is a number as [sheet.Node.Int] reads it.
func whole(least int, description string) object {
	pattern := "^[0-9]{1,2}$"
	if least > 0 {
		pattern = "^(0?[1-9]|[1-9][0-9])$"
	}
	return object{"type": []string{"integer", "string"}, "minimum": least, "maximum": 99, "pattern": pattern,
		"description": fmt.Sprintf("%s A whole number from %d to 99.", description, least)}
}

// phrase is a text that people read.
func phrase(most int, description string) object {
	return object{"type": []string{"string", "number", "boolean"}, "minLength": 1, "maxLength": most, "not": object{"type": "string", "pattern": "[0-9]/[0-9]"},
		"description": strings.TrimSpace(fmt.Sprintf("%s At most %d characters. Digits with a slash mean progress: write them in words.", description, most))}
}

func quizSchema(o offers) object {
	name := object{"type": []string{"string", "boolean"}, "pattern": nameForm}
	target := says("Where it leads: a step of this quiz further down, result (the counting rule decides), or an outcome that a flag of flags.yaml names. Left out, it is the step below.",
		offering(word(), []string{flows.Result}, o.outcomes, o.steps))
	known := wordsList(o.flags, o.checks, o.notes)
	condition := mapOf("The step is asked only then. Flags, checks and notes may be named.", object{
		"any":  says("At least one of these is known by then.", known),
		"none": says("None of these is known by then.", known),
		"from": says("The answers have come to this level.", oneOf("concern", "high"))})
	choice := mapOf("An answer that can be chosen.", object{
		"answer": says("A short name in small letters, digits and hyphens, at most 31 characters. The words on the button are in content/<language>/<quiz>.yaml. Where several can be ticked, none and unsure stand alone.",
			object{"anyOf": []object{oneOf("yes", "no", flows.Unsure, flows.None), name}, "not": oneOf("say", "why", "then", "short")}),
		"next":   target,
		"raises": says("Red flags of flags.yaml that this answer raises.", wordsList(o.flags)),
		"green":  says("Checks that the person has made, from green: in flags.yaml.", wordsList(o.checks)),
		"notes":  says("Plain facts, for conditions and places. A new name is a new note.", wordsList(o.notes)),
		"clears": says("Red flags that an earlier, wider answer raised and that are none after all, as a fee that turns out to be an embassy's. None of them stops or is strong.", wordsList(o.flags)),
		"closes": says("Points of risk.yaml that this answer settles in a good way. What is not settled stays open.", wordsList(o.points)),
		"stage":  says("How far things have come: a stage of risk.yaml.", offering(single(), o.stages)),
		"countries": says("On a question that asks in which country the job is: the countries that this answer covers, as DE and \"NO\". Each belongs to one answer.",
			listOf(object{"type": "string", "pattern": "^[A-Z]{2}$"})),
		"country": says("The one country the job is in by this answer, as LT, in place of countries.", object{"type": "string", "pattern": "^[A-Z]{2}$"}),
		"then":    says("false: the answer asks for nothing to do and has no words under then:. Only where the step says then: true.", flag()),
		"quiz":    says("The answer goes on with the questions of this quiz, in place of next.", offering(word(), o.quizzes)),
	}, "answer")
	step := mapOf("A question. Its words are in content/<language>/<quiz>.yaml.", object{
		"choices": object{"type": "array", "items": choice, "minItems": 1, "maxItems": flows.MaxChoices,
			"description": fmt.Sprintf("The answers, in the order people see them: 1 to %d.", flows.MaxChoices)},
		"several": says("true: several choices may be ticked.", flag()),
		"then":    says("true: each answer but none and unsure has words under then: that say what to do now; the result begins with them.", flag()),
		"always":  says("true: asked even when the answers have already reached the level of enough.", flag()),
		"when":    condition,
		"next":    target,
		"names":   says("A placeholder, as municipality: what the quiz says at its end then shows the label of the answer for {municipality}. Only where one answer is chosen.", name),
		"was": says("The name that the step had before, or a list of them. Answers given under an old name then count for this step.",
			object{"anyOf": []object{name, listOf(name)}}),
	}, "choices")
	return mapOf("A quiz: what is asked, where an answer leads, what it raises.", object{
		"menu":   whole(1, "Its place in the menu. A conversation begins with the first. Left out, the quiz is not offered there."),
		"person": says("self: people answer about themselves. other: somebody asks on behalf of another person; flags and results then have words of their own.", oneOf("self", "other")),
		"raises": says("Red flags that are known before the first answer.", wordsList(o.flags)),
		"notes":  says("Plain facts that are known before the first answer.", wordsList(o.notes)),
		"stage":  says("How far things have come before the first answer.", offering(single(), o.stages)),
		"settle": says("Points of risk.yaml that should be settled: one list, or a list for each stage. Without a sign that counts the level is low when they are, else there is not enough known.",
			object{"anyOf": []object{wordsList(o.points), mapOfAny("A list for each stage.", wordsList(o.points), o.stages)}}),
		"ask":     says("Points that a result names while they are open, in this order.", wordsList(o.points)),
		"private": says("false: the quiz begins without asking whether the person can read in peace.", flag()),
		"start":   says("The step that is asked first.", offering(name, o.steps)),
		"enough":  says("The level at which the quiz may end before all is asked.", oneOf("concern", "high", "emergency")),
		"steps": object{"type": "object", "minProperties": 1, "maxProperties": flows.MaxSteps, "additionalProperties": step,
			"propertyNames": object{"pattern": nameForm, "not": oneOf("name", "about", "results", "flags", flows.Result)},
			"description":   fmt.Sprintf("The questions in the order they are asked, at most %d, and at most %d on any way.", flows.MaxSteps, flows.MaxAsked)},
	}, "start", "steps")
}

// grades are the words for how much a flag weighs, from the heaviest.
var grades = []string{"emergency", "stop", "raise", "strong", "medium", "weak", "none"}

// moduleSchema is of a training for specialists.
func moduleSchema(o offers) object {
	taken := []string{"name", "about"}
	choice := mapOf("An answer that can be chosen.", object{
		"answer": says("A short name in small letters, digits and hyphens. Its words are in content/<language>/<module>.yaml.",
			object{"anyOf": []object{oneOf("yes", "no"), {"type": []string{"string", "boolean"}, "pattern": nameForm}}, "not": oneOf("say", "why", "case", "told")}),
		"right": says("true: this answer is recommended. At least one is, and not all are.", flag()),
	}, "answer")
	choices := object{"type": "array", "items": choice, "minItems": flows.FewestOptions, "maxItems": flows.MostOptions,
		"description": fmt.Sprintf("The answers, in the order people see them: %d to %d.", flows.FewestOptions, flows.MostOptions)}
	source := says("Where the explanation comes from: names of flows/references.yaml.", offeringList(o.references))
	source["minItems"] = 1
	names := object{"pattern": nameForm, "not": object{"enum": taken}}
	question := mapOf("A question that is asked before the cases and again after them.", object{"source": source, "choices": choices}, "source", "choices")
	law := says("What the law says about it: names of flows/references.yaml that have law: true.", offeringList(o.laws))
	of := mapOf("A case. Its explanation follows the answer.", object{"source": source, "choices": choices, "law": law,
		"topic": says("What the case is about; its words are in content/<language>/training.yaml.", offering(object{"type": "string", "pattern": nameForm}, o.topics))}, "source", "choices", "topic")
	return mapOf("A module of the training for specialists: questions, cases, and the same questions again.", object{
		"menu":  whole(1, "Its place among the modules."),
		"test":  object{"type": "object", "minProperties": 1, "additionalProperties": question, "propertyNames": names, "description": "Asked before and after, without a word in between."},
		"cases": object{"type": "object", "minProperties": 1, "additionalProperties": of, "propertyNames": names, "description": "The cases, in their order."},
	}, "menu", "test", "cases")
}

func offeringList(names []string) object {
	return object{"type": "array", "items": offering(single(), names)}
}

func referencesSchema() object {
	entry := mapOf("A document or a page.", object{
		"link":    says("Where it can be found. Left out where it is on no page.", object{"type": "string", "pattern": "^https?://"}),
		"seen":    says("What of it was read: the page, an abstract, or from memory and still to be looked up.", word()),
		"law":     object{"enum": []any{true, "true"}, "description": "true: it is what the law says, or a question about it. Its words are under laws: in content/<language>/training.yaml."},
		"read":    says("Of a law: the day on which the page was read.", word()),
		"checked": says("Of a law: no, or the day on which a lawyer checked what people read of it.", word()),
	}, "seen")
	out := mapOfAny("Where the explanations of the training come from.", entry)
	out["propertyNames"] = object{"pattern": nameForm}
	return out
}

func flagsSchema(o offers) object {
	entry := mapOf("A red flag. What it is called stands in content/<language>/flags.yaml.", object{
		"grade":   says("emergency: danger now, by itself. stop: high by itself. strong, medium, weak: counted by risk.yaml. raise: turns concern into high when a strong flag stands. none: it counts for nothing.", oneOf(grades...)),
		"from":    says("The stage of risk.yaml from which it has that grade.", offering(single(), o.stages)),
		"early":   says("Its grade before that stage, no heavier than the later one; none when it is left out.", oneOf(grades...)),
		"group":   says("Flags of one group follow from one fact and count as the heaviest of them.", single()),
		"basket":  says("Where it counts, as [D1]; risk.yaml says which baskets decide. At least one, but for the grades raise and none.", wordsList(o.baskets)),
		"about":   says("Points and good signs that say something of the same fact. Where the flag is a reason, a result leaves them out.", wordsList(slices.Concat(o.points, o.checks))),
		"source":  says("Where the rule comes from; (J) marks a judgement of ours.", word()),
		"outcome": says("An end of its own, outside the score.", offering(single(), o.outcomes)),
	}, "grade", "source")
	entry["if"] = object{"properties": object{"grade": oneOf("raise", "none")}}
	entry["else"] = object{"required": []string{"basket"}, "properties": object{"basket": object{"minItems": 1}}}
	entry["dependentRequired"] = object{"early": []string{"from"}}
	var early []object
	for i, g := range grades {
		early = append(early, object{"if": object{"properties": object{"grade": oneOf(g)}}, "then": object{"properties": object{"early": oneOf(grades[i:]...)}}})
	}
	entry["allOf"] = early
	defs := object{}
	flags := mapOfAny(fmt.Sprintf("The red flags, at most %d. Names in small letters, digits and hyphens.", flows.MaxFlags), refer(defs, "flag", entry))
	flags["propertyNames"] = object{"pattern": nameForm}
	flags["maxProperties"] = flows.MaxFlags
	out := mapOf("Every red flag and every check a person can make.", object{"flags": flags,
		"green": mapOfAny("Checks that a person has made. They cancel no flag.", mapOf("", object{"source": says("Where the rule comes from.", single())}))})
	out["$defs"] = defs
	return out
}

func riskSchema(o offers) object {
	line := mapOf("A basket with at least so many flags of each grade is positive.", object{"strong": whole(0, "Strong flags."), "medium": whole(0, "Medium flags."),
		"weak": whole(0, "Weak flags."), "medium_or_weak": whole(0, "Further flags, medium or weak.")})
	line["minProperties"] = 1
	baskets := wordsList(o.baskets)
	together := mapOf("Flags that mean more together: write raises, or lift with to.", object{
		"all":    says("Two or more flags, or notes of a quiz, that must all stand.", object{"type": "array", "items": offering(single(), o.flags, o.notes), "minItems": 2}),
		"raises": says("The flag that is then raised.", offering(single(), o.flags)),
		"lift":   says("The flag that then weighs more.", offering(single(), o.flags)),
		"to":     says("The grade that it then has.", oneOf(grades...)),
	}, "all")
	together["anyOf"] = []object{{"required": []string{"raises"}}, {"required": []string{"lift", "to"}}}
	return mapOf("How the flags are weighed.", object{
		"positive":   object{"type": "array", "items": line, "minItems": 1, "description": "A basket is positive as soon as one line is met."},
		"deciding":   says("A positive one of these baskets means the level high.", baskets),
		"supporting": says("Baskets that change the advice and never the level.", baskets),
		"aside": mapOf("Baskets that count as some concern, and alone lead to an end of their own.", object{"baskets": says("The baskets.", baskets),
			"with":    says("Deciding baskets: beside a positive basket aside, one strong or medium flag of these means high.", baskets),
			"outcome": says("The name of that end; its words are in content/<language>/results.yaml.", object{"type": "string", "pattern": nameForm, "not": oneOf("low", "unknown", "concern", "high", "emergency")})}, "outcome"),
		"concern":  mapOf("The level concern, from any of these numbers on.", object{"medium": whole(1, "Flags that are medium or strong."), "weak": whole(1, "Weak flags.")}, "medium", "weak"),
		"stages":   says("How far things can have come, from the earliest.", wordsList()),
		"points":   says("What should be known. A choice names one under closes:, and a quiz under settle:.", wordsList()),
		"together": says("Flags that mean more together.", listOf(together)),
	}, "positive", "concern")
}

func placesSchema(o offers) object {
	number := object{"type": []string{"string", "integer"}, "pattern": `^(\+[1-9][0-9]{6,14}|[0-9]{3,6})$`, "minimum": 100, "maximum": 999999,
		"description": "As dialled from abroad, in quotes and without spaces, as \"+37061691119\"; or a short number of 3 to 6 digits."}
	hours := word()
	hours["not"] = object{"type": "string", "pattern": "[0-9]/[0-9]"}
	entry := mapOf("A place that can be called. Its name is in content/<language>/places.yaml.", object{
		"number":     number,
		"inside":     says("How a long number is dialled inside its country, grouped as people write it there, as \"0 616 91119\". It is shown first to whoever is there, and its groups are shown everywhere.", object{"type": "string", "pattern": "^[0-9]+( [0-9]+)*$"}),
		"from":       says("Where the number works; country: only inside the country named beside it.", oneOf("anywhere", "eu", "lithuania", "country")),
		"country":    says("Whose number it is, as ISO 3166 writes it: DE, NO (in quotes). Left out: Lithuania's own, or shared by several.", object{"type": "string", "pattern": "^[A-Z]{2}$"}),
		"kind":       says("What it is in its country.", oneOf(content.Kinds...)),
		"hours":      says("always (round the clock), unknown, or days and times.", hours),
		"languages":  says("Languages that are spoken there, as [lt, en].", wordsList(o.languages)),
		"confidence": says("A: official and recent. B: one good source, or an older one. C: unconfirmed.", offering(single(), []string{"A", "B", "C"})),
		"source":     says("Where the number was found: the address of the page.", word()),
		"dated":      says("The date that the source bears, as 2025-10-18, 2025-10 or 2025, in quotes if it is a year alone; or unknown.", object{"type": []string{"string", "integer"}, "pattern": "^(unknown|[12][0-9]{3}(-[0-9]{2}(-[0-9]{2})?)?)$", "minimum": 1900, "maximum": 2999}),
		"seen":       says("When somebody looked at the source, as 2026-11-26, or 2026-11 where the day is not known.", object{"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?$"}),
		"also":       says("A second source, independent of the first: the address of its page.", word()),
		"tested":     says("The day of the last test call, as 2026-05-01, or never.", word()),
		"confirm":    says("true: the number itself is still to be confirmed. Nobody is shown it until then.", flag()),
		"named":      says("true: those who ordered the service name the number, so it is shown although it is to be confirmed.", flag()),
		"near":       says("Shown to people for whom a quiz noted one of these. Left out, it is shown to all.", wordsList(o.notes)),
	}, "number", "from", "hours", "source", "tested")
	lists := mapOf("The places that are shown, the first one first. One of them begins with +370 and works there.", object{
		"lithuania": says("For people in Lithuania.", wordsList(o.places)),
		"elsewhere": says("For people elsewhere.", wordsList(o.places)),
		"country":   says("For people who chose a country: places, and every place of a kind in it, as local-helpline.", wordsList(o.places, o.local))}, "lithuania", "elsewhere")
	defs := object{}
	order := refer(defs, "order", lists)
	out := mapOf("Every number that a person may be shown.", object{
		"places":  mapOfAny("The places. Texts name them as {place}, never by their number.", entry),
		"without": mapOfAny("Why a country that can be chosen has no line of its own, by its code, and when one was looked for.", word()),
		"registers": mapOfAny("Where the companies of a country can be looked up, by its code.", object{"type": "array", "minItems": 1, "items": mapOf("A public list of companies.", object{
			"name": says("As it is called there.", word()), "address": object{"type": "string", "pattern": "^https://"},
			"source": says("Where the address was found.", word()), "seen": object{"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "description": "When, as 2026-11."}}, "name", "address", "source", "seen")}),
		"wages": mapOfAny("The least that an adult may be paid in a country for full-time work, before tax, by its code.", object{"type": "object", "additionalProperties": false,
			"description": "A sum for a month or for an hour, or agreed: true.", "required": []string{"source", "seen"}, "properties": object{
				"month":    object{"type": "number", "minimum": 1, "maximum": 1e7, "description": "For a month, as 1153; extra payments of the year are counted in."},
				"hour":     object{"type": "number", "minimum": 1, "maximum": 1e7, "description": "For an hour, as 7.05."},
				"currency": object{"type": "string", "pattern": "^[A-Z]{3}$", "description": "As EUR."},
				"since":    object{"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "description": "When it came into force, as 2026-01."},
				"agreed":   object{"enum": []any{true, "true"}, "description": "true: no law sets it, trades agree on their own."},
				"source":   object{"type": "string", "pattern": "^https://", "description": "The address where it was read."},
				"seen":     object{"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "description": "When, as 2026-11."}}}),
		"countries": mapOfAny("The countries that a person can choose, by their codes; beside each, what else people call it.", wordsList()),
		"order":     mapOfAny("Who comes first: for each outcome, for numbers (the page of all numbers), for all outcomes of a quiz but an emergency, or for one outcome of a quiz, as helper-rights.", order, o.ends, []string{"numbers"}, o.quizzes)})
	out["$defs"] = defs
	return out
}

// answersSchema is of the sets of answers that package story plays.
func answersSchema(o offers) object {
	defs := object{}
	picked := refer(defs, "picked", says("The answers that are chosen, by their short names; none: the step is skipped.", wordsList()))
	answers := func(description string) object { return mapOfAny(description, picked, o.steps) }
	set := mapOf("A set of answers and what it should come to.", object{
		"about":   says("What the set is about, for whoever reads that it came to something else.", word()),
		"quiz":    says("The quiz that is played, in place of the file's.", offering(word(), o.quizzes)),
		"readers": says("The level that careful readers of a real case came to. The program is measured against it and need not equal it.", offering(word(), o.ends)),
		"answers": answers("The answers to some steps, in place of those of base."),
		"result":  says("The level or outcome that it should come to.", offering(word(), o.ends)),
		"reasons": says("Every flag that should be a reason, in any order. Left out, the reasons are not looked at.", wordsList(o.flags)),
	}, "about", "result")
	out := mapOf("Sets of answers, each played in every language by patikra test.", object{
		"quiz": says("The quiz that is played.", offering(word(), o.quizzes)),
		"base": answers("The answers that all sets begin from. A step that is named nowhere is skipped."),
		"sets": says("The sets.", listOf(set)),
	}, "quiz")
	out["$defs"] = defs
	return out
}

func countriesSchema() object {
	properties := object{}
	for _, n := range countryTexts {
		properties[n] = phrase(content.Most("countries."+n), "")
	}
	properties["days"] = object{"type": "array", "items": phrase(content.MaxText, ""), "minItems": 7, "maxItems": 7, "description": "The days of the week beside hours, from Monday."}
	properties["names"] = mapOfAny("What each country is called, by its code.", phrase(content.Most("countries.names.DE"), ""))
	return mapOf("Choosing the country in which a person is.", properties, sorted(slices.Collect(maps.Keys(properties)))...)
}

func deskSchema(o offers) object {
	day := "(mon|tue|wed|thu|fri|sat|sun)"
	return mapOf("When counsellors answer, in which languages, and how soon.", object{
		"zone":         says("The time zone of the hours, as Europe/Vilnius.", word()),
		"hours":        says("Days and times as \"mon-fri 09:00-17:00\", each on a line of its own; times up to 24:00.", listOf(object{"type": "string", "pattern": "^" + day + "(-" + day + ")? [0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"})),
		"holidays":     says("Days without counsellors, in quotes: \"12-25\" every year, \"2027-03-28\" once.", listOf(object{"type": "string", "pattern": `^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`})),
		"first-answer": says("How long a person waits before the counsellors are called again: from 1s to 24h, as 5m.", object{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(h|m|s))+$`}),
		"keep":         says("Days that a conversation stays after it was closed: 1 to 90.", object{"type": []string{"integer", "string"}, "minimum": 1, "maximum": 90, "pattern": "^0*([1-9]|[1-8][0-9]|90)$"}),
		"language":     says("The language of the cards and notices at the desk.", offering(single(), o.languages)),
		"languages":    says("Languages that the counsellors speak with people.", wordsList(o.languages)),
		"lead":         says("Who is called when nobody answers, in quotes, as \"@name\" on Telegram.", object{"type": "string", "pattern": "^@[A-Za-z0-9_]{3,32}$"}),
		"regions":      says("Municipalities that the desk serves, which people read before they agree; an empty list means all.", wordsList()),
	})
}

func siteSchema() object {
	link := object{"type": "string", "pattern": `^(https://[a-zA-Z0-9.-]+(:[0-9]+)?(/[^\s"<>]*)?)?$`}
	film := object{"type": "string", "pattern": `^([a-z0-9-]{1,60}\.(mp4|webm)|https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?/[^\s"<>?#;,]*\.(mp4|webm))?$`}
	return mapOf("What the web page says about itself.", object{
		"name":      says("Who is behind the page.", word()),
		"link":      says("Their own page, an address that begins with https://.", link),
		"exit":      says("Where the quick exit leads: an ordinary page that begins with https://.", link),
		"telegram":  says("The bot on Telegram, as https://t.me/name.", link),
		"messenger": says("The page on Messenger, as https://m.me/name.", link),
		"contact": says("How people reach whoever is behind the page, as mailto:name@example.lt, tel:+370... or https://...",
			object{"type": "string", "pattern": `^((https://[a-zA-Z0-9.-]+(:[0-9]+)?(/[^\s"<>]*)?)|(mailto:[a-zA-Z0-9._+-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+)|(tel:\+[0-9]{7,15}))?$`}),
		"security": says("Whom to tell of a fault in the program, as mailto:name@example.lt or https://... It stands at /.well-known/security.txt.",
			object{"type": "string", "pattern": `^((https://[a-zA-Z0-9.-]+(:[0-9]+)?(/[^\s"<>]*)?)|(mailto:[a-zA-Z0-9._+-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+))?$`}),
		"film": says("A film in content/film, as film.mp4, or its address.", film), "call-film": says("A short film of what happens when somebody calls: a file in content/film or its address.", film),
		"frames": says("Sites, as https://www.example.lt, that may show a talk with a counsellor in a frame. Anybody may frame the questions.",
			object{"type": "array", "items": object{"type": "string", "pattern": `^https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?$`}}),
	}, "name")
}

// campaignsSchema is of the ways by which people hear of the page.
func campaignsSchema(o offers) object {
	day := object{"type": "string", "pattern": `^([0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$`}
	name := word()
	name["maxLength"] = 60
	entry := mapOf("A campaign.", object{
		"channel":  says("What it goes through.", oneOf(content.Channels...)),
		"name":     says("What colleagues call it; people do not see it. At most 60 characters.", name),
		"region":   says("The municipality or town, if it is one.", object{"type": "string", "maxLength": 60}),
		"language": says("That its short address and its poster begin in.", offering(word(), o.languages)),
		"from":     says("The first day on which it is counted, as 2027-01-31.", day),
		"until":    says("The last day on which it is counted.", day),
	}, "channel", "name")
	out := mapOfAny("Each way by which people hear of the page, by the code that stands in its links.", entry)
	out["propertyNames"] = object{"pattern": `^[a-z0-9-]{1,32}$`}
	return out
}

func municipalitiesSchema(o offers, l *Library) object {
	names := slices.Sorted(maps.Keys(l.Municipalities()))
	kinds := wordsList(content.OfficeKinds)
	office := mapOf("Whom a municipality turns to.", object{
		"kind":       says("What it is.", oneOf(content.OfficeKinds...)),
		"for":        says("The municipalities that it serves, or all of them.", wordsList(append([]string{"all"}, names...))),
		"at":         says("The municipality in which it is.", offering(word(), names)),
		"place":      says("The place of places.yaml whose number it has.", offering(word(), o.places)),
		"number":     says("As it is dialled from abroad. Left out where nobody has found it.", object{"type": "string", "pattern": `^\+[1-9][0-9]{6,14}$`}),
		"inside":     says("As it is dialled in Lithuania, grouped as people write it.", word()),
		"hours":      says("always, unknown, or days and times.", word()),
		"confidence": says("A official and recent, B one good or an older source, C unconfirmed.", offering(single(), []string{"A", "B", "C"})),
		"source":     says("The address of the page that tells of it.", word()),
		"dated":      says("The date that the source bears, or unknown.", object{"type": []string{"string", "integer"}}),
		"seen":       says("When somebody read the source, as 2026-11-26, or 2026-11.", object{"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?$"}),
		"tested":     says("The day of the last test call, or never.", word()),
	}, "kind", "for", "source", "seen")
	return mapOf("Whom a specialist of each municipality turns to.", object{
		"municipalities": says("All of them, as the quiz for helpers calls them.", wordsList(names)),
		"order":          mapOfAny("Which kinds are shown after a result, in their order; otherwise: where the result has no list; pocket: on the card.", kinds, o.ends, []string{"otherwise", PocketPath}),
		"offices":        mapOfAny("The offices, each with its source.", office),
	}, "municipalities", "order", "offices")
}

func municipalityTextsSchema() object {
	properties := object{}
	for _, n := range municipalityTexts {
		properties[n] = phrase(content.MaxText, "")
		if isList("municipalities." + n) {
			properties[n] = object{"type": "array", "minItems": 1, "items": phrase(content.MaxText, "")}
		}
	}
	kinds := object{}
	for _, k := range content.OfficeKinds {
		kinds[k] = mapOf("A kind of office.", object{"name": phrase(content.MaxText, "What it is called."), "ask": phrase(content.MaxText, "Whom to ask where its number is not known."),
			"note": phrase(content.MaxText, "What matters about it.")}, "name", "ask", "note")
	}
	properties["kinds"] = mapOf("What each kind of office is called.", kinds, content.OfficeKinds...)
	return mapOf("Who helps a specialist in their municipality, and the pocket card.", properties, sorted(slices.Collect(maps.Keys(properties)))...)
}

func languageSchema(o offers) object {
	return mapOf("Whether people are shown the language, and of which other language it is an easy-to-read variant.", object{
		"of":      says("The language whose texts these say more simply, as lt for lt-easy. What has no simple words is borrowed from it.", object{"type": "string", "pattern": "^[a-z]{2,3}$"}),
		"quizzes": says("The quizzes that are said simply. patikra check refuses what they lack.", wordsList(o.quizzes)),
		"usual":   says("What a person reads where a quiz begins that is not said simply.", word()),
		"gone":    says("What is taken from people of this language on purpose, though they read it now, as job-offer.pay.why. Take a name out again when its text is back.", object{"type": "array", "items": object{"type": "string"}}),
		"ready":   says("yes: people can choose the language, and patikra check refuses what is missing. no: nobody is shown it yet.", object{"enum": []any{"yes", "no", true, false, "true", "false"}})}, "ready")
}

func sourcesSchema() object {
	return mapOfAny("From which wording of the source each text was translated. The program writes this file.", object{"type": "string", "pattern": "^([a-z]{8})?$"})
}

// forms is a text that counts: one text, or one for each group of numbers.
func forms(most int) object {
	properties := object{}
	for _, f := range [...]string{"zero", "one", "two", "few", "many", "other"} {
		properties[f] = phrase(most, "For the numbers that take this form.")
	}
	m := mapOf("A text for each group of numbers of the language.", properties)
	m["minProperties"] = 1
	return object{"anyOf": []object{phrase(most, "For all numbers."), m}}
}

// namedTexts is a file with exactly these texts.
func namedTexts(base, description string, names []string) object {
	properties, defs := object{}, object{}
	for _, n := range names {
		full := base + "." + n
		most := content.Most(full)
		text := refer(defs, fmt.Sprintf("text-%d", most), phrase(most, ""))
		switch {
		case isList(full):
			properties[n] = object{"type": "array", "items": text, "minItems": 1, "description": "As many lines in every language."}
		case slices.Contains(counting, full):
			properties[n] = refer(defs, "forms", forms(most))
		default:
			properties[n] = text
		}
	}
	out := mapOf(description, properties, sorted(names)...)
	out["$defs"] = defs
	return out
}

func chatSchema() object {
	out := namedTexts("chat", "Everything the conversation itself says.", chatTexts)
	words := object{}
	for _, m := range meanings {
		words[m] = says("Each word has one meaning only.", wordsList())
	}
	out["properties"].(object)["words"] = mapOf("Plain words that may be written instead of pressing a button.", words)
	return out
}

// wordsSchema are what people write in their own words.
func wordsSchema() object {
	kinds := object{}
	for kind, description := range map[string]string{
		"despair":  "Phrases of somebody who wants to die, or to hurt themselves; heard as danger, and answered with the lines that listen. They are written as those of danger.",
		"danger":   "Phrases of somebody who is hurt, held, threatened or afraid. Their words may stand in any order, close together; * is any ending, | stands between words of which one is enough, = at the beginning says that nothing else is said.",
		"harmless": "Phrases in which words of danger, or of an answer, mean something else.", "human": "Phrases of somebody who wants to talk to a person.",
		"yes": "Phrases that say yes in a sentence.", "no": "Phrases that say no in a sentence.", "unsure": "Phrases that say I do not know in a sentence.",
		"not": "Words that turn the next one round: not, nobody.", "common": "Frequent words by which the language is known.",
		"age": "Words beside a number that make it an age.", "fill": "Words that change nothing, as please.",
		"numbers":  "Numbers in words, from which an age is read, each with the number first: 16 sixteen. Those below 8 count only behind the tens.",
		"ordinals": "Places of answers in words, each with the number first: 1 first|1st.",
		"below":    "Words that make 18 less than 18: under, almost, not yet.", "kin": "Words of somebody else whose age it may be: son, sister.",
		"since": "Words beside a number of years that is no age: experience.", "and": "Words between answers of which all are meant: and.",
	} {
		kinds[kind] = object{"type": "array", "items": phrase(content.MaxText, ""), "minItems": 1, "description": description}
	}
	return mapOf("What people write in their own words.", kinds, "danger")
}

func repliesSchema() object {
	return mapOf("Prepared answers of the counsellors.", object{"texts": object{"type": "array", "items": phrase(content.MaxText, ""), "minItems": 1,
		"description": "As many in every language, in the same order."}}, "texts")
}

func protocolsSchema() object {
	one := mapOf("A protocol.", object{"title": phrase(content.MaxText, "When somebody needs it, in a few words."), "when": phrase(content.MaxText, "How it is known that it is needed."),
		"steps": object{"type": "array", "items": phrase(content.MaxText, "One thing to say or do."), "minItems": 1, "description": "As many in every language, in the same order. Phone numbers only as {emergency}, {helpline}, {child}, {hope} or {youth}."}},
		"title", "when", "steps")
	defs, known := object{}, object{}
	ref := refer(defs, "protocol", one)
	for _, name := range ownProtocols {
		known[name] = ref
	}
	return object{"type": "object", "description": "What a counsellor says and does step by step where a wrong word can hurt. Any other name is one that is opened by hand.",
		"properties": known, "additionalProperties": ref, "required": slices.Sorted(slices.Values(ownProtocols)), "propertyNames": object{"pattern": nameForm}, "$defs": defs}
}

// flagWords are the words of a red flag.
func flagWords(required ...string) object {
	return mapOf("How a sign is explained.", object{"name": phrase(content.MaxText, "What it is called."), "why": phrase(content.MaxText, "Why it matters."), "do": phrase(content.MaxText, "What to do.")}, required...)
}

func flagTextsSchema(o offers) object {
	defs := object{}
	flag, either := refer(defs, "flag", flagWords("name", "why", "do")), refer(defs, "either", flagWords("name"))
	check := refer(defs, "check", mapOf("How a check is called.", object{"name": phrase(content.MaxText, "What it is called.")}, "name"))
	out := mapOf("How each sign is explained to a person.", object{
		"flags": mapOfAny("The red flags of flows/flags.yaml.", flag, o.flags),
		"green": mapOfAny("The checks of flows/flags.yaml.", check, o.checks),
		"points": mapOfAny("The points of flows/risk.yaml: what is worth finding out, and in which words to ask.",
			mapOf("A point.", object{"name": phrase(content.MaxText, "What it is."), "ask": phrase(content.MaxText, "The words to ask with, or what to do.")}, "name", "ask"), o.points),
		"other": mapOfAny("Flags and checks where somebody asks on behalf of another person. A check has a name only.", either, o.flags, o.checks)})
	out["$defs"] = defs
	return out
}

// endWords are the words of an end.
func endWords() object {
	line := phrase(content.MaxText, "What to do next.")
	return mapOf("An end.", object{"title": phrase(content.MaxText, "The level in a few words, never a verdict."), "text": phrase(content.MaxText, "What it means."),
		"next": object{"type": "array", "items": line, "minItems": 1}}, "title", "text", "next")
}

func resultsSchema(o offers) object {
	defs := object{}
	out := mapOfAny("What a person reads at the end, for each level and outcome.", refer(defs, "end", endWords()), o.ends)
	out["$defs"] = defs
	return out
}

func placeNamesSchema(o offers) object {
	entry := object{"type": "object", "required": []string{"name"}, "additionalProperties": phrase(content.MaxText, ""),
		"properties": object{"name": phrase(content.MaxText, "What the place is called."), "note": phrase(content.MaxText, "What matters about it.")}}
	defs := object{}
	out := mapOfAny("What the places that can be called are named.", refer(defs, "place", entry), o.places)
	out["$defs"] = defs
	return out
}

func quizTextsSchema(o offers) object {
	step := object{"type": "object", "required": []string{"say", "why"}, "description": "A step of the quiz.",
		"properties": object{"say": phrase(content.MaxText, "The question: 15 words or fewer."), "why": phrase(content.MaxText, "Why it is asked."),
			"then":  mapOfAny("What to do now, for each answer. Only where the step says then: true.", phrase(content.MaxText, "")),
			"short": mapOfAny(fmt.Sprintf("Short forms of labels with more than %d characters, for Messenger, where one answer is taken: neither more nor less grave than the label.", content.MaxQuickReply), phrase(content.MaxQuickReply, "The short form of an answer."))},
		"additionalProperties": phrase(content.MaxLabel, "The label of an answer.")}
	defs := object{}
	out := mapOfAny("The words of a quiz, step by step.", step)
	flag, end := refer(defs, "flag", flagWords("name", "why", "do")), refer(defs, "end", endWords())
	out["$defs"] = defs
	out["properties"] = object{
		"name":    phrase(content.MaxLabel, "What the quiz is called in the menu."),
		"about":   phrase(content.MaxText, "For whom the quiz is."),
		"flags":   mapOfAny("Words for red flags that this quiz has in place of those in flags.yaml.", flag, o.flags),
		"results": mapOfAny("Words for ends that this quiz has in place of those in results.yaml.", end, o.ends)}
	out["required"] = []string{"about", "name"}
	return out
}

func trainingSchema(o offers) object {
	properties, phrases := object{}, func(group string, names []string) object {
		known := object{}
		for _, n := range names {
			known[n] = phrase(content.Most("training."+group+"."+n), "")
		}
		return object{"type": "object", "properties": known, "additionalProperties": phrase(content.Most("training."+group+".x"), "")}
	}
	for _, n := range trainingTexts {
		properties[n] = phrase(content.Most("training."+n), strings.Join(append([]string{}, trainingPlaceholders[n]...), " "))
	}
	properties["topics"] = says("What the cases are about.", phrases("topics", o.topics))
	properties["laws"] = says("What each law of flows/references.yaml says.", phrases("laws", o.laws))
	properties["references"] = says("What each source of flows/references.yaml is called.", phrases("references", o.references))
	return mapOf("What all modules of the training say: menu, end, certificate.", properties, sorted(slices.Collect(maps.Keys(properties)))...)
}

func moduleTextsSchema() object {
	defs := object{}
	told := refer(defs, "told", mapOfAny("What is told after each answer to a case.", phrase(content.MaxText, "")))
	step := object{"type": "object", "required": []string{"case", "say"}, "description": "A question or a case.",
		"properties": object{"case": phrase(content.MaxText, "The situation: two to four sentences."), "say": phrase(content.MaxText, "The question about it."),
			"why": phrase(content.MaxText, "Of a question: told at the very end."), "told": told},
		"additionalProperties": phrase(content.MaxLabel, "The label of an answer.")}
	out := mapOfAny("The words of a training module, step by step.", step)
	out["$defs"] = defs
	out["properties"] = object{"name": phrase(content.MaxLabel, "What the module is called."), "about": phrase(content.MaxText, "What it is about.")}
	out["required"] = []string{"about", "name"}
	return out
}
