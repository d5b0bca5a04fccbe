package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAPrintShopGetsEverySheetInEveryLanguageWithAList(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "spauda.zip")
	if code, _, errs := command("", "poster", "radijas", "--url", "https://www.example.lt", "--all", "--out", file); code != fine {
		t.Fatal(code, errs)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	in := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if in[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(in["list.csv"], []byte("\ufeff")))).ReadAll()
	if err != nil || strings.Join(rows[0], " ") != "file size code language copies" {
		t.Fatalf("%v: %v", rows, err)
	}
	sheets := len(in) - 1
	if len(rows)-1 != sheets || sheets%6 != 0 || sheets < 30 {
		t.Errorf("%d sheets, %d rows", sheets, len(rows)-1)
	}
	for _, row := range rows[1:] {
		if !bytes.HasPrefix(in[row[0]], []byte("%PDF-")) || row[2] != "radijas" || row[4] != "" || !strings.Contains(row[0], row[3]) || !strings.HasSuffix(row[1], " mm") {
			t.Errorf("%q", row)
		}
	}
}

func TestAPosterThatCannotBeDrawnSaysWhyAndWritesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{}, "name a campaign of content/campaigns.yaml: savivaldybe, "},
		{[]string{"jonas"}, "name a campaign of content/campaigns.yaml"},
		{[]string{"radijas", "--url", "patikra"}, `"patikra" is no address of the page`},
		{[]string{"radijas", "--url", "https://www.example.lt", "--size", "a0"}, `there is no size "a0"; there is a4, a3`},
		{[]string{"radijas", "--url", "https://www.example.lt", "--format", "gif"}, `there is no format "gif"; there is pdf`},
		{[]string{"radijas", "--url", "https://www.example.lt", "--language", "xx"}, `there is no language "xx"`},
	} {
		file := filepath.Join(t.TempDir(), "sheet.pdf")
		code, out, errs := command("", append(append([]string{"poster"}, c.args...), "--out", file)...)
		if code != misuse || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%q: %d, %q", c.args, code, errs)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%q wrote a file", c.args)
		}
	}
}
