package exchange_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"patikra/content/exchange"
)

// book is a workbook as another program writes it: the XML of its sheets by name, and of its table of texts.
func book(shared string, sheets ...[2]string) string {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name, text string) {
		f, _ := w.Create(name)
		io.WriteString(f, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"+text)
	}
	const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	put("_rels/.rels", `<Relationships><Relationship Id="rId3" Type="`+office+`/officeDocument" Target="/xl/workbook.xml"/></Relationships>`)
	list, rels := "", `<Relationship Id="rId99" Type="`+office+`/sharedStrings" Target="sharedStrings.xml"/>`
	for i, s := range sheets {
		name, state, _ := strings.Cut(s[0], "|")
		list += fmt.Sprintf(`<sheet name=%q sheetId="%d" state=%q r:id="rId%d"/>`, name, i+1, state, i+1)
		rels += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, office, i+1)
		put(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), `<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>`+s[1]+`</x:sheetData><x:mergeCells/></x:worksheet>`)
	}
	put("xl/workbook.xml", `<workbook xmlns:r="`+office+`"><sheets>`+list+`</sheets></workbook>`)
	put("xl/_rels/workbook.xml.rels", `<Relationships>`+rels+`</Relationships>`)
	put("xl/sharedStrings.xml", `<sst>`+shared+`</sst>`)
	w.Close()
	return out.String()
}

// line is a row of texts that stand in their cells.
func line(texts ...string) string {
	row := "<row>"
	for _, s := range texts {
		row += `<c t="inlineStr"><is><t xml:space="preserve">` + strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(s) + `</t></is></c>`
	}
	return row + "</row>"
}

const (
	nowJob = "The job you have now."
	inCell = "at-work.about"
)

func TestAWorkbookIsReadAsSpreadsheetsWriteIt(t *testing.T) {
	head := line("name", "lt", "en")
	want := map[string]string{inCell: nowJob}
	const table = `<si><t>name</t></si><si><t>en</t></si><si><t>lt</t></si><si><t>at-work.about</t></si>` +
		`<si><r><t xml:space="preserve">The job </t></r><r><rPr><b/></rPr><t>you have now.</t></r><rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr/></si>`
	for name, data := range map[string]string{
		"cells.xlsx": book("", [2]string{"en", head + line(inCell, aboutWork, nowJob)}),
		"named.csv":  book("", [2]string{"en", head + line(inCell, aboutWork, nowJob)}),
		// a table of texts, in pieces of different looks; columns in another order, one that is empty, and cells without texts to the right
		"runs.xlsx": book(table, [2]string{"Sheet1", `<row r="3" spans="1:9"><c r="B3" t="s"><v>1</v></c><c r="D3" t="s"><v>0</v></c><c r="E3" s="2"/></row>` +
			`<row r="17"><c r="B17" t="s"><v>4</v></c><c r="D17" t="s"><v> 3 </v></c><c r="ZZ17" t="inlineStr"><is><t>far</t></is></c><c r="XFD17" s="1"/></row>`}),
		"titles.xlsx": book("", [2]string{"Lapas1", line("Patikra, 2026") + "<row/>" + line("", "") + line("Name ", "LT-lt", "EN", "") + line("", "", "") + line(inCell, aboutWork, nowJob, "", "")}),
		"hidden.xlsx": book("", [2]string{"Hidden|hidden", head + line(inCell, "", "Old.")}, [2]string{"Begin", "<row/>"}, [2]string{"en", head + line(inCell, "", nowJob)}),
		"number.xlsx": book("", [2]string{"en", head + `<row><c t="str"><v>at-work.about</v></c><c><v>45000</v></c><c t="str"><v>The job you _x0068_ave now.</v></c></row>`}),
		// a library that puts a text into a cell leaves the one before in it
		"both.xlsx": book("<si><t>"+nowJob+"</t></si>", [2]string{"en", head + `<row><c t="str"><v>at-work.about</v></c><c/><c t="s"><v>0</v><is><t>Before.</t></is></c></row>`}),
	} {
		taken(t, name, data, nil, want)
	}
	taken(t, "notes.xlsx", book("", [2]string{"Words", line("Name", "Meaning") + line("case", "byla")}, [2]string{"en", head + line(inCell, aboutWork, nowJob)}), nil, want, `notes.xlsx:1: not looked at: the sheets "Words"`)
	taken(t, "ends.xlsx", book("", [2]string{"en", head + line("at-work.danger.why", "", "One._x000D_\nTwo.")}), nil, map[string]string{"at-work.danger.why": "One.\nTwo."})
	taken(t, "mark.xlsx", book("", [2]string{"en", head + line(inCell, aboutWork, "'"+nowJob)}), nil, map[string]string{inCell: "'" + nowJob}, `mark.xlsx:2: the text "at-work.about" begins with '`)
}

func TestWhatASpreadsheetComputedIsNoTranslation(t *testing.T) {
	row := func(cell string) string {
		return book("", [2]string{"en", line("name", "lt", "en") + `<row r="2"><c r="A2" t="inlineStr"><is><t>at-work.about</t></is></c>` + cell + `</row>`})
	}
	for _, c := range []struct{ cell, want string }{
		{`<c r="C2"><v>45991</v></c>`, `in the text "at-work.about" a spreadsheet computed something in place of a text (45991)`},
		{`<c r="C2" t="b"><v>1</v></c>`, `in the text "at-work.about" a spreadsheet computed something in place of a text (TRUE)`},
		{`<c r="C2" t="d"><v>2026-01-31</v></c>`, `in the text "at-work.about" a spreadsheet computed something in place of a text (2026-01-31)`},
		{`<c r="C2" t="e"><v>#NAME?</v></c>`, `in the text "at-work.about" a spreadsheet computed something in place of a text (#NAME?)`},
		{`<c r="C2" t="e"><f>=Sveiki</f><v>#NAME?</v></c>`, `in the text "at-work.about" a spreadsheet computed something in place of a text (#NAME?)`},
		{`<c r="C2" t="str"><f>GOOGLETRANSLATE(B2,"lt","en")</f><v>The work you do.</v></c>`, `the text "at-work.about" is computed by a formula (The work you do.); let somebody read what it says, then copy the column and paste it as values`},
	} {
		refused(t, "en.xlsx", row(c.cell), nil, "en.xlsx:2: "+c.want)
	}
	for _, cell := range []string{"45991", "2026-01-31", "1,5", "01/02/26", "12:30:00", "TRUE", "50 %", "1.2E+3", "370 616 91119"} { // the same in CSV, where no cell has a type
		refused(t, "en.csv", "name;lt;en\nat-work.about;"+aboutWork+";"+cell+"\n", nil, `en.csv:2: in the text "at-work.about" a spreadsheet computed something in place of a text (`+cell+`)`)
	}
}

// What the line about it asks for is then taken over.
func TestANumberThatIsMeantAsATextIsTaken(t *testing.T) {
	const file = "content/en/at-work.yaml"
	for name, data := range map[string]string{
		"en.csv":  "name;lt;en\nat-work.about;" + aboutWork + ";'16-17\n",
		"en.xlsx": book("", [2]string{"en", line("name", "lt", "en") + line(inCell, aboutWork, "16-17")}),
		"ap.xlsx": book("", [2]string{"en", line("name", "lt", "en") + line(inCell, aboutWork, "'16-17")}),
	} {
		m := taken(t, name, data, nil, map[string]string{inCell: "16-17"})
		if !strings.Contains(string(m.Files[file]), "16-17") {
			t.Errorf("%s: %s", name, m.Files[file])
		}
	}
}

func TestAWorkbookThatCannotBeReadSaysWhy(t *testing.T) {
	head := line("name", "lt", "en")
	parts := func(names ...string) string {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, n := range names {
			w.Create(n)
		}
		w.Close()
		return out.String()
	}
	whole := book("", [2]string{"en", head + line(inCell, aboutWork, nowJob)})
	for name, c := range map[string]struct{ data, want string }{
		"old.xls":       {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more", "old.xls:1: this is a workbook of an old program, or one that asks for a password; save it from the spreadsheet as .xlsx, or as CSV UTF-8"},
		"a.ods":         {parts("mimetype", "content.xml"), "a.ods:1: this is a workbook of LibreOffice (.ods); save it"},
		"b.xlsb":        {parts("xl/workbook.bin"), "b.xlsb:1: this is a workbook in the form .xlsb; save it"},
		"c.numbers":     {parts("Index/Document.iwa"), "c.numbers:1: this is a workbook of Numbers; save it"},
		"d.docx":        {parts("word/document.xml"), "d.docx:1: this is no workbook; save it"},
		"cut.xlsx":      {whole[:len(whole)/2], "cut.xlsx:1: this workbook is cut off or damaged; save it"},
		"nohead.xlsx":   {book("", [2]string{"en", line("a", "b")}), "nohead.xlsx:1: no sheet names the columns in its first line; keep the first line"},
		"nosheet.xlsx":  {book(""), "nosheet.xlsx:1: no sheet names the columns in its first line"},
		"twice.xlsx":    {book("", [2]string{"en", head}, [2]string{"Copy of en", head}), `twice.xlsx:1: the sheets "en" and "Copy of en" both have the columns of the export; keep the one that is meant`},
		"text.xlsx":     {book("<si/>", [2]string{"en", head + `<row r="2"><c t="s"><v>7</v></c></row>`}), "text.xlsx:2: what follows this line cannot be read; save it"},
		"xml.xlsx":      {book("", [2]string{"en", head + "<row><c></row>"}), "xml.xlsx:2: what follows this line cannot be read; save it"},
		"nameless.xlsx": {book("", [2]string{"en", head + line("", aboutWork, nowJob)}), "nameless.xlsx:2: a text has no name; keep the column name"},
	} {
		refused(t, name, c.data, nil, c.want)
	}
}

// A zip of a few kilobytes can hold gigabytes.
func TestASmallWorkbookCannotFillTheMemory(t *testing.T) {
	head := line("name", "lt", "en")
	bombs := map[string]string{
		"shared.xlsx": book(strings.Repeat(`<si/>`, 100_001), [2]string{"en", head}),
		"one.xlsx":    book("", [2]string{"en", head + "<row><c><v>" + strings.Repeat("x", 20<<20)}),
	}
	if manyBombs {
		bombs["cells.xlsx"] = book("", [2]string{"en", head + strings.Repeat(`<row><c r="XFD1"/></row>`, 2_000_000)})
		bombs["blank.xlsx"] = book("", [2]string{"a", strings.Repeat("<row/>", 4_000_000)}, [2]string{"b", strings.Repeat("<row/>", 4_000_000)})
		bombs["attributes.xlsx"] = book("", [2]string{"en", head + "<row " + strings.Repeat(`a="" `, 6_000_000) + "/>"})
		bombs["deep.xlsx"] = book("", [2]string{"en", head + "<row><c>" + strings.Repeat(`<a>`, 6_000_000)})
	}
	for name, data := range bombs {
		if len(data) > exchange.MaxBytes {
			t.Fatalf("%s has %d bytes", name, len(data))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := comes(name, data, nil)
		runtime.ReadMemStats(&after)
		t.Logf("%s: %d bytes, %d MB taken", name, len(data), (after.TotalAlloc-before.TotalAlloc)>>20)
		if err == nil || !strings.Contains(err.Error(), "the workbook holds more than the 16 MB or 100000 texts allowed; keep the sheet with the texts") {
			t.Errorf("%s: %.300v", name, err)
		}
	}
}

// What a spreadsheet would compute is a text in the workbook, and in CSV it stands behind a mark.
func TestNoSpreadsheetComputesATextOfTheExport(t *testing.T) {
	b := &exchange.Bundle{Source: "lt", Target: "en"}
	begins := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "|calc", "%x", "＝1", "＋1", "－1", "＠x", "'=1", "\ufeff=1", "=cmd|'/c calc'!A1", "\n=1"}
	for i, s := range begins {
		b.Units = append(b.Units, exchange.Unit{Key: fmt.Sprintf("=chat.x%d", i), Source: s, Target: s, Screen: s, Notes: []string{s}, Where: s})
	}
	data, _ := exchange.Encode(b, "csv")
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if s := strings.TrimSpace(cell); s == "" || strings.ContainsAny(s[:1], "=+-@|%\t\r") || strings.HasPrefix(s, "＝") {
				t.Errorf("a spreadsheet computes %q", cell)
			}
		}
	}
	data, _ = exchange.Encode(b, "xlsx")
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	sheet, _ := z.Open("xl/worksheets/sheet1.xml")
	xml, _ := io.ReadAll(sheet)
	if n := strings.Count(string(xml), `t="inlineStr"`); n != strings.Count(string(xml), "<c ") || n != (len(begins)+1)*8 || strings.Contains(string(xml), "<f>") {
		t.Errorf("%d cells are texts in %.500s", n, xml)
	}
	for _, format := range []string{"csv", "xlsx"} {
		data, _ := exchange.Encode(b, format)
		again, _ := exchange.Encode(b, format)
		if !bytes.Equal(data, again) {
			t.Errorf("%s: the same texts make another file", format)
		}
		got, err := exchange.Decode("en."+format, data)
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range got.Units {
			if w := b.Units[i]; u.Key != w.Key || u.Source != w.Source || u.Target != w.Target {
				t.Errorf("%s: %q comes back as %q", format, w.Target, u.Target)
			}
		}
	}
}

// A translator works in the workbook: one changed cell is one changed text, and in the file one changed line.
func TestATranslatorsWorkbookChangesOneLine(t *testing.T) {
	b := collect(t, few(), "en")
	for i := range b.Units {
		if b.Units[i].Key == inCell {
			b.Units[i].Target = nowJob
		}
	}
	m, err := back(t, few(), b, "xlsx")
	if err != nil || len(m.Changed) != 1 || m.Changed[0].New != nowJob {
		t.Fatalf("%v %+v", err, m)
	}
	was, _ := os.ReadFile("../../content/en/at-work.yaml")
	old, now := strings.Split(string(was), "\n"), strings.Split(string(m.Files["content/en/at-work.yaml"]), "\n")
	lines := 0
	for i := range old {
		if i < len(now) && old[i] != now[i] && !strings.HasPrefix(now[i], "# reviewed:") {
			lines++
		}
	}
	if len(old) != len(now) || lines != 1 {
		t.Errorf("%d lines of %d are other ones, %d are there", lines, len(old), len(now))
	}
}

func FuzzWorkbook(f *testing.F) {
	head := line("name", "lt", "en")
	f.Add(`<si><t>name</t></si><si><r><t>en</t></r><rPh><t>x</t></rPh></si>`, head+line("chat.begin", "Pradėti", "Start"))
	f.Add("", `<row r="9"><c r="C9" t="s"><v>1</v></c><c r="AAA9" t="b"><v>0</v></c><c><f>A1</f><v>2</v></c></row>`)
	f.Add("<si/>", head+`<row><c t="str"><v>chat.more[few]</v></c><c t="d"><v>_x0000_</v></c><c t="e"><v>#REF!</v></c></row>`)
	f.Fuzz(func(t *testing.T, shared, sheet string) {
		decodesAndMerges(t, "x.xlsx", []byte(book(shared, [2]string{"en", sheet})))
	})
}
