package exchange

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// A workbook is a zip of XML files. Ours has one sheet, every cell of which is text, so that no spreadsheet computes anything; the columns are
// of the kind text too, so that what somebody types into them stays as it is typed. The same bundle makes the same bytes.

// sheetWidths are the widths of the columns, in signs, in the order of the export.
var sheetWidths = [...]int{32, 60, 60, 14, 22, 40, 8, 28}

// styles of cells, by their place in xl/styles.xml
const (
	asText  = 1
	asTitle = 2
)

const bookParts = `-- [Content_Types].xml --
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>
-- _rels/.rels --
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>
-- xl/_rels/workbook.xml.rels --
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>
-- xl/styles.xml --
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>
`

func encodeXLSX(b *Bundle) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for part := range strings.SplitSeq(strings.TrimPrefix(bookParts, "-- "), "\n-- ") {
		name, data, _ := strings.Cut(part, " --\n")
		writePart(w, name, strings.TrimSpace(data))
	}
	writePart(w, "xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name=`+
		attribute(b.Target)+` sheetId="1" r:id="rId1"/></sheets></workbook>`)
	writePart(w, "xl/worksheets/sheet1.xml", sheetOf(b))
	w.Close()
	return out.Bytes()
}

// writePart writes into memory, which does not fail.
func writePart(w *zip.Writer, name, data string) {
	part, err := w.Create(name)
	if err == nil {
		io.WriteString(part, xml.Header+data)
	}
}

// sheetOf is the sheet of a bundle, its first row held in sight.
func sheetOf(b *Bundle) string {
	var w strings.Builder
	w.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`)
	for i, width := range sheetWidths {
		fmt.Fprintf(&w, `<col min="%d" max="%d" width="%d" style="%d" customWidth="1"/>`, i+1, i+1, width, asText)
	}
	w.WriteString(`</cols><sheetData>`)
	line := 0
	for row := range b.rows() {
		line++
		style := asText
		if line == 1 {
			style = asTitle
		}
		fmt.Fprintf(&w, `<row r="%d">`, line)
		for i, c := range row {
			fmt.Fprintf(&w, `<c r="%c%d" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, 'A'+i, line, style, cellText(c))
		}
		w.WriteString(`</row>`)
	}
	w.WriteString(`</sheetData></worksheet>`)
	return w.String()
}

// underscored is how a workbook writes a sign by its number: a text that has just these letters has to say that it means them.
var underscored = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// cellText is a text as it stands in a workbook's cell.
func cellText(s string) string {
	cell := escaped(s)
	if unguard(cell) != s { // a ' of its own
		cell = "'" + cell
	}
	return escape(underscored.ReplaceAllString(cell, "_x005F$0"), false)
}
