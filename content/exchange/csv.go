package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
)

func encodeCSV(b *Bundle) []byte {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	for row := range b.rows() {
		for i, c := range row {
			row[i] = guard(c)
		}
		w.Write(row)
	}
	w.Flush()
	return out.Bytes()
}

func (d *decoder) csv(data []byte) {
	line := 0                                                  // lines before the table
	if rest, ok := bytes.CutPrefix(data, []byte("sep=")); ok { // a spreadsheet's own word, no row
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
		data, line = rest, 1
	}
	head := data[:min(len(data), 4000)]
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	for _, comma := range []rune{',', ';', '\t'} { // spreadsheets write what their country does
		if marks(head, comma) > marks(head, r.Comma) {
			r.Comma = comma
		}
	}
	d.table(func() (cells, error) {
		record, err := r.Read()
		if err == nil {
			n, _ := r.FieldPos(0)
			return cells{text: record, line: line + n}, nil
		}
		var p *csv.ParseError
		if errors.As(err, &p) {
			return cells{line: line + p.StartLine}, err
		}
		return cells{line: line + 1}, err
	})
}

// marks counts how often a sign stands in the row that names the columns.
func marks(head []byte, sign rune) int {
	for row := range bytes.Lines(head) {
		cells := strings.FieldsFunc(string(row), func(r rune) bool { return r == sign || r == '"' || r == '\r' || r == '\n' })
		for _, c := range cells {
			if strings.EqualFold(strings.TrimSpace(c), "name") {
				return bytes.Count(row, []byte(string(sign)))
			}
		}
	}
	return 0
}
