package bot

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

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
func Schemas() []Schema {
	kinds := map[string]object{
		"quiz": quizSchema(), "flags": flagsSchema(), "risk": riskSchema(),
		"places": placesSchema(), "desk": deskSchema(), "site": siteSchema(), "language": languageSchema(), "sources": sourcesSchema(),
		"texts-chat": chatSchema(), "texts-web": namedTexts("web", "What the web page says.", webTexts), "texts-desk": namedTexts("desk", "The talk with a counsellor.", deskTexts),
		"texts-console": namedTexts("console", "The counsellors' page.", consoleTexts), "texts-replies": repliesSchema(),
		"texts-flags": flagTextsSchema(), "texts-results": resultsSchema(), "texts-places": placeNamesSchema(), "texts-quiz": quizTextsSchema(),
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
			panic(err) // it is made of maps and words alone
		}
		dir := "content/schema/"
		if kind == "quiz" || kind == "flags" || kind == "risk" {
			dir = "flows/schema/"
		}
		out = append(out, Schema{kind, dir + kind + ".json", b.Bytes()})
	}
	return out
}

const nameForm = "^[a-z][a-z0-9-]{0,30}$"

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

// mapOfAny is a map of any names whose values are all alike.
func mapOfAny(description string, value object) object {
	out := object{"type": "object", "additionalProperties": value}
	if description != "" {
		out["description"] = description
	}
	return out
}

func says(description string, s object) object {
	out := maps.Clone(s)
	out["description"] = description
	return out
}

func listOf(item object) object { return object{"type": "array", "items": item} }

func oneOf(words ...string) object { return object{"enum": words} }

// word is a single value; files may leave the quotes of a number out.
func word() object { return object{"type": []string{"string", "number", "boolean"}, "minLength": 1} }

func wordsList() object { return listOf(word()) }

func flag() object { return object{"enum": []any{true, false, "true", "false"}} }

func whole(least int) object { return object{"type": "integer", "minimum": least, "maximum": 99} }

// phrase is a text that people read.
func phrase(most int) object {
	return object{"type": []string{"string", "number", "boolean"}, "minLength": 1, "maxLength": most, "not": object{"type": "string", "pattern": "[0-9]/[0-9]"}}
}

func quizSchema() object {
	name := object{"type": []string{"string", "boolean"}, "pattern": nameForm}
	target := says("A step of this quiz, result, or an outcome that a flag names.", word())
	condition := mapOf("Asked only then; flags, checks and notes may be named.", object{"any": says("At least one of these is known.", wordsList()), "none": says("None of these is known.", wordsList())})
	choice := mapOf("", object{
		"answer": says("A short name; its words are in content/<language>/<quiz>.yaml.", object{"type": []string{"string", "boolean"}, "pattern": nameForm, "not": oneOf("say", "why")}),
		"next":   target, "raises": says("Red flags of flags.yaml.", wordsList()), "green": says("Checks the person has made.", wordsList()),
		"notes": says("Plain facts.", wordsList()), "unknown": says("Key checks that stay open.", wordsList()),
		"unticked": says("Red flags that are raised when the choice is left unticked.", wordsList()),
	}, "answer")
	step := mapOf("", object{"choices": object{"type": "array", "items": choice, "minItems": 1, "maxItems": flows.MaxChoices}, "several": says("Several choices may be ticked.", flag()),
		"always": says("Asked even when the answers have already reached enough.", flag()), "when": condition, "next": target}, "choices")
	return mapOf("A quiz: what is asked, where an answer leads, what it raises.", object{"start": says("The first step.", name), "enough": says("The level at which the quiz may end.", oneOf("concern", "high", "emergency")),
		"steps": object{"type": "object", "minProperties": 1, "maxProperties": flows.MaxSteps, "propertyNames": object{"pattern": nameForm, "not": oneOf("result")}, "additionalProperties": step}}, "start", "steps")
}

func flagsSchema() object {
	entry := mapOf("", object{"grade": oneOf("emergency", "stop", "strong", "medium", "weak", "raise"), "basket": says("Where it counts, as [D1].", wordsList()),
		"source": says("Where the rule comes from; (J) is a judgement of ours.", word()), "outcome": says("An end of its own, outside the score.", word())}, "grade", "source")
	entry["if"] = object{"properties": object{"grade": object{"const": "raise"}}}
	entry["else"] = object{"required": []string{"basket"}, "properties": object{"basket": object{"minItems": 1}}}
	flags := mapOfAny("The red flags.", entry)
	flags["propertyNames"] = object{"pattern": nameForm}
	return mapOf("Every red flag and every check a person can make.", object{"flags": flags, "green": mapOfAny("Checks a person has made.", mapOf("", object{"source": word()}))})
}

func riskSchema() object {
	line := mapOf("", object{"strong": whole(0), "medium": whole(0), "weak": whole(0), "medium_or_weak": whole(0)})
	line["minProperties"] = 1
	grade := oneOf("emergency", "stop", "strong", "medium", "weak", "raise")
	together := mapOf("Flags that mean more together.", object{"all": says("Flags, or notes of a quiz.", object{"type": "array", "items": word(), "minItems": 2}), "raises": word(), "lift": word(), "to": grade}, "all")
	together["anyOf"] = []object{{"required": []string{"raises"}}, {"required": []string{"lift", "to"}}}
	return mapOf("How the flags are weighed.", object{
		"positive": says("A basket is positive as soon as one line is met.", object{"type": "array", "items": line, "minItems": 1}), "deciding": wordsList(), "supporting": wordsList(),
		"concern": mapOf("From how many on.", object{"strong_or_medium": whole(1), "weak": whole(1), "unknown": whole(1)}, "strong_or_medium", "weak", "unknown"),
		"low":     mapOf("", object{"green": whole(1)}, "green"), "key_checks": wordsList(), "together": listOf(together)}, "positive", "concern", "low")
}

func placesSchema() object {
	number := object{"type": []string{"string", "integer"}, "pattern": `^(\+[1-9][0-9]{6,14}|[0-9]{3,6})$`, "minimum": 100, "maximum": 999999, "description": "As dialled from abroad, in quotes, or a short number."}
	entry := mapOf("", object{"number": number, "from": says("Where the number works.", oneOf("anywhere", "eu", "lithuania")),
		"hours":     says("always, unknown, or days and times.", object{"type": "string", "minLength": 1, "not": object{"pattern": "[0-9]/[0-9]"}}),
		"languages": wordsList(), "confidence": says("A official and recent, B one good or an older source, C unconfirmed.", word()), "source": word(),
		"tested": says("The day of the last test call as 2026-05-01, or never.", word()), "confirm": says("The number itself is to be confirmed.", flag())},
		"number", "from", "hours", "source", "tested")
	order := mapOf("", object{"lithuania": wordsList(), "elsewhere": wordsList()}, "lithuania", "elsewhere")
	return mapOf("Every number a person may be shown.", object{"places": mapOfAny("", entry), "order": mapOfAny("Who comes first, for each outcome and for where the person is.", order)})
}

func deskSchema() object {
	return mapOf("When counsellors answer, in which languages, and how soon.", object{
		"zone":         says("A time zone as Europe/Vilnius.", word()),
		"hours":        listOf(object{"type": "string", "pattern": `^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))? [0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$`}),
		"holidays":     listOf(object{"type": "string", "pattern": `^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`}),
		"first-answer": says("After how long the counsellors are called again, as 5m.", object{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(h|m|s))+$`}),
		"keep":         says("Days that a conversation stays after it was closed.", object{"type": "integer", "minimum": 1, "maximum": 90}),
		"language":     says("Of the cards and notices at the desk.", word()), "languages": wordsList(),
		"lead": object{"type": "string", "pattern": "^@[A-Za-z0-9_]{3,32}$"}, "regions": wordsList()})
}

func siteSchema() object {
	link := object{"type": "string", "pattern": `^https://[a-zA-Z0-9.-]+(:[0-9]+)?(/[^\s"<>]*)?$`}
	return mapOf("What the web page says about itself.", object{"name": says("Who is behind it.", word()), "link": says("Their own page.", link),
		"exit": says("Where the quick exit leads.", link), "telegram": link, "messenger": link}, "name")
}

func languageSchema() object {
	return mapOf("Whether people are shown the language.", object{"ready": object{"enum": []any{"yes", "no", true, false, "true", "false"}}}, "ready")
}

func sourcesSchema() object {
	return mapOfAny("From which wording of the source each text was translated. The program writes it.", object{"type": "string", "pattern": "^[a-z]{8}$"})
}

// forms is a text that counts: one text, or one for each group of numbers.
func forms() object {
	properties := object{}
	for _, f := range [...]string{"zero", "one", "two", "few", "many", "other"} {
		properties[f] = phrase(content.MaxText)
	}
	m := mapOf("For each group of numbers of the language.", properties)
	m["minProperties"] = 1
	return object{"anyOf": []object{phrase(content.MaxText), m}}
}

// textLists are the texts that are lists of texts.
var textLists = []string{"hours", "voice", "else", "days", "words"}

// namedTexts is a file with exactly these texts.
func namedTexts(base, description string, names []string) object {
	properties := object{}
	for _, n := range names {
		full := base + "." + n
		switch {
		case base == "desk" && slices.Contains(textLists, n):
			properties[n] = object{"type": "array", "items": phrase(content.MaxText), "minItems": 1}
		case slices.Contains(counting, full):
			properties[n] = forms()
		default:
			properties[n] = phrase(content.Most(full))
		}
	}
	required := slices.Clone(names)
	slices.Sort(required)
	return mapOf(description, properties, required...)
}

func chatSchema() object {
	properties := object{}
	for _, n := range chatTexts {
		properties[n] = phrase(content.Most("chat." + n))
		if slices.Contains(counting, "chat."+n) {
			properties[n] = forms()
		}
	}
	words := object{}
	for _, m := range meanings {
		words[m] = wordsList()
	}
	properties["words"] = mapOf("Plain words that may be written instead of pressing a button.", words)
	required := slices.Clone(chatTexts)
	slices.Sort(required)
	return mapOf("Everything the conversation itself says.", properties, required...)
}

func repliesSchema() object {
	return mapOf("Prepared answers of the counsellors.", object{"texts": object{"type": "array", "items": phrase(content.MaxText), "minItems": 1}}, "texts")
}

func flagTextsSchema() object {
	text := phrase(content.MaxText)
	return mapOf("How each sign is explained to a person.", object{"flags": mapOfAny("", mapOf("", object{"name": text, "why": text, "do": text}, "name", "why", "do")),
		"green": mapOfAny("", mapOf("", object{"name": text}, "name"))}, "flags", "green")
}

func resultsSchema() object {
	text := phrase(content.MaxText)
	next := object{"anyOf": []object{text, {"type": "array", "items": text, "minItems": 1}}}
	return mapOfAny("What a person reads at the end.", mapOf("", object{"title": text, "text": text, "next": next}, "title", "text", "next"))
}

func placeNamesSchema() object {
	text := phrase(content.MaxText)
	entry := object{"type": "object", "properties": object{"name": text, "note": text}, "required": []string{"name"}, "additionalProperties": text}
	return mapOfAny("What the places that can be called are named.", entry)
}

func quizTextsSchema() object {
	step := object{"type": "object", "properties": object{"say": says("The question.", phrase(content.MaxText)), "why": says("Why it is asked.", phrase(content.MaxText))}, "required": []string{"say", "why"},
		"additionalProperties": says("The label of an answer.", phrase(content.MaxLabel))}
	return mapOfAny("The words of a quiz, step by step.", step)
}
