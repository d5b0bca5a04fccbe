package sheet

import "slices"

// farthest is how many letters may differ for a name to be taken for a misspelt one.
const farthest = 2

// Near puts the name that is probably meant before a remedy: the one of those known that differs least, by two letters at most. Where there is none,
// or where two differ as little, it returns the remedy alone.
func Near(name string, known []string, remedy Text) Text {
	best, at, twice := farthest+1, "", false
	for _, k := range slices.Sorted(slices.Values(known)) {
		switch d := distance([]rune(name), []rune(k)); {
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

// distance is in how many letters two names differ; two that are swapped count as one.
func distance(a, b []rune) int {
	if d := len(a) - len(b); d > farthest || -d > farthest {
		return farthest + 1
	}
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
			same := 1
			if a[i] == b[j] {
				same = 0
			}
			rows[i+1][j+1] = min(rows[i][j]+same, rows[i][j+1]+1, rows[i+1][j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				rows[i+1][j+1] = min(rows[i+1][j+1], rows[i-1][j-1]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
