package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"patikra/bot/library"
	"patikra/bot/story"
	"patikra/content/sheet"
)

// What is said otherwise than a story has it. One word that changes may change dozens of stories: each change is shown once, with the stories that it is
// in. None is written into a story unless somebody has said that it is right.

// changedStory is a story that says something else now, and how it would be written.
type changedStory struct {
	file, text string
	changes    []story.Change
	keys       []string // of the changes: those that differ in the same lines are one
}

func (c changedStory) name() string { return strings.TrimSuffix(path.Base(c.file), ".txt") }

type changedStories []changedStory

// compareStories finds the stories that say something else, and counts those that do not lead on: they are named at once.
func compareStories(l *library.Library, stories []story.Story, out io.Writer) (changed changedStories, lost int) {
	for _, s := range stories {
		text, changes, err := s.Update(l)
		if err == nil && len(changes) > 0 {
			var again story.Story
			if again, err = story.Parse(s.File, text); err == nil {
				err = again.Play(l)
			}
		}
		switch {
		case err != nil:
			lost++
			tellAll(out, err)
		case len(changes) > 0:
			keys := make([]string, len(changes))
			for i, c := range changes {
				keys[i] = keyOf(c)
			}
			changed = append(changed, changedStory{s.File, text, changes, keys})
		}
	}
	return changed, lost
}

// without returns the first of the names that is none of a changed story, empty when all are.
func (all changedStories) without(names []string) string {
	for _, n := range names {
		if !slices.ContainsFunc(all, func(c changedStory) bool { return c.name() == n }) {
			return n
		}
	}
	return ""
}

// take shows every change and writes the stories whose changes are all taken as right. Left is how many are not.
func (all changedStories) take(dir string, take taken, out io.Writer) (left int, err error) {
	right := map[string]bool{} // changes
	asked := bufio.NewScanner(take.in)
	ended := !take.ask
	for i, c := range all {
		for j, key := range c.keys {
			if _, shown := right[key]; shown || slices.Contains(take.names, c.name()) {
				continue
			}
			right[key] = false
			all[i:].show(out, c.changes[j], key)
			if !ended {
				fmt.Fprint(out, sheet.Text("Is this right? yes or no: ").In(languageOf(out)))
				ended = !asked.Scan()
				right[key] = !ended && yes(asked.Text())
				fmt.Fprintln(out)
			}
		}
	}
	var write changedStories
	for _, c := range all {
		whole := !slices.ContainsFunc(c.keys, func(key string) bool { return !right[key] })
		if whole || slices.Contains(take.names, c.name()) {
			write = append(write, c)
		}
	}
	return len(all) - len(write), write.save(dir, out)
}

// yes reports whether an answer means yes, in either language.
func yes(answer string) bool {
	return slices.Contains([]string{"y", "yes", "t", "taip"}, strings.ToLower(strings.TrimSpace(answer)))
}

// keyOf is what differs in a change.
func keyOf(c story.Change) string {
	var lines []string
	for _, r := range rows(c.Before, c.After) {
		if differs(r) {
			lines = append(lines, r[0], r[1])
		}
	}
	if len(lines) == 0 { // the lines stand in another order
		lines = slices.Concat([]string{c.Said}, c.Before, c.After)
	}
	return strings.Join(lines, "\n")
}

// with names the stories that have a change.
func (all changedStories) with(key string) (names []string) {
	for _, c := range all {
		if slices.Contains(c.keys, key) {
			names = append(names, c.name())
		}
	}
	return names
}

// save writes the stories of a folder.
func (all changedStories) save(dir string, out io.Writer) error {
	if len(all) == 0 {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, c := range all {
		if err := replace(root, c.file, c.text); err != nil {
			return err
		}
		tell(out, "%s is rewritten", c.file)
	}
	return nil
}

// mostNamed is how many stories are named beside a change.
const mostNamed = 6

// show puts a change on the screen: what stood there on the left, what stands there now on the right, and a mark where they differ.
func (all changedStories) show(out io.Writer, c story.Change, key string) {
	names := all.with(key)
	list, more := strings.Join(names[:min(len(names), mostNamed)], ", "), len(names)-mostNamed
	switch {
	case len(names) == 1:
		tell(out, "changed in %s:%d, after %q:", all[0].file, c.Line, c.Said)
	case more <= 0:
		tell(out, "changed in %d stories, after %q: %s", len(names), c.Said, list)
	default:
		tell(out, "changed in %d stories, after %q: %s and %d more", len(names), c.Said, list, more)
	}
	if c.Result {
		tell(out, "  it came to %q", strings.Join(c.Before, " "))
		tell(out, "  and now to  %q", strings.Join(c.After, " "))
		fmt.Fprintln(out)
		return
	}
	lang := languageOf(out)
	fmt.Fprintf(out, "    %s | %s\n", pad(sheet.Text("before").In(lang)), sheet.Text("now").In(lang))
	fmt.Fprintf(out, "    %s-+-%s\n", strings.Repeat("-", column), strings.Repeat("-", column))
	for _, r := range rows(c.Before, c.After) {
		mark := " "
		if differs(r) {
			mark = "*"
		}
		left, right := wrap(r[0]), wrap(r[1])
		for i := range max(len(left), len(right)) {
			fmt.Fprintf(out, "  %s %s | %s\n", mark, pad(at(left, i)), at(right, i))
		}
	}
	fmt.Fprintln(out)
}

// column is how wide each of the two screens is, in letters.
const column = 44

func pad(s string) string { return s + strings.Repeat(" ", max(0, column-utf8.RuneCountInString(s))) }

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// wrap breaks a line between words.
func wrap(s string) (out []string) {
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && utf8.RuneCountInString(line+" "+word) > column {
			out, line = append(out, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(out, line)
}

// rows puts the lines of two screens side by side: those that both have in one row, and what stands between them.
func rows(before, after []string) (out [][2]string) {
	same := common(before, after)
	i, j := 0, 0
	for _, s := range append(same, [2]int{len(before), len(after)}) {
		for i < s[0] || j < s[1] {
			var r [2]string
			if i < s[0] {
				r[0], i = before[i], i+1
			}
			if j < s[1] {
				r[1], j = after[j], j+1
			}
			out = append(out, r)
		}
		if i < len(before) && j < len(after) {
			out = append(out, [2]string{before[i], after[j]})
			i, j = i+1, j+1
		}
	}
	return out
}

// differs reports whether a line of a story is not there any more. What the story never mentioned is no change.
func differs(row [2]string) bool { return row[0] != "" && !story.Fits(row[0], row[1]) }

// common finds the longest run of lines that both screens have in the same order, as their places.
func common(a, b []string) (out [][2]int) {
	best := make([][]int, len(a)+1)
	for i := range best {
		best[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if best[i][j] = max(best[i+1][j], best[i][j+1]); story.Fits(a[i], b[j]) {
				best[i][j] = best[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case story.Fits(a[i], b[j]):
			out = append(out, [2]int{i, j})
			i, j = i+1, j+1
		case best[i+1][j] >= best[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}
