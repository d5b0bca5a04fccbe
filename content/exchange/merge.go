package exchange

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
	"unicode"

	"patikra/content"
	"patikra/content/sheet"
)

// Merged is what a translator's file changes.
type Merged struct {
	Files   map[string][]byte // whole, as they should be written
	Changed []Change
	Notes   []sheet.Text // what somebody should know, one line each
}

// Change is one text that becomes another.
type Change struct {
	Key      string
	Old, New string
	File     string
	Line     int
}

// Merge puts what came back into the files of its language, in memory. Texts that the file leaves empty stay as
// they are. On mistakes the error is a sheet.Problems that names the lines of the translator's file.
func Merge(fsys fs.FS, file string, b *Bundle) (*Merged, error) {
	d := decoder{name: path.Base(strings.ReplaceAll(file, `\`, "/"))}
	folders := content.Folders(fsys)
	notes := slices.Clone(b.Notes)
	if known := tagOf(b.Target, folders); known != "" && known != b.Target {
		notes = append(notes, sheet.Say("%s:1: taken for %s: there is no folder for %s", d.name, known, b.Target))
		whole := *b
		whole.Target, b = known, &whole
	}
	if !slices.Contains(folders, b.Target) || b.Target == content.Source {
		if b.Target == content.Source {
			d.bad(1, "change the source in its files", "%s is the source, the other languages are translated from it", b.Target)
		} else {
			d.bad(1, "begin it with patikra texts new", "there is no language %q", b.Target)
		}
		return nil, d.problems.Err()
	}
	src, err1 := read(fsys, content.Source)
	lang, err2 := read(fsys, b.Target)
	made, err3 := readSources(fsys, b.Target)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, sheet.Join(problems(err))
	}
	m := &merge{decoder: d, fsys: fsys, src: src, lang: lang, wants: map[string]want{}, order: map[string]int{}, edits: map[string][]sheet.Change{}, lists: map[string][]string{}, left: map[sheet.Text]*left{}, lines: map[string]int{}, explicit: b.explicit, out: Merged{Files: map[string][]byte{}, Notes: notes}}
	for i, w := range wants(src, lang) {
		m.wants[w.key], m.order[w.key] = w, i
	}
	b = m.named(b)
	m.loosen(b)
	m.place(b)
	for i := range b.Units {
		m.unit(&b.Units[i])
	}
	m.saysLeft()
	m.saysComputed()
	m.harm.Each(func(line int, f content.Fault, _ []string) {
		m.bad(line, sheet.Say("%s; if a text is right as it stands, write it into the language's own file, with # as it is behind it on its line, and import again", f.Remedy), f.Message)
	})
	m.wholeLists()
	if err := m.problems.Err(); err != nil {
		return nil, err
	}
	if err := m.files(); err != nil {
		return nil, err
	}
	m.sources(b, made)
	return &m.out, nil
}

type merge struct {
	decoder
	fsys      fs.FS
	src, lang *folder
	wants     map[string]want
	order     map[string]int
	edits     map[string][]sheet.Change
	lists     map[string][]string // lists that change as a whole, by name
	lines     map[string]int      // the line that changes each
	out       Merged
	harm      content.Damages

	present map[string]string // where each wording of the language stands
	slipped left              // texts that would get the words of others

	computed [formula + 1]computing

	left     map[sheet.Text]*left // texts that are left out, by why
	new      int                  // texts that would change something
	explicit bool                 // the format says when somebody is done

	others map[string]map[string]string // what each text is in the other languages, by language
}

// left is how many texts are left out for a reason, and the first of them.
type left struct {
	count, line int
	key         string
	remedy      sheet.Text
	wrong       bool // a file that is mostly so is refused
}

// isGone is a text that the folder does not have.
const isGone sheet.Text = "there are no texts of these names"

// leave leaves a text out.
func (m *merge) leave(u *Unit, why, remedy sheet.Text, wrong bool) {
	l := m.left[why]
	if l == nil {
		l = &left{line: u.Line, key: u.Key, remedy: remedy, wrong: wrong}
		m.left[why] = l
	}
	l.count++
}

// fewWrong is how many texts may be wrong in a file that is taken over for the others.
const fewWrong = 5

// saysLeft notes what was left out. A file that would mostly be left out is another one than somebody thinks.
func (m *merge) saysLeft() {
	if s := m.slipped; s.count >= fewWrong && s.count*2 > m.new {
		m.bad(s.line, "put each translation into the row of its own text again, or export anew", "%d of the %d texts would get the words of other texts, first %q: a column was sorted alone, or has slipped", s.count, m.new, s.key)
	}
	for _, why := range slices.Sorted(maps.Keys(m.left)) {
		l := m.left[why]
		if l.wrong && l.count >= fewWrong && l.count*2 > m.new {
			m.bad(l.line, l.remedy, "%d of the %d texts cannot be meant for %s: %s, first %q", l.count, m.new, m.lang.tag, why, l.key)
			continue
		}
		m.tell(l.line, "left out, because %s: %s", why, count(l.count, sheet.Say("%q", l.key), sheet.Say("texts, first %q", l.key)))
	}
}

// elsewhere reports whether a text's new words are those of another text of the language.
func (m *merge) elsewhere(u *Unit) bool {
	if m.present == nil {
		m.present = map[string]string{}
		for _, e := range m.lang.entries {
			m.present[strings.TrimSpace(e.Value)] = e.Key()
		}
	}
	key, ok := m.present[strings.TrimSpace(u.Target)]
	return ok && key != u.Key
}

// foreign tells why a text is no translation: it is the source's, or another language's.
func (m *merge) foreign(u *Unit, w want) (why sheet.Text) {
	if !content.Telling(u.Target) {
		return ""
	}
	if strings.TrimSpace(u.Target) == strings.TrimSpace(w.source.Value) {
		if strings.HasPrefix(m.lang.tag, content.Source+"-") { // the easy words may be the same
			return ""
		}
		return sheet.Say("they read as %s", content.Source)
	}
	if m.others == nil {
		m.others = map[string]map[string]string{}
		for _, tag := range content.Folders(m.fsys) {
			if tag == content.Source || tag == m.lang.tag || strings.HasPrefix(tag, m.lang.tag+"-") || strings.HasPrefix(m.lang.tag, tag+"-") {
				continue
			}
			list, _ := content.Entries(m.fsys, tag) // a mistake in it is no matter of this file
			m.others[tag] = map[string]string{}
			for _, e := range list {
				m.others[tag][e.Key()] = strings.TrimSpace(e.Value)
			}
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(m.others)) {
		if m.others[tag][u.Key] == strings.TrimSpace(u.Target) {
			return sheet.Say("they read as %s", tag)
		}
	}
	if tag := content.ReadsAs(m.lang.tag, u.Target); tag != "" {
		return sheet.Say("they read as %s", tag)
	}
	return ""
}

// loosen gives texts the blanks and lines that the files have, where what came back does not say which are its own.
func (m *merge) loosen(b *Bundle) {
	for i := range b.Units {
		u := &b.Units[i]
		w, ok := m.wants[u.Key]
		if !ok || !u.loose {
			continue
		}
		whole := u.lines(w.source.Value)
		switch {
		case bare(u.Target) == bare(w.present.Value):
			u.Target = w.present.Value
		case !whole:
			u.undone = "their line ends were lost on the way"
		}
	}
}

// place puts each line of a list where its source stands now: since the export lines may have come or gone.
func (m *merge) place(b *Bundle) {
	byList := map[string][]*Unit{}
	var names []string
	for i := range b.Units {
		u := &b.Units[i]
		name, _ := Split(u.Key)
		if m.src.kinds[name] != content.Item || u.Source == "" || u.form {
			continue
		}
		if byList[name] == nil {
			names = append(names, name)
		}
		byList[name] = append(byList[name], u)
	}
	for _, name := range names {
		moved := map[*Unit]string{}
		var lost []*Unit
		for _, u := range byList[name] {
			now := ""
			for _, part := range m.src.parts[name] {
				key := name + "[" + part + "]"
				if alike(m.src.byKey[key].Value, u.Source) && (now == "" || key == u.Key) {
					now = key
				}
			}
			switch {
			case now == "":
				lost = append(lost, u)
			case now != u.Key:
				moved[u] = now
			}
		}
		if len(moved) == 0 {
			continue
		}
		for _, u := range lost {
			if u.Target != "" {
				m.bad(u.Line, "export the language again and copy the translation", "the list %q has changed since the export, and the line %q is no longer there", name, u.Source)
			}
		}
		if len(lost) > 0 {
			continue
		}
		at := map[string]bool{}
		for _, u := range byList[name] {
			if now := moved[u]; now != "" {
				u.Key = now
			}
			if at[u.Key] {
				m.bad(u.Line, "export the language again and copy the translation", "two lines of the list %q have the same source", name)
			}
			at[u.Key] = true
		}
		m.tell(byList[name][0].Line, "the list %q has changed since the export: each line was put where its source stands now", name)
	}
}

// alike reports whether two wordings of a line are the same but for marks and blanks.
func alike(a, b string) bool {
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	return a == b || letters(a) == letters(b) && letters(a) != ""
}

// unit takes one text over, or says what is wrong with it.
func (m *merge) unit(u *Unit) {
	w, ok := m.wants[u.Key]
	if !ok {
		name, part := Split(u.Key)
		switch {
		case u.Target == "":
		case m.src.kinds[name] == content.Form && part == "":
			m.bad(u.Line, sheet.Say("write a text for each form, as %s[one]", name), "the text %q counts and has forms", name)
		default:
			m.new++
			m.leave(u, isGone, "see whether it is the right file, or export the language again", true)
		}
		return
	}
	if u.Target == "" || u.Target == w.present.Value && (w.numbers == "" || w.present.Part == w.part) {
		return
	}
	m.new++
	if u.undone != "" {
		m.leave(u, u.undone, "", false)
		return
	}
	if u.State == Review && !w.has && m.explicit {
		m.leave(u, "the translator's program says that they are not done", "", false)
		return
	}
	if m.harm.See(m.lang.tag, u.Key, u.Target, u.Line) || m.computes(u, w) || w.source.Kind != content.Words && !m.good(u, w) {
		return
	}
	if w.source.Kind != content.Words {
		if why := m.foreign(u, w); why != "" {
			m.leave(u, why, "see whether it is the right file and the right language", true)
			return
		}
		if content.Telling(u.Target) && m.elsewhere(u) {
			if m.slipped.count++; m.slipped.count == 1 {
				m.slipped.line, m.slipped.key = u.Line, u.Key
			}
		}
	}
	old := ""
	if w.present.Kind != content.Form || w.present.Part == w.part {
		old = w.present.Value
	}
	if w.numbers != "" && w.present.Value == u.Target && w.present.Part == "" {
		return // all forms are still one text
	}
	m.apostrophe(u, w)
	file := fileOf(m.lang.tag, w.source.Name)
	c := sheet.Change{Value: u.Target, Path: w.source.Path}
	switch w.source.Kind {
	case content.Words:
		c.List = strings.Split(u.Target, "\n")
		c.List = slices.DeleteFunc(c.List, func(s string) bool { return s == "" })
	case content.Item:
		if m.lang.kinds[w.source.Name] != content.Item || len(m.lang.parts[w.source.Name]) != len(m.src.parts[w.source.Name]) {
			list := m.lists[w.source.Name]
			if list == nil {
				for i := range m.src.parts[w.source.Name] {
					list = append(list, m.lang.byKey[fmt.Sprintf("%s[%d]", w.source.Name, i+1)].Value)
				}
			}
			list[m.number(w)] = u.Target
			m.lines[w.source.Name] = u.Line
			m.lists[w.source.Name] = list
			m.change(u, old, file, w)
			return
		}
	}
	if w.numbers != "" {
		at := w.source.Path
		if w.source.Kind == content.Form {
			at = at[:len(at)-1]
		}
		c.Path = append(slices.Clone(at), w.part)
	}
	c.After = m.before(c.Path, file)
	m.edits[file] = append(m.edits[file], c)
	m.change(u, old, file, w)
}

func (m *merge) number(w want) int {
	n := 0
	fmt.Sscan(w.part, &n)
	return n - 1
}

func (m *merge) change(u *Unit, old, file string, w want) {
	line := w.present.Line
	if w.present.File == "" {
		line = 1
	}
	m.out.Changed = append(m.out.Changed, Change{Key: u.Key, Old: old, New: u.Target, File: file, Line: line})
}

// before names the sibling that the source has before a place, for a name that is not in the file yet.
func (m *merge) before(path []string, file string) string {
	have := func(p []string) bool {
		for _, e := range m.lang.entries {
			if e.File == file && len(e.Path) >= len(p) && slices.Equal(e.Path[:len(p)], p) {
				return true
			}
		}
		return false
	}
	depth := 0
	for depth < len(path)-1 && have(path[:depth+1]) {
		depth++
	}
	base := strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], ".yaml")
	last := ""
	for _, e := range m.src.entries {
		name, _, _ := strings.Cut(e.Name, ".")
		if name != base || len(e.Path) <= depth || !slices.Equal(e.Path[:depth], path[:depth]) {
			continue
		}
		if e.Path[depth] == path[depth] {
			return last
		}
		if have(e.Path[:depth+1]) {
			last = e.Path[depth]
		}
	}
	return last
}

// good holds a text against what the checks would refuse.
func (m *merge) good(u *Unit, w want) bool {
	n := len(m.problems)
	for _, f := range content.Faults(u.Key, u.Target) {
		m.bad(u.Line, f.Remedy, f.Message)
	}
	if strings.TrimSpace(u.Target) == "" {
		m.bad(u.Line, "write the text, or leave it quite empty to keep what is there", "the text %q holds nothing but spaces", u.Key)
	}
	if message, remedy, long := content.TooLong(w.source.Name, u.Target); long {
		m.bad(u.Line, remedy, "%s: %q", message, u.Key)
	}
	a, b := content.Placeholders(w.source.Value), content.Placeholders(u.Target)
	if w.numbers != "" {
		b = append(b, content.Counted) // a form may say the number in words; the check of the whole decides
		a = append(a, content.Counted)
		slices.Sort(a)
		slices.Sort(b)
		a, b = slices.Compact(a), slices.Compact(b)
	}
	if !slices.Equal(a, b) {
		m.bad(u.Line, "use the same placeholders as the source", "the text %q has the placeholders [%s], in %s [%s]", u.Key, strings.Join(b, " "), content.Source, strings.Join(a, " "))
	}
	return len(m.problems) == n
}

// wholeLists writes the lists whose length changes.
func (m *merge) wholeLists() {
	names := make([]string, 0, len(m.lists))
	for n := range m.lists {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		list := m.lists[n]
		for len(list) > 0 && list[len(list)-1] == "" {
			list = list[:len(list)-1]
		}
		if i := slices.Index(list, ""); i >= 0 {
			m.bad(m.lines[n], "translate it too", "of the list %q line %d is missing too", n, i+1)
			continue
		}
		m.lists[n] = list
		w := m.wants[n+"[1]"]
		file := fileOf(m.lang.tag, n)
		path := w.source.Path[:len(w.source.Path)-1]
		m.edits[file] = append(m.edits[file], sheet.Change{Path: path, List: m.lists[n], After: m.before(path, file)})
	}
}

// files makes the edited files.
func (m *merge) files() error {
	var ps sheet.Problems
	for _, file := range slices.Sorted(maps.Keys(m.edits)) {
		changes := m.edits[file]
		data, err := fs.ReadFile(m.fsys, file)
		if errors.Is(err, fs.ErrNotExist) {
			source := "content/" + content.Source + "/" + path.Base(file)
			if data, err = fs.ReadFile(m.fsys, source); err == nil {
				data, err = Blank(source, data, m.lang.tag)
			}
		}
		if err == nil {
			data, err = sheet.Edit(data, changes)
		}
		if err != nil {
			ps = append(ps, sheet.Problem{File: file, Message: sheet.Explain(err), Remedy: "see whether the file can be read and changed"})
			continue
		}
		data, was := unreviewed(data)
		if was != "" {
			m.out.Notes = append(m.out.Notes, sheet.Say("%s: the review (%s) no longer holds, because texts have changed", file, was))
		}
		m.out.Files[file] = data
	}
	return ps.Err()
}

// sources notes from which wording each text was translated, where the translator is done with it.
func (m *merge) sources(b *Bundle, made map[string]string) {
	changed := map[string]bool{}
	for _, c := range m.out.Changed {
		changed[c.Key] = true
	}
	now := map[string]string{}
	for id, h := range made {
		now[id] = h
	}
	older := 0
	type group struct {
		done, same, changed bool
		source              string
	}
	groups := map[string]*group{}
	var ids []string
	for i := range b.Units {
		u := &b.Units[i]
		w, ok := m.wants[u.Key]
		if !ok || w.source.Kind == content.Words {
			continue
		}
		id := identity(u.Key, w.numbers != "")
		g := groups[id]
		if g == nil {
			g = &group{done: true, same: true, source: u.Source}
			groups[id], ids = g, append(ids, id)
		}
		g.changed = g.changed || changed[u.Key]
		g.done = g.done && u.Target != "" && (u.State == Translated || changed[u.Key] && !b.explicit)
		// of a text that counts, PO tells only the first form of the source and the last
		g.same = g.same && (u.Source == w.source.Value || u.Source == "" && w.numbers != "")
	}
	for _, id := range ids {
		g := groups[id]
		if !g.done {
			continue
		}
		if g.same {
			now[id] = m.src.hash(id)
			continue
		}
		if !g.changed && made[id] != "" {
			continue
		}
		older++
		if now[id] = content.Wording(g.source); m.src.parts[id] != nil {
			now[id] = "outdated"
		}
	}
	if older > 0 {
		m.out.Notes = append(m.out.Notes, sheet.Say("%d texts were translated from an older wording of the source; patikra texts gaps lists them as stale", older))
	}
	same := len(now) == len(made)
	for id, h := range now {
		same = same && made[id] == h
	}
	if !same {
		m.out.Files[sourcesName(m.lang.tag)] = writeSources(now)
	}
}
