package content_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/charmap"

	"patikra/content"
)

func TestWhatMachinesDoToTextsIsSeen(t *testing.T) {
	for _, c := range []struct {
		tag, text string
		want      content.Damage
	}{
		{"ru", "??????, ??????? ?? ??????? ??????", content.LostLetters},
		{"lt", "Man si?lo darb?", content.LostLetters},
		{"lt", "Kitoje ?alyje", content.LostLetters},
		{"en", "The work ? and the pay", content.LostLetters},
		{"en", "If somebody threatens you ? {emergency}.", content.LostLetters},
		{"lt", "Man si\ufffdlo", content.LostLetters},
		{"pl", "Praca, ktÃ³rÄ… masz teraz.", content.WrongEncoding},
		{"en", "The work тАУ and the pay", content.WrongEncoding},
		{"lt", "NeЕѕinau", content.WrongEncoding},
		{"pl", "GotÃ³w", content.WrongEncoding},
		{"lt", "darbÄ…", content.WrongEncoding},
		{"lt", "Ä–jo", content.WrongEncoding},
		{"lt", "nurodyta Å¡alis", content.WrongEncoding},
		{"lt", "â€žLabasâ€œ", content.WrongEncoding},
		{"ru", "Р Р°Р±РѕС‚Р°", content.WrongEncoding},
		{"uk", "Ð Ð¾Ð±Ð¾Ñ‚Ð°", content.WrongEncoding},
		{"ru", "╨а╨░╨▒╨╛╤В╨░", content.WrongEncoding},
		{"lt", "siûlo darbà", content.WrongEncoding},
		{"pl", "pracê i p³aca", content.WrongEncoding},
		{"ru", "Ðàáîòà", content.WrongEncoding},
		{"lt", `darb\u0105`, content.WrongEncoding},
		{"lt", "darb=C4=85", content.WrongEncoding},
		{"en", "#NAME?", content.SheetError},
		{"ru", "#ИМЯ?", content.SheetError},
		{"pl", "#ADR!", content.SheetError},
		{"en", "Err:508", content.SheetError},
		{"en", "########", content.SheetError},
		{"en", "3.7E+10", content.SheetError},
		{"en", "Papers &amp; phone", content.Entities},
		{"en", "Don&#39;t", content.Entities},
		{"en", "One<br/>two", content.Entities},
		{"en", "#-#-#-#-#  a.po (patikra)  #-#-#-#-#\nThe work.", content.MergeMarks},
		{"en", "one\n<<<<<<< HEAD\ntwo\n=======\nthree", content.MergeMarks},
		// and good texts
		{"lt", "„AŠ“ ir „TĄ“, „JŪS…“ – „ĖĖ“", content.NoDamage},
		{"pl", "„PIĆ” — ŁÓDŹ…", content.NoDamage},
		{"uk", "Рік, Рівне, Сєвєродонецьк, Дні", content.NoDamage},
		{"ru", "Сёмга? Да?! «РА»", content.NoDamage},
		{"lt", "Café Crème, Société Générale, Käthe Müller", content.NoDamage},
		{"lt", "Ar tikrai? Kur?Kada (?)", content.NoDamage},
		{"lt", "Rašykite https://a.lt/x?y=1", content.NoDamage},
		{"en", "R&D; AT&T, a < b, 5 > 4, #112, a = b", content.NoDamage},
		{"ro", "Vă sună? Nu știți", content.NoDamage},
		{"vi", "Bạn có biết số điện thoại này không?", content.NoDamage},
		{"el", "Ποιος σας καλεί;", content.NoDamage},
		{"ka", "ვინ გირეკავთ?", content.NoDamage},
	} {
		if got, found := content.DamageOf(c.tag, c.text); got != c.want || (got != content.NoDamage) == (found == "") {
			t.Errorf("%s %q: %d %q, want %d", c.tag, c.text, got, found, c.want)
		}
	}
}

// A text that went through a program with another encoding is seen in any of the texts that ship, unless a letter or two
// are all that was not ASCII.
func TestAnyTextInTheWrongEncodingIsSeen(t *testing.T) {
	fsys := os.DirFS("..")
	for tag, codes := range map[string][]*charmap.Charmap{
		"lt": {charmap.Windows1252, charmap.Windows1257}, "pl": {charmap.Windows1252, charmap.Windows1250}, "ru": {charmap.Windows1252, charmap.Windows1251}, "uk": {charmap.Windows1252, charmap.Windows1251}} {
		entries, err := content.Entries(fsys, tag)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			seen, all := 0, 0
			for _, e := range entries {
				if d, found := content.DamageOf(tag, e.Value); d != content.NoDamage {
					t.Fatalf("%s %s is good and reads as damaged: %q", tag, e.Key(), found)
				}
				var wrong strings.Builder
				for _, b := range []byte(e.Value) {
					r := code.DecodeByte(b)
					if r == '\ufffd' {
						r = rune(b)
					}
					wrong.WriteRune(r)
				}
				if wrong.String() == e.Value {
					continue
				}
				all++
				if d, _ := content.DamageOf(tag, wrong.String()); d == content.WrongEncoding {
					seen++
				}
			}
			if all < 500 || seen*100 < all*97 {
				t.Errorf("%s read as %v: %d of %d are seen", tag, code, seen, all)
			}
		}
	}
}

func TestCheckTellsDamageInOneLineForEachFile(t *testing.T) {
	fsys := fstest.MapFS{"content/lt/chat.yaml": {Data: []byte("begin: \"Prad?ti\"\nnext: \"T?sti\"\nback: Atgal\nwords:\n  \"yes\": [taip]\n")}}
	_, err := content.Read(fsys)
	const want = `content/lt/chat.yaml:1: in 2 texts letters have been lost, first in "chat.begin" (Prad?ti); take the texts from where they were whole, and save them as UTF-8 (in a spreadsheet: CSV UTF-8)`
	if err == nil || strings.Count(err.Error(), "letters have been lost") != 1 || !strings.Contains(err.Error(), want) {
		t.Errorf("%v", err)
	}
}

func TestStaffWhoKnowBetterMarkATextThatOnlyLooksDamaged(t *testing.T) {
	files := func(mark string) fstest.MapFS {
		return fstest.MapFS{"content/lt/chat.yaml": {Data: []byte("begin: Prad?ti" + mark + "\nlist:\n  - T?sti" + mark + "\nmany:\n  one: D?l" + mark + "\n  other: D?l" + mark + "\nwords:\n  \"yes\":\n    - tai?p" + mark + "\n")}}
	}
	for _, c := range []struct {
		mark string
		says bool
	}{{"", true}, {" # reviewed", true}, {" # as it is", false}, {" # As it  is", false}} {
		read, err := content.Read(files(c.mark))
		if got := strings.Contains(fmt.Sprint(err), "letters have been lost"); got != c.says {
			t.Errorf("%q: %v", c.mark, err)
		}
		if c.says != strings.Contains(fmt.Sprint(err), "write behind it on its line: # as it is") {
			t.Errorf("%q: the way out is not said: %v", c.mark, err)
		}
		if n := len(read.Remarks); !c.says && n > 0 {
			t.Errorf("the mark is taken for lost words: %v", read.Remarks)
		}
	}
}
