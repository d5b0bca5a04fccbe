package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"patikra/bot/library"
	"patikra/bot/poster"
	"patikra/content"
	"patikra/content/sheet"
)

type posterLine struct {
	staffLine

	Code     string `arg:"" optional:"" help:"The campaign's code in content/campaigns.yaml."`
	Dir      string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	Language string `name:"language" help:"Language of the sheet, as lt; else the campaign's."`
	Size     string `default:"a4" help:"a3, a4, a5, strips (to tear off), card (for a wallet) or sticker."`
	Format   string `default:"pdf" help:"pdf, svg or png."`
	Bleed    bool   `help:"With 3 mm of colour over the edge and marks where to cut, for a print shop."`
	URL      string `name:"url" help:"The page's public address; else PATIKRA_URL."`
	Out      string `help:"The file to write; without it the sheet is printed."`
	All      bool   `help:"Every size in every language, for a print shop, as one zip with a list."`
}

func (x posterLine) Run(c *call) error { return exit(drawPoster(x, c.out, c.errs)) }

// drawPoster draws what is printed for a campaign.
func drawPoster(x posterLine, out, errs io.Writer) int {
	const command = "poster"
	l, code := openFor(command, x.Dir, errs)
	if l == nil {
		return code
	}
	campaign := l.Catalog.Campaign(x.Code)
	if campaign == nil {
		var known []string
		for _, c := range l.Catalog.Campaigns {
			known = append(known, c.Code)
		}
		fail(errs, command, sheet.Say("name a campaign of content/campaigns.yaml: %s", strings.Join(known, ", ")))
		return misuse
	}
	base, err := pageAddress(x.URL)
	if err != nil {
		fail(errs, command, err)
		return misuse
	}
	data, err := posterData(l, campaign, base, x)
	if err != nil {
		fail(errs, command, err)
		return misuse
	}
	if x.Out == "" && isTerminal(out) {
		fail(errs, command, sheet.Text("name the file to write with --out"))
		return misuse
	}
	if x.Out != "" {
		err = os.WriteFile(x.Out, data, 0o644)
	} else {
		_, err = out.Write(data)
	}
	if err != nil {
		fail(errs, command, err)
		return found
	}
	return fine
}

// sheetOf draws a sheet without bleed, for the page.
func sheetOf(l *library.Library, lang, campaign, base, size, form string) ([]byte, error) {
	s, err := poster.Of(l, lang, campaign, base)
	if err != nil {
		return nil, err
	}
	return poster.Draw(s, size, form, false)
}

// pageAddress is where the page is for people.
func pageAddress(given string) (string, error) {
	get, err := environment(".env")
	if err != nil {
		return "", err
	}
	set, err := get("PATIKRA_URL")
	if err != nil {
		return "", err
	}
	if given = cmp.Or(given, set); given == "" {
		return "", sheet.Text("say where the page is for people: --url https://www.example.lt, or PATIKRA_URL")
	}
	return given, nil
}

// posterData is the file that was asked for.
func posterData(l *library.Library, c *content.Campaign, base string, x posterLine) ([]byte, error) {
	if x.All {
		return posterZip(l, c, base)
	}
	s, err := poster.Of(l, cmp.Or(x.Language, c.Language, content.Source), c.Code, base)
	if err != nil {
		return nil, err
	}
	var sizes []string
	for _, z := range poster.Sizes() {
		sizes = append(sizes, z.Name)
	}
	switch {
	case !slices.Contains(sizes, x.Size):
		return nil, sheet.Say("there is no size %q; there is %s", x.Size, strings.Join(sizes, ", "))
	case !slices.Contains(poster.Forms, x.Format):
		return nil, sheet.Say("there is no format %q; there is %s", x.Format, strings.Join(poster.Forms, ", "))
	}
	return poster.Draw(s, x.Size, x.Format, x.Bleed)
}

// printed is how a size is called in the list for a print shop.
func printed(z poster.Size) string { return fmt.Sprintf("%s %gx%g mm", z.Name, z.W, z.H) }

// posterZip is every size in every language with what a print shop needs, and a list whose last column somebody fills in.
func posterZip(l *library.Library, c *content.Campaign, base string) ([]byte, error) {
	var b, list bytes.Buffer
	w, rows := zip.NewWriter(&b), csv.NewWriter(&list)
	rows.Write([]string{"file", "size", "code", "language", "copies"})
	add := func(name string, data []byte) error {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	}
	for i := range l.Catalog.Languages {
		lang := l.Catalog.Languages[i].Tag
		s, err := poster.Of(l, lang, c.Code, base)
		if err != nil {
			return nil, err
		}
		for _, z := range poster.Sizes() {
			name := fmt.Sprintf("%s-%s-%s.pdf", c.Code, lang, z.Name)
			data, err := poster.Draw(s, z.Name, "pdf", true)
			if err == nil {
				err = add(name, data)
			}
			if err != nil {
				return nil, err
			}
			rows.Write([]string{name, printed(z), c.Code, lang, ""})
		}
	}
	rows.Flush()
	if err := add("list.csv", append([]byte("\ufeff"), list.Bytes()...)); err != nil { // so that spreadsheets read it as UTF-8
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
