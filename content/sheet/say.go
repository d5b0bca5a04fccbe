package sheet

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"syscall"
)

// Text is a sentence to staff: its English wording and, packed behind it, what is filled in. So it can be kept, compared and passed on like
// any string, and is drawn only where it is known who reads it: [Text.In]. A constant is a Text into which nothing is filled; every other one
// is made by [Say]. What the wordings are in Lithuanian stands in lithuanian.go, and a test finds those that are missing.
type Text string

// Say fills a wording, which has the verbs of package fmt: %s, %q for words of the files and what people would type, %d, %c and %v. What is filled
// in may be a Text or an error, and is then drawn in the same language.
func Say(wording Text, args ...any) Text {
	if len(args) == 0 {
		return wording
	}
	var b strings.Builder
	b.WriteString(string(wording))
	for _, a := range args {
		b.WriteByte(cut)
		kind, s := packed(a)
		b.WriteByte(kind)
		b.WriteString(hide.Replace(s))
	}
	return Text(b.String())
}

// How a Text is packed: each value begins with a mark and its kind.
const (
	cut    = '\x00'
	word   = 's'
	number = 'd'
	nested = 't'
)

// The mark itself may stand in what is filled in.
var (
	hide = strings.NewReplacer("\x01", "\x01a", "\x00", "\x01b")
	bare = strings.NewReplacer("\x01a", "\x01", "\x01b", "\x00")
)

func packed(a any) (kind byte, s string) {
	switch a := a.(type) {
	case Text:
		return nested, string(a)
	case string:
		return word, a
	case error:
		return nested, string(Explain(a))
	case fmt.Stringer:
		return word, a.String()
	}
	switch v := reflect.ValueOf(a); {
	case v.CanInt():
		return number, strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return number, strconv.FormatUint(v.Uint(), 10)
	}
	return word, fmt.Sprint(a)
}

// mostFilled is how long each value in a mistake may be, in bytes: what is quoted of a file may be anything.
const mostFilled = 400

// brief is the sentence with every long value cut.
func (t Text) brief() Text {
	if len(t) <= mostFilled {
		return t
	}
	parts := strings.Split(string(t), string(rune(cut)))
	for i, s := range parts[1:] {
		if len(s) > mostFilled {
			parts[i+1] = strings.TrimSuffix(strings.ToValidUTF8(s[:mostFilled], ""), "\x01") + "…"
		}
	}
	return Text(strings.Join(parts, string(rune(cut))))
}

// Explain is an error as a Text. What the system says of files is known; the rest stays in the words that it has.
func Explain(err error) Text {
	var said Text
	var all Problems
	var file *fs.PathError
	switch {
	case errors.As(err, &said) && err.Error() == said.Error():
		return said
	case errors.As(err, &all) && err.Error() == all.Error():
		var lines []any
		for _, p := range all {
			lines = append(lines, p.Text())
		}
		return below(lines)
	case joined(err) != nil:
		var lines []any
		for _, e := range joined(err) {
			lines = append(lines, Explain(e))
		}
		return below(lines)
	case !errors.As(err, &file) || err.Error() != file.Error():
		return Text(hidden(err.Error()))
	case errors.Is(err, fs.ErrNotExist):
		return Say("%s %s: no such file or directory", file.Op, file.Path)
	case errors.Is(err, fs.ErrPermission):
		return Say("%s %s: permission denied", file.Op, file.Path)
	case errors.Is(err, syscall.ENOTDIR):
		return Say("%s %s: not a directory", file.Op, file.Path)
	}
	return Text(hidden(err.Error()))
}

// joined are the errors that errors.Join has put together, nil for any other error.
func joined(err error) []error {
	many, ok := err.(interface{ Unwrap() []error })
	if !ok || err.Error() != errors.Join(many.Unwrap()...).Error() {
		return nil
	}
	return many.Unwrap()
}

// below puts sentences one below the other.
func below(lines []any) Text {
	return Say(Text(strings.TrimSuffix(strings.Repeat("%s\n", len(lines)), "\n")), lines...)
}

func hidden(s string) string { return strings.ReplaceAll(s, "\x00", "") }

// Languages that staff are spoken to in. Any other is spoken to in English.
const (
	English    = "en"
	Lithuanian = "lt"
)

// Wordings are all sentences to staff that there are in Lithuanian, by their English wording.
func Wordings() map[Text]string { return maps.Clone(lithuanian) }

// In draws the sentence in a language, English or Lithuanian. A wording that has none in Lithuanian is drawn in English.
func (t Text) In(lang string) string {
	wording, rest, filled := strings.Cut(string(t), string(rune(cut)))
	if own, ok := lithuanian[Text(wording)]; ok && lang == Lithuanian {
		wording = own
	}
	if !filled {
		return wording
	}
	var args []any
	for _, s := range strings.Split(rest, string(rune(cut))) {
		args = append(args, unpacked(s, lang))
	}
	return fmt.Sprintf(wording, args...)
}

func unpacked(s, lang string) any {
	if s == "" {
		return ""
	}
	kind, s := s[0], bare.Replace(s[1:])
	switch {
	case kind == number:
		n, _ := strconv.ParseInt(s, 10, 64)
		return n
	case kind == nested:
		s = Text(s).In(lang)
	}
	if lang == Lithuanian {
		return lithuanianWord(s)
	}
	return s
}

// lithuanianWord stands between „ and “ where English has "".
type lithuanianWord string

// Format implements [fmt.Formatter].
func (w lithuanianWord) Format(f fmt.State, verb rune) {
	if verb != 'q' {
		fmt.Fprintf(f, fmt.FormatString(f, verb), string(w))
		return
	}
	quoted := strconv.Quote(string(w))
	fmt.Fprintf(f, "„%s“", strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`))
}

// Error is the sentence in English, so that a Text can be an error.
func (t Text) Error() string { return t.In(English) }

// MarshalText writes the sentence in English, as other programs read it.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.In(English)), nil }

// In draws an error for staff: each mistake in a line, a Text in the language, and anything else as it speaks.
func In(lang string, err error) string { return Explain(err).In(lang) }
