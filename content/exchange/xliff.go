package exchange

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"patikra/content"
)

const xliffSpace = "urn:oasis:names:tc:xliff:document:2.0"

// xliffStates are the states of XLIFF: initial is not done, or to be looked at.
var xliffStates = [...]string{New: "initial", Review: "initial", Translated: "translated"}

func encodeXLIFF(b *Bundle) []byte {
	var w bytes.Buffer
	w.WriteString(xml.Header)
	fmt.Fprintf(&w, "<xliff xmlns=\"%s\" version=\"2.0\" srcLang=%s trgLang=%s>\n", xliffSpace, attribute(b.Source), attribute(b.Target))
	file := ""
	for i := range b.Units {
		u := &b.Units[i]
		base, _, _ := strings.Cut(u.Key, ".")
		if base != file || i == 0 {
			if i > 0 {
				w.WriteString("  </file>\n")
			}
			file = base
			fmt.Fprintf(&w, "  <file id=\"f%d\" original=%s>\n", i+1, attribute("content/"+b.Source+"/"+base+".yaml"))
		}
		fmt.Fprintf(&w, "    <unit id=\"u%d\" name=%s>\n", i+1, attribute(u.Key))
		w.WriteString("      <notes>\n")
		note := func(kind, text string) {
			if text != "" {
				fmt.Fprintf(&w, "        <note category=%s>%s</note>\n", attribute(kind), escape(text, true))
			}
		}
		note("screen", u.Screen)
		for _, n := range u.Notes {
			note("note", oneLine(n))
		}
		if u.Most > 0 {
			note("most", fmt.Sprintf("at most %d characters", u.Most))
		}
		note("where", u.Where)
		note("state", u.State.String())
		w.WriteString("      </notes>\n")
		codes := &codes{}
		source, target := codes.mark(u.Source), codes.mark(u.Target)
		if len(codes.data) > 0 {
			w.WriteString("      <originalData>\n")
			for i, c := range codes.data {
				fmt.Fprintf(&w, "        <data id=\"d%d\">%s</data>\n", i+1, escape(c, false))
			}
			w.WriteString("      </originalData>\n")
		}
		fmt.Fprintf(&w, "      <segment id=\"s1\" state=\"%s\"", xliffStates[u.State])
		if u.State == Review {
			w.WriteString(" subState=\"patikra:review\"")
		}
		fmt.Fprintf(&w, ">\n        <source xml:space=\"preserve\">%s</source>\n", source)
		if u.Target != "" {
			fmt.Fprintf(&w, "        <target xml:space=\"preserve\">%s</target>\n", target)
		}
		w.WriteString("      </segment>\n    </unit>\n")
	}
	if len(b.Units) > 0 {
		w.WriteString("  </file>\n")
	}
	w.WriteString("</xliff>\n")
	return w.Bytes()
}

// codes are the placeholders of a unit: a translator's program shows them as things that cannot be typed over.
type codes struct{ data []string }

func (c *codes) mark(s string) string {
	var b strings.Builder
	used := map[int]int{}
	for len(s) > 0 {
		at := content.PlaceholderIn(s)
		if at == nil {
			break
		}
		b.WriteString(escape(s[:at[0]], false))
		p := s[at[0]:at[1]]
		i := 0
		for i < len(c.data) && c.data[i] != p {
			i++
		}
		if i == len(c.data) {
			c.data = append(c.data, p)
		}
		id := strconv.Itoa(i + 1)
		if used[i]++; used[i] > 1 {
			id += "." + strconv.Itoa(used[i])
		}
		fmt.Fprintf(&b, "<ph id=%s dataRef=\"d%d\" disp=%s/>", attribute(id), i+1, attribute(p))
		s = s[at[1]:]
	}
	return b.String() + escape(s, false)
}

// escape writes text for XML. Letters that XML cannot hold become <cp>, or a box where only plain text may stand.
func escape(s string, plain bool) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\n' && plain, r == '\r' && plain, r == '\t' && plain:
			fmt.Fprintf(&b, "&#%d;", r)
		case r == '\r':
			b.WriteString("&#13;")
		case r == '\n', r == '\t', r >= 0x20 && r <= 0xd7ff, r >= 0xe000 && r <= 0xfffd, r >= 0x10000:
			b.WriteRune(r)
		case plain:
			b.WriteRune('\ufffd')
		default:
			fmt.Fprintf(&b, "<cp hex=\"%04X\"/>", r)
		}
	}
	return b.String()
}

func attribute(s string) string { return `"` + escape(s, true) + `"` }

// xliff reads the elements one after the other. Nothing is expanded: a DOCTYPE, and with it any entity, is refused.
func (d *decoder) xliff(data []byte) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	line := func() int {
		n, _ := dec.InputPos()
		return n
	}
	var path []string
	var u *Unit
	var source, target, part, code strings.Builder
	var hasTarget, ignorable bool
	before := 0               // length of the target before an ignorable part
	var into *strings.Builder // where letters go
	var stored map[string]string
	codeID := ""
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			if len(path) > 0 || d.b.Target == "" {
				d.bad(line(), "export the language again and copy the translations", "the file ends too early or is no XLIFF")
			}
			return
		}
		if err != nil {
			d.bad(line(), "save it from the translator's program again", "this is not valid XML")
			return
		}
		switch t := tok.(type) {
		case xml.Directive:
			d.bad(line(), "remove it", "a DOCTYPE is not used in these files")
			return
		case xml.CharData:
			if into != nil {
				into.Write(t)
			}
		case xml.StartElement:
			if len(path) == maxDepth {
				d.bad(line(), "save it from the translator's program again", "this is nested deeper than %d levels", maxDepth)
				return
			}
			get := func(name string) string {
				for _, a := range t.Attr {
					if a.Name.Local == name {
						return a.Value
					}
				}
				return ""
			}
			name := t.Name.Local
			if len(path) == 0 {
				if name != "xliff" || !strings.HasPrefix(t.Name.Space, "urn:oasis:names:tc:xliff:document:2") {
					d.bad(line(), "save it as XLIFF 2.0", "this is no XLIFF 2")
					return
				}
				d.b.Source, d.b.Target = get("srcLang"), strings.ToLower(get("trgLang"))
			}
			path = append(path, name)
			inText := into == &part
			switch name {
			case "unit":
				u = &Unit{Key: get("name"), Line: line(), State: Translated}
				source.Reset()
				target.Reset()
				hasTarget, stored = false, map[string]string{}
			case "segment", "ignorable":
				ignorable = name == "ignorable"
				if u != nil && !ignorable && get("state") == "initial" {
					u.State = Review
				}
			case "data":
				codeID = get("id")
				code.Reset()
				into = &code
			case "source", "target":
				if u != nil && len(path) > 1 && (path[len(path)-2] == "segment" || path[len(path)-2] == "ignorable") {
					part.Reset()
					into = &part
				}
			case "cp":
				if into != nil {
					if v, err := strconv.ParseUint(get("hex"), 16, 32); err == nil && v <= 0x10ffff && (v < 0xd800 || v > 0xdfff) {
						into.WriteRune(rune(v))
					} else {
						d.bad(line(), "write the letter itself", "<cp> names no letter")
					}
				}
			case "ph":
				if inText {
					d.code(&part, stored, get("dataRef"), get("disp"), line())
				}
			case "pc":
				if inText && get("dataRefStart") != "" {
					d.code(&part, stored, get("dataRefStart"), get("dispStart"), line())
				}
			case "sc", "ec":
				if inText && get("dataRef") != "" {
					d.code(&part, stored, get("dataRef"), get("disp"), line())
				}
			}
		case xml.EndElement:
			path = path[:len(path)-1]
			switch t.Name.Local {
			case "data":
				if stored != nil {
					stored[codeID] = code.String()
				}
				into = nil
			case "source":
				if into == &part {
					source.WriteString(part.String())
					if ignorable { // stands in the target too, unless that says otherwise
						before = target.Len()
						target.WriteString(part.String())
					}
				}
				into = nil
			case "target":
				if into == &part {
					if ignorable {
						all := target.String()[:before]
						target.Reset()
						target.WriteString(all)
					}
					target.WriteString(part.String())
					hasTarget = hasTarget || part.Len() > 0 && !ignorable
				}
				into = nil
			case "unit":
				if u == nil {
					continue
				}
				if u.Key == "" {
					d.bad(u.Line, "keep the attribute name of the unit", "a text has no name")
				} else {
					u.Source = source.String()
					if hasTarget {
						u.Target = target.String()
					}
					_, p := Split(u.Key)
					u.form = formPart(p)
					d.add(*u)
				}
				u = nil
				if d.full() {
					return
				}
			}
		}
	}
}

// code puts the placeholder back that a thing in the text stands for.
func (d *decoder) code(into *strings.Builder, stored map[string]string, ref, shown string, line int) {
	if p, ok := stored[ref]; ok {
		into.WriteString(p)
		return
	}
	if shown != "" && strings.HasPrefix(shown, "{") {
		into.WriteString(shown)
		return
	}
	d.bad(line, "keep the placeholders of the export", "a placeholder refers to %q, which is not there", ref)
}
