//go:build long

package exchange_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"patikra/content"
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
const xliff = require('xliff');
(async () => {
  const js = await xliff.xliff2js(fs.readFileSync('en.xlf', 'utf8'));
  fs.writeFileSync('node.xlf', await xliff.js2xliff(js));
  fs.writeFileSync('node12.xlf', await xliff.jsToXliff12(js));
})();
`
	for name, text := range map[string]string{"package.json": `{"private":true,"dependencies":{"gettext-parser":"10","papaparse":"5","xliff":"6","prettier":"3"}}`, "go.js": script} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	does(t, dir, "npm", "install", "--silent", "--no-audit", "--no-fund")
	does(t, dir, "node", "go.js")
	for _, name := range []string{"node.po", "node.csv", "semicolons.csv", "escaped.csv", "node.xlf", "node12.xlf"} {
		brings(t, dir, name)
	}
	pretty(t, dir)
}

// pretty lets a pretty-printer write the files of staff anew: they say the same.
func pretty(t *testing.T, dir string) {
	was := maps.Clone(few())
	for name, f := range was {
		file := filepath.Join(dir, filepath.FromSlash(name))
		os.MkdirAll(filepath.Dir(file), 0o755)
		os.WriteFile(file, f.Data, 0o644)
	}
	does(t, dir, "npx", "prettier", "--write", "content/**/*.yaml")
	for _, tag := range content.Folders(was) {
		old, err1 := content.Entries(was, tag)
		now, err2 := content.Entries(os.DirFS(dir), tag)
		if err1 != nil || err2 != nil || len(old) != len(now) {
			t.Fatal(tag, err1, err2, len(old), len(now))
		}
		for i := range old {
			if old[i].Key() != now[i].Key() || old[i].Value != now[i].Value {
				t.Errorf("%s: %s said %q, and says %q", tag, old[i].Key(), old[i].Value, now[i].Value)
			}
		}
	}
}
