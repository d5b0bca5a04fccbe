//go:build long

package exchange_test

import (
	"os"
	"path/filepath"
	"testing"
)

const manyBombs = true

func TestLibreOfficeGivesBackWhatItGot(t *testing.T) {
	needs(t, "soffice")
	dir := export(t, "en")
	for _, way := range [][3]string{{"en.xlsx", "xlsx:Calc MS Excel 2007 XML", "out/en.xlsx"}, {"en.xlsx", "csv:Text - txt - csv (StarCalc):44,34,76", "out/en.csv"},
		{"en.csv", "xlsx:Calc MS Excel 2007 XML", "out/en.xlsx"}} {
		does(t, dir, "soffice", "--headless", "--infilter=CSV:44,34,76", "--convert-to", way[1], "--outdir", "out", way[0])
		brings(t, dir, way[2])
		os.Remove(filepath.Join(dir, way[2]))
	}
}

// What programs for Node make of an export: they are fetched for the test.
func TestTheLibrariesOfNodeGiveBackWhatTheyGot(t *testing.T) {
	needs(t, "node", "npm")
	dir := export(t, "en")
	const script = `
const fs = require('fs');
const po = require('gettext-parser').po;
fs.writeFileSync('node.po', po.compile(po.parse(fs.readFileSync('en.po'))));
const papa = require('papaparse');
const rows = papa.parse(fs.readFileSync('en.csv', 'utf8'), { skipEmptyLines: true }).data;
fs.writeFileSync('node.csv', papa.unparse(rows));
fs.writeFileSync('semicolons.csv', papa.unparse(rows, { delimiter: ';', newline: '\r\n', escapeFormulae: false }));
fs.writeFileSync('escaped.csv', papa.unparse(rows, { escapeFormulae: true }));
`
	for name, text := range map[string]string{"package.json": `{"private":true,"dependencies":{"gettext-parser":"*","papaparse":"*"}}`, "go.js": script} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	does(t, dir, "npm", "install", "--silent", "--no-audit", "--no-fund")
	does(t, dir, "node", "go.js")
	for _, name := range []string{"node.po", "node.csv", "semicolons.csv", "escaped.csv"} {
		brings(t, dir, name)
	}
}
