package content

import (
	"bytes"
	"strings"
)

// Header is the line at the head of a file that says who has reviewed it.
type Header struct {
	File string
	Line int
}

// review reads the remarks at the head of a file for "reviewed: none".
func (l *Language) review(file string, data []byte) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for i := 1; len(data) > 0; i++ {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		remark, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "#")
		if !ok {
			return
		}
		if who, ok := strings.CutPrefix(strings.TrimSpace(remark), "reviewed:"); ok && (strings.TrimSpace(who) == "none" || strings.HasPrefix(strings.TrimSpace(who), "none ")) {
			l.Unreviewed = append(l.Unreviewed, Header{file, i})
		}
		data = rest
	}
}
