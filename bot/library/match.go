package library

import (
	"maps"
	"slices"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// texts that the conversation itself needs, by their names in chat.yaml
var chatTexts = strings.Fields(`language-name choose-language welcome begin private private-yes private-no next back skip why
	show go-on left call more answers answers-title answers-title-page answers-check answers-check-page show-result skipped change begun go-on-where unclear-again unclear-help job-choose job-ask job-in job-register job-pay-month job-pay-hour job-pay-agreed job-numbers
	menu menu-title return listen language restart human numbers erase exit help menu several-hint unclear unclear-numbers unclear-attachment heard despair pasted pick-first stale already
	erase-ask erase-yes erase-done returned exit-text exit-clear exit-stays later help-text help-text-page welcome-page numbers-title human-text said open-title later-title rights-too reasons-title notice-title green-title do-title
	check-title call-title disclaimer more-reasons changed outage outage-kept unread flood command-start command-help command-language command-number command-human
	command-restart command-erase command-exit dial-anywhere dial-lithuania dial-eu hours-always hours-unknown greeting`)

// meanings are what a plain typed word can stand for.
var meanings = strings.Fields("yes no unsure none next back skip why listen restart human numbers erase exit language start help")

// texts that the web page needs, by their names in web.yaml
var webTexts = strings.Fields(`title welcome begin numbers privacy behind elsewhere telegram messenger print save exit-hint not-found forbidden
	busy expired erased later begun talk-open talk-go talk-over talk-read typing has-read return-link return-title return-text return-words return-digits return-wrong return-busy return-else moved
	code-title code-where code-text code-copy bridge-button bridge-title bridge-text bridge-goes bridge-stop stay-title stay-text stay-code stay-have stay-new unsent frame-hint frame-open frame-apart start-page embed-title embed-text harmless-title harmless-text skip-link progress rest preview preview-mistakes result trust contact history
	description share share-text share-hint share-more copy copied card card-name country-alike country-none country-go
	file file-hint file-none short-name keep keep-hint kept keep-failed unkeep unkept offline kept-result`)

// texts of the talk with a counsellor, by their names in desk.yaml
var deskTexts = slices.Concat(roomDeskTexts, closingTexts, callingTexts, strings.Fields(`consent consult consent-lines consent-none agree call-me call-self choose-lines lines-text lines-done summary-level summary-reasons
	summary-unfinished call-number call-number-bad call-number-service call-which call-other call-late call-hours hours-any call-change call-chat call-tried call-at call-voice voice call-else else call-send waiting waiting-later waiting-nobody nobody waiting-call code
	held lapsed danger place-first place folded risen usual hours-closed hours-none days end write send look-again you counsellor silent only-words no-files no-files-here
	send-chat send-photos send-voices send-words files-full files-later file-sent file-big file-kind file-pdf file-broken file-busy file-words
	live too-much cut unpassed missed late taken released unanswered transferred reopened moved closed over again thanks to-quiz media-photo media-voice media-video_note media-location media-document words take
	release transfer close reopen look done card-waiting card-lapsed card-held card-closed card-language card-country card-nowhere card-there card-open card-supervision
	card-second card-call card-phone card-hours card-voice card-else card-own card-tried card-reached reached unreached ring note-ring note-reached note-unreached note-ring-at note-chat refused-slot card-nothing card-struck note-second note-looks note-taken
	note-released note-transferred note-over note-closed note-reopened note-ended note-erased note-left note-gone note-silence note-calls note-empty
	note-lapsed note-silent note-unanswered note-unanswered-lead note-unpassed note-unpassable note-live note-voice note-cut note-aside note-missed note-late note-back note-resumed note-moved note-call note-unled
	note-rated note-remark refused-taken refused-take-first refused-state refused-closed refused-kind refused-live
	refused-transfer refused-member refused-anonymous refused-file refused-away duty-on duty-off duty-list duty-none desk-help command-duty command-help desk-link
	board-none board-waiting board-held board-later board-since board-with board-call board-calls board-more board-folded transfer-whom transfer-here
	bridge-ask bridge-yes bridge-no bridge-here bridge-apart bridge-busy bridge-bad bridge-over bridge-left bridge-stopped bridge-erased bridge-on bridge-off card-bridged note-bridged note-unbridged
	replies replies-which reply-sure not-passed refused-words refused-command`))

// texts of the counsellors' page, by their names in console.yaml
var consoleTexts = slices.Concat(closingPageTexts, callingPageTexts, passkeyTexts, roomTexts, strings.Fields(`title skip queue signed-in sign-out language enter-title enter-text enter enter-none enter-code enter-new enter-used ended cut-off ends ends-final stay away-now calls-danger calls-waits calls-answer sound-on sound-off sound-blocked leave-ask leave-back release-ask over sure
	not-sent mine mine-none waiting waiting-none partial folded folded-text folded-queue folded-open folded-close folded-reason folded-sure colleagues colleagues-none level-danger level-under level-grave level-calm way-chat
	way-call call-now later ring-set since lapsed asks unread with second minutes hours days duty-title duty-none duty-on duty-off duty-you notify
	notify-on notify-text editor case back card talk talk-none by-person by-you by-notice by-note answer answer-hint send
	note note-hint note-send replies reply-insert draft draft-none transfer-to transfer-none close-ask take-first
	held-by-other closed-talk file-photo file-voice file-missing place-map place-app typing typing-person sight-open sight-closed sight-read sight-unread sight-unknown translation gone people people-text person-name person-role
	role-counsellor role-lead role-editor invite invite-made link-for remove remove-ask invited audit audit-text
	audit-none audit-when audit-who audit-what audit-case act-enter act-leave act-open act-take act-release act-transfer act-over act-follow act-unfollow follow unfollow
	act-close act-reopen act-look act-reached act-unreached act-ring act-answer act-note act-duty-on act-duty-off act-invite act-remove audit-about audit-older
	act-gap act-more act-put-back act-export act-backup act-restore act-erase act-report act-cases act-publish act-rollback act-rotate by-command by-group by-store last-lead offline online unsent
	old-numbers done empty too-long forbidden not-allowed not-found busy away waits waits-hidden`))

// counting are the texts that may have a form for each group of numbers.
var counting = strings.Fields("chat.more-reasons chat.left desk.place desk.usual desk.card-struck")

// listed are the texts that are lists, beside what to do next in every result.
var listed = []string{"desk.voice", "desk.else", "desk.days", "desk.words", "countries.days", content.Replies, "municipalities.signs-list", "municipalities.words-list", "municipalities.never-list"}

// mostUntranslated is how many texts in another language's words are only warned of, however many a small language has.
const mostUntranslated = 20

// isList reports whether a text is a list of lines. Every other text is one text.
func isList(name string) bool {
	parts := strings.Split(name, ".")
	n := len(parts)
	return slices.Contains(listed, name) || n > 2 && (parts[n-3] == "results" && parts[n-1] == "next" || parts[0] == "protocols" && parts[2] == "steps")
}

// shapes finds lists where one text is wanted, and texts where a list is: nobody would be shown them.
func shapes(lang *content.Language, add func(file string, line int, remedy, message sheet.Text)) {
	for _, n := range lang.Names("") {
		if !lang.Own(n) || isList(n) == (lang.List(n) != nil) {
			continue
		}
		file, line := lang.At(n)
		_, name, _ := strings.Cut(n, ".")
		if isList(n) {
			add(file, line, "begin each line with a dash, one below the other", sheet.Say("the text %q should be a list", name))
		} else {
			add(file, line, "write it behind the colon, without dashes", sheet.Say("the text %q should be one text and no list", name))
		}
	}
}

// match holds the texts against the quizzes: every step, answer, flag and outcome is named in every language, and nothing else.
func (l *Library) match() error {
	var ps sheet.Problems
	add := ps.Add
	outcomes := l.Book.Ends()
	for _, o := range append(slices.Clone(outcomes), "numbers") {
		if !slices.Contains(l.Catalog.Outcomes(), o) {
			add("content/places.yaml", 0, "add it under order:", sheet.Say("the outcome %q shows no phone number", o))
		}
	}
	for _, o := range l.Catalog.Outcomes() {
		if !l.lists(o, outcomes) {
			add("content/places.yaml", 0, "call it as an outcome, a quiz, or both with a hyphen, as helper-rights; or remove it", sheet.Say("order: has the list %q, which nobody is shown", o))
		}
	}
	for _, p := range l.Catalog.Places {
		for _, note := range p.Near {
			if !slices.Contains(l.Book.Notes, note) {
				add("content/places.yaml", p.LineOf("near"), "use a note that a quiz gives, as in-kaunas", sheet.Say("place %q is near %q, which no answer notes", p.Name, note))
			}
		}
	}
	l.campaigns(add)
	need := map[string][]string{}
	want := func(file, name string) { need[file] = append(need[file], file+"."+name) }
	for _, t := range chatTexts {
		want("chat", t)
	}
	for _, t := range webTexts {
		want("web", t)
	}
	for _, t := range deskTexts {
		want("desk", t)
	}
	for _, t := range consoleTexts {
		want("console", t)
	}
	for _, t := range outreachTexts {
		want("outreach", t)
	}
	want("replies", "texts")
	for _, p := range Protocols(l.Catalog) {
		for _, t := range []string{"title", "when", "steps"} {
			want("protocols", p+"."+t)
		}
	}
	groups := func(has func(*flows.Flow) bool, usual string) (out []string) { // where the words for it stand
		for _, q := range l.Book.Quizzes() {
			group := usual
			if l.Book.Flows[q].Other {
				group = "other"
			}
			if has(l.Book.Flows[q]) && !slices.Contains(out, group) {
				out = append(out, group)
			}
		}
		return out
	}
	for i, f := range l.Book.Flags {
		for _, group := range groups(func(q *flows.Flow) bool { return q.CanRaise(i) }, "flags") {
			for _, t := range []string{"name", "why", "do"} {
				want("flags", group+"."+f.Name+"."+t)
			}
		}
	}
	for i, g := range l.Book.Green {
		for _, group := range groups(func(q *flows.Flow) bool { return q.CanCheck(i) }, "green") {
			want("flags", group+"."+g+".name")
		}
	}
	for i, p := range l.Book.Risk.Points {
		if len(groups(func(q *flows.Flow) bool { return q.CanOpen(i) }, "points")) > 0 {
			want("flags", "points."+p+".name")
			want("flags", "points."+p+".ask")
		}
	}
	for _, o := range outcomes {
		for _, t := range []string{"title", "text", "next"} {
			want("results", o+"."+t)
		}
	}
	for _, q := range l.Book.Flows {
		if slices.Contains(l.Offered, q.Name) {
			want(q.Name, "name")
			want(q.Name, "about")
		} else if need[q.Name] == nil {
			need[q.Name] = []string{}
		}
		for i := range q.Steps {
			s := &q.Steps[i]
			if q.Borrowed(i) {
				continue
			}
			want(q.Name, s.Name+".say")
			want(q.Name, s.Name+".why")
			for _, c := range s.Choices {
				want(q.Name, s.Name+"."+c.Answer)
				if c.Then {
					want(q.Name, s.Name+".then."+c.Answer)
				}
			}
		}
	}
	l.own(need)
	maps.Copy(need, l.taught(add))
	maps.Copy(need, l.municipal(add))
	l.waits = map[string]*waiting{}
	l.renamed()
	filled := l.fill(need)
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		all := l.must(lang, groups, add)
		w := l.untold(lang, need, all, add)
		if names := filled[lang.Tag]; len(names) > 0 {
			w = w.with(names)
		}
		if w != nil {
			l.waits[lang.Tag] = w
		}
		must := func(name string) bool { return all(name) && !w.has(name) }
		for file, names := range need {
			if !lang.Broken(file) {
				gaps(lang, file, names, must, &ps)
			}
		}
		for _, n := range lang.Names("") {
			if !lang.Own(n) || lang.LeftOver(n) {
				continue
			}
			file, rest, _ := strings.Cut(n, ".")
			place, _, _ := strings.Cut(rest, ".")
			_, line := lang.At(n)
			switch {
			case need[file] != nil:
			case file == "countries" && len(l.Catalog.Countries) > 0: // matched by countries
			case file != "places":
				add("content/"+lang.Tag+"/"+file+".yaml", line, "remove the file, or add the quiz it belongs to", sheet.Say("the text %q is superfluous: there is no quiz %q", rest, file))
			case !slices.ContainsFunc(l.Catalog.Places, func(p content.Place) bool { return p.Name == place }):
				add("content/"+lang.Tag+"/places.yaml", line, "remove it, or define the place in content/places.yaml", sheet.Say("the text %q is superfluous: there is no such place", rest))
			}
		}
		for _, n := range lang.Names("") {
			if file, line := lang.At(n); lang.Own(n) && lang.Counts(n) && !slices.Contains(counting, n) {
				add(file, line, "write one text", sheet.Say("the text %q has forms but no number that would choose between them", n))
			}
		}
		for _, m := range lang.Meanings() {
			if !slices.Contains(meanings, m) && lang.Variant == nil {
				add("content/"+lang.Tag+"/chat.yaml", 0, sheet.Say("use %s", strings.Join(meanings, ", ")), sheet.Say("words: has a meaning %q that is unknown", m))
			}
		}
		shapes(lang, add)
		if names, as, of := lang.Untranslated(l.Catalog.Language(content.Source)); len(names) > mostUntranslated && len(names)*2 > of {
			file, line := lang.At(names[0])
			add(file, line, sheet.Say("translate them; until then write ready: no into content/%s/%s", lang.Tag, content.LanguageFile),
				sheet.Say("%d of the %d texts of %s are not translated: they read as %s, first %q", len(names), of, lang.Tag, as, names[0]))
		}
		l.placeholders(lang, add)
		l.alikeLists(lang, add)
		l.recorded(lang, add)
		l.labels(lang, add)
		l.shortForms(lang, add)
		if lang.Variant == nil {
			l.countries(lang, add)
		}
	}
	return ps.Err()
}

// lists reports whether somebody can be shown the list of numbers of that name: of an outcome, of a quiz, or of one outcome of a quiz.
func (l *Library) lists(name string, outcomes []string) bool {
	known := append([]string{"numbers"}, outcomes...)
	for _, q := range l.Book.Quizzes() {
		known = append(known, q)
		for _, o := range outcomes {
			known = append(known, q+"-"+o)
		}
	}
	return slices.Contains(known, name)
}

// filledIn is what is filled in the texts of a file, beside the numbers that may stand in every text.
var filledIn = map[string][]string{
	"chat":           {"{count}", "{country}", "{pay}", "{year}"},
	"countries":      {"{country}"},
	"console":        strings.Fields("{count} {hours} {minutes} {names} {name} {time}"),
	"desk":           strings.Fields("{code} {count} {country} {days} {day} {languages} {link} {minutes} {names} {name} {other} {regions} {send} {time} {wait} {words} {word}"),
	"protocols":      {"{word}"},
	"outreach":       strings.Fields("{address} {dial} {name} {rate} {seconds} {words}"),
	"web":            {"{name}"},
	"replies":        {"{word}"},
	"training":       slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(trainingPlaceholders))...))),
	"municipalities": {"{date}", "{link}", "{municipality}"},
}

// alikeLists finds lines of a list whose placeholders are not those of the same line in the source: a number would be missing there, or be another.
func (l *Library) alikeLists(lang *content.Language, add func(file string, line int, remedy, message sheet.Text)) {
	src := l.Catalog.Language(content.Source)
	for _, name := range lang.Names("") {
		want, got := src.List(name), lang.List(name)
		if lang.Tag == content.Source || !lang.Own(name) || len(want) != len(got) {
			continue
		}
		for i := range got {
			if !slices.Equal(content.Placeholders(want[i]), content.Placeholders(got[i])) && content.Phone(want[i]+" "+got[i]) == "" {
				file, line := lang.At(name)
				_, rest, _ := strings.Cut(name, ".")
				add(file, line, sheet.Say("use the same placeholders as %s", content.Source), sheet.Say("line %d of %q has the placeholders [%s], in %s [%s]", i+1, rest,
					strings.Join(content.Placeholders(got[i]), " "), content.Source, strings.Join(content.Placeholders(want[i]), " ")))
			}
		}
	}
}

// placeholders finds those that nothing would fill, so that people would read the braces.
func (l *Library) placeholders(lang *content.Language, add func(file string, line int, remedy, message sheet.Text)) {
	for _, name := range lang.Names("") {
		if lang.Tag != content.Source && !lang.Keeps(name) {
			continue // it has those of the source
		}
		base, rest, _ := strings.Cut(name, ".")
		var known []string
		for _, place := range content.Numbered {
			known = append(known, "{"+place+"}")
		}
		known = append(known, filledIn[base]...)
		if q := l.Book.Flows[base]; q != nil {
			for i := range q.Steps {
				if n := q.Steps[i].Names; n != "" {
					known = append(known, "{"+n+"}")
				}
			}
		}
		for _, text := range append(slices.Clone(lang.List(name)), lang.Text(name)) {
			if lang.List(name) != nil && text == lang.Text(name) {
				continue
			}
			for _, p := range content.Placeholders(text) {
				if !slices.Contains(known, p) {
					file, line := lang.At(name)
					add(file, line, sheet.Say("use one of %s", strings.Join(known, ", ")), sheet.Say("the text %q has the placeholder %s, which nothing fills", rest, p))
				}
			}
		}
	}
}

// must tells which texts a language needs itself: all of them, but a variant only those of the quizzes that it says
// simply: their questions, the flags and checks that they know, and the outcomes.
func (l *Library) must(lang *content.Language, groups func(func(*flows.Flow) bool, string) []string, add func(file string, line int, remedy, message sheet.Text)) func(name string) bool {
	if lang.Variant == nil {
		return func(string) bool { return true }
	}
	whole := []string{"results."}
	simply := func(q *flows.Flow) bool { return lang.Easy(q.Name) }
	for _, q := range lang.Variant.Quizzes {
		whole = append(whole, q+".")
		if l.Book.Flows[q] == nil {
			add("content/"+lang.Tag+"/"+content.LanguageFile, 0, sheet.Say("use one of %s", strings.Join(l.Book.Quizzes(), ", ")), sheet.Say("there is no quiz %q that could be said simply", q))
		}
	}
	for i, f := range l.Book.Flags {
		for _, group := range groups(func(q *flows.Flow) bool { return simply(q) && q.CanRaise(i) }, "flags") {
			whole = append(whole, "flags."+group+"."+f.Name+".")
		}
	}
	for i, g := range l.Book.Green {
		for _, group := range groups(func(q *flows.Flow) bool { return simply(q) && q.CanCheck(i) }, "green") {
			whole = append(whole, "flags."+group+"."+g+".")
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(whole, func(w string) bool { return strings.HasPrefix(name, w) })
	}
}

// gaps names the texts that a file lacks, of those that it must have, and those that nothing needs. A group of texts that is wholly missing or wholly
// superfluous, as a step's, is named once.
func gaps(lang *content.Language, file string, names []string, must func(name string) bool, ps *sheet.Problems) {
	path := "content/" + lang.Tag + "/" + file + ".yaml"
	there := slices.DeleteFunc(lang.Names(file+"."), func(n string) bool { return !lang.Own(n) || content.IsShort(n) })
	has := func(n string) bool { return lang.Own(n) && (lang.Has(n) || lang.List(n) != nil) || !must(n) }
	group := func(n string) string { // "job-offer.fee." of "job-offer.fee.say", empty if the text is in none
		if i := strings.LastIndexByte(n, '.'); i > len(file) {
			return n[:i+1]
		}
		return ""
	}
	parts := func(g string, of []string) string {
		var out []string
		for _, n := range of {
			if rest, ok := strings.CutPrefix(n, g); ok {
				out = append(out, rest)
			}
		}
		return strings.Join(out, ", ")
	}
	alike := func(a, b string) bool {
		x, y := strings.Split(a, ", "), strings.Split(b, ", ")
		slices.Sort(x)
		slices.Sort(y)
		return slices.Equal(x, y)
	}
	in := func(g string, of []string) bool {
		return slices.ContainsFunc(of, func(n string) bool { return strings.HasPrefix(n, g) })
	}
	missing := func(line int, remedy, message sheet.Text, texts ...string) {
		for i := range texts {
			texts[i] = "missing:" + texts[i]
		}
		ps.Note(path, line, remedy, message, texts...)
	}
	told := map[string]bool{}
	for _, n := range names {
		switch g := group(n); {
		case has(n) || told[g] && g != "":
		case g != "" && !in(g, there):
			told[g] = true
			to := below(strings.Split(strings.TrimSuffix(g[len(file)+1:], "."), "."))
			for _, m := range there {
				if o := group(m); o != "" && !in(o, names) && alike(parts(o, there), parts(g, names)) {
					to = sheet.Say("look at line %d first: perhaps they stand there under another name; otherwise %s", max(lang.Beside(o)-1, 1), to)
					break
				}
			}
			missing(0, to,
				sheet.Say("the texts of %q are missing: %s", strings.TrimSuffix(g[len(file)+1:], "."), parts(g, names)), slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasPrefix(n, g) })...)
		case g != "":
			missing(lang.Beside(g), "write it there", sheet.Say("the text %q is missing", n[len(file)+1:]), n)
		default:
			missing(0, "write it there", sheet.Say("the text %q is missing", n[len(file)+1:]), n)
		}
	}
	for _, n := range there {
		if slices.Contains(names, n) || lang.LeftOver(n) {
			continue
		}
		_, line := lang.At(n)
		const remedy = "remove it, or add the step, answer or flag it belongs to"
		switch g := group(n); {
		case told[g] && g != "":
		case g != "" && !in(g, names):
			told[g] = true
			name := strings.TrimSuffix(g[len(file)+1:], ".")
			meant := sheet.Text(remedy)
			for _, m := range names {
				if o := group(m); o != "" && !in(o, there) && alike(parts(o, names), parts(g, there)) {
					meant = sheet.Say("perhaps %q is meant; otherwise %s", strings.TrimSuffix(o[len(file)+1:], "."), meant)
					break
				}
			}
			ps.Add(path, max(lang.Beside(g)-1, 1), meant, sheet.Say("nothing is called %q, so its texts are superfluous: %s", name, parts(g, there)))
		default:
			ps.Add(path, line, remedy, sheet.Say("the text %q is superfluous", n[len(file)+1:]))
		}
	}
}

// below says under which names missing texts are to be written.
func below(names []string) sheet.Text {
	if len(names) == 2 {
		return sheet.Say("write them there, under %s, under %s:", names[0], names[1])
	}
	return sheet.Say("write them there, under %s:", strings.Join(names, "."))
}

// own adds the texts that a quiz has in place of those for all quizzes: what a flag is called and what an outcome says.
// A quiz about another person needs its own outcomes, for the usual texts speak to the person who was offered the job.
// (What flags are called where another person is meant stands under other: in flags.yaml.)
func (l *Library) own(need map[string][]string) {
	for _, q := range l.Book.Flows {
		add := func(group string, parts ...string) {
			own := q.Other && group == "results"
			for i := range l.Catalog.Languages {
				lang := &l.Catalog.Languages[i]
				own = own || slices.ContainsFunc(parts, func(p string) bool {
					n := q.Name + "." + group + "." + p
					return lang.Has(n) || lang.List(n) != nil
				})
			}
			for _, p := range parts {
				if own {
					need[q.Name] = append(need[q.Name], q.Name+"."+group+"."+p)
				}
			}
		}
		for i, f := range l.Book.Flags {
			if q.CanRaise(i) {
				add("flags."+f.Name, "name", "why", "do")
			}
		}
		for _, o := range q.Ends() {
			add("results."+o, "title", "text", "next")
		}
	}
}

// labels checks buttons: what fits, and that two answers of a step can be told apart when typed.
func (l *Library) labels(lang *content.Language, add func(file string, line int, remedy, message sheet.Text)) {
	for _, n := range append(l.Book.Quizzes(), l.Book.Modules()...) {
		q := l.Book.Flow(n)
		name := q.Name + ".name"
		if message, remedy, long := content.TooLong(name, lang.Text(name)); long && lang.Own(name) && lang.Has(name) {
			file, line := lang.At(name)
			add(file, line, remedy, message)
		}
		for i := range q.Steps {
			if q.Steps[i].Part == flows.After || q.Borrowed(i) { // the words of other questions
				continue
			}
			seen := map[string]bool{}
			for _, c := range q.Steps[i].Choices {
				name := q.Steps[i].Text + "." + c.Answer
				if !lang.Own(name) || !lang.Has(name) {
					continue
				}
				file, line := lang.At(name)
				label := lang.Text(name)
				if message, remedy, long := content.TooLong(name, label); long {
					add(file, line, remedy, message)
				}
				if f := content.Fold(label); seen[f] {
					add(file, line, "give each answer its own label", sheet.Say("two answers of a step read the same: %q", label))
				} else {
					seen[f] = true
				}
			}
		}
	}
	for _, name := range content.Limited() {
		if message, remedy, long := content.TooLong(name, lang.Text(name)); long && lang.Own(name) {
			file, line := lang.At(name)
			add(file, line, remedy, message)
		}
	}
}
