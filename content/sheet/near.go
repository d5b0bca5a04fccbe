package sheet

import "slices"

// farthest is how many letters may differ for a name to be taken for a misspelt one.
const farthest = 2

// Near puts the name that is probably meant before a remedy: the one of those known that differs least, by two letters at most. Where there is none,
// or where two differ as little, it returns the remedy alone.
func Near(name string, known []string, remedy Text) Text {
	if message, letter, _ := lookalike(name); message != "" {
		return Say("%s: %s", message, letter)
	}
	best, at, twice := farthest+1, "", false
	for _, k := range slices.Sorted(slices.Values(known)) {
		switch d := Distance([]rune(name), []rune(k)); {
		case d < best:
			best, at, twice = d, k, false
		case d == best:
			twice = true
		}
	}
	if at == "" || twice || best >= len(at)-1 {
		return remedy
	}
	return Say("perhaps %q is meant; otherwise %s", at, remedy)
}

// Distance is how many letters have to be put in, left out, changed, or to change places with their neighbour to make b of a.
func Distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range b {
		rows[0][j+1] = j + 1
	}
	for i := range a {
		for j := range b {
			change := rows[i][j]
			if a[i] != b[j] {
				change++
			}
			best := min(change, rows[i][j+1]+1, rows[i+1][j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				best = min(best, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = best
		}
	}
	return rows[len(a)][len(b)]
}
