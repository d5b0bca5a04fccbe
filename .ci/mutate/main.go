// Mutate asks whether the tests would notice. It changes one place of a room at a time, as a careless hand would (a condition
// always true, a limit moved, a statement dropped, a sign of a quiz forgotten), and runs the tests that reach the place. A
// mutant that no test kills is a promise that no test holds.
//
//	nice -n 19 go run ./.ci/mutate [-sample 300] [-seed 1] [-match TEXT] [-tests NAMES] [-skip NAMES] [-v] ROOM...
//
// All mutants of a package are compiled into one program; a variable of the environment says which of them is on. What
// cannot change what a program does is listed in equivalent.txt with the reason, and not counted.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// room is a part of the program that decides about people, and the packages whose tests should hold it, the quickest first.
type room struct {
	name  string
	files []string // of one package, or texts
	tests []string
}

var rooms = []room{
	{"seal", []string{"bot/seal/seal.go"}, []string{"./bot/seal"}},
	{"flows", []string{"flows/risk.go", "flows/flow.go", "flows/said.go", "flows/set.go"}, []string{"./flows"}},
	{"accounts", []string{"bot/desk/accounts.go"}, []string{"./bot"}},
	{"roster", []string{"bot/desk/roster.go"}, []string{"./bot"}},
	{"turn", []string{"bot/talk/turn.go"}, []string{"./bot", "./bot/story"}},
	{"handoff", []string{"bot/talk/handoff.go"}, []string{"./bot", "./bot/story"}},
	{"counsel", []string{"bot/talk/counsel.go"}, []string{"./bot", "./bot/story"}},
	{"case", []string{"bot/case.go"}, []string{"./bot", "./bot/story"}},
	{"screens", []string{"bot/talk/screens.go"}, []string{"./bot", "./bot/story"}},
	{"sqlite", []string{"bot/sqlitestore/scrub.go", "bot/sqlitestore/commit.go"}, []string{"./bot/sqlitestore"}},
	{"redis", []string{"bot/redisstore/scripts.go"}, []string{"./bot/redisstore"}},
	{"rule", []string{"flows/risk.yaml", "flows/flags.yaml"}, []string{"./flows"}},
	{"quizzes", []string{"flows/quizzes/*.yaml"}, []string{"./flows"}},
}

var (
	sample  = flag.Int("sample", 0, "at most so many mutants of each room; 0: all")
	seed    = flag.Uint64("seed", 1, "of the sample")
	only    = flag.String("tests", "", "only tests of such names, a regular expression")
	skip    = flag.String("skip", "", "no tests of such names, a regular expression")
	match   = flag.String("match", "", "only mutants whose line of the report holds this text")
	verbose = flag.Bool("v", false, "say what kills each")
)

// mutant is one place changed.
type mutant struct {
	id       int
	file, in string // in: the function, or the line's own text
	line     int
	old, new string
	nth      int // among those of the function that read alike

	text string // of the whole file, where it is no Go code
}

// name is how equivalent.txt calls a mutant: without its line, which moves.
func (m *mutant) name() string {
	s := fmt.Sprintf("%s %s: %s → %s", m.file, m.in, m.old, m.new)
	if m.nth > 0 {
		s += fmt.Sprintf(" #%d", m.nth+1)
	}
	return s
}

func (m *mutant) String() string {
	return fmt.Sprintf("%s:%d %s", m.file, m.line, strings.TrimPrefix(m.name(), m.file+" "))
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	work, err := os.MkdirTemp("", "mutate")
	if err != nil {
		log.Fatal(err)
	}
	err = run(work, flag.Args())
	os.RemoveAll(work)
	if err != nil {
		log.Fatal(err)
	}
}

// run tries the rooms of one package together, for they share a build.
func run(work string, names []string) error {
	same, err := equivalent(".ci/mutate/equivalent.txt")
	if err != nil {
		return err
	}
	byPackage := map[string][]room{}
	var order []string
	for _, name := range names {
		i := slices.IndexFunc(rooms, func(r room) bool { return r.name == name })
		if i < 0 {
			return fmt.Errorf("there is no room %q", name)
		}
		dir := filepath.Dir(rooms[i].files[0])
		if !strings.HasSuffix(rooms[i].files[0], ".go") || name == "redis" {
			dir = name
		}
		if byPackage[dir] == nil {
			order = append(order, dir)
		}
		byPackage[dir] = append(byPackage[dir], rooms[i])
	}
	for _, dir := range order {
		var try tries
		if strings.Contains(dir, "/") || dir == "bot" || dir == "flows" {
			try, err = newCode(work, byPackage[dir])
		} else {
			try, err = newLines(work, byPackage[dir][0])
		}
		if err != nil {
			return err
		}
		for _, r := range byPackage[dir] {
			report(r, choose(try.mutants(r), same), try)
		}
	}
	return nil
}

// tries is one way to make mutants and to run tests against them.
type tries interface {
	mutants(room) []*mutant
	// kill returns what noticed a mutant, or "".
	kill(*mutant) string
}

// choose leaves out what is equivalent, and takes a sample.
func choose(all []*mutant, same map[string]bool) []*mutant {
	count := map[string]int{}
	for _, m := range all {
		name := m.name()
		m.nth = count[name]
		count[name]++
	}
	all = slices.DeleteFunc(all, func(m *mutant) bool { return same[m.name()] || !strings.Contains(m.String(), *match) })
	if *sample > 0 && len(all) > *sample {
		r := rand.New(rand.NewPCG(*seed, 0))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:*sample]
		slices.SortFunc(all, func(a, b *mutant) int { return strings.Compare(a.file, b.file)*1e6 + a.line - b.line })
	}
	return all
}

func report(r room, all []*mutant, try tries) {
	killed := 0
	for _, m := range all {
		by := try.kill(m)
		if by != "" {
			killed++
		} else {
			fmt.Println("alive:", m)
		}
		if *verbose && by != "" {
			fmt.Printf("dead: %s (%s)\n", m, by)
		}
	}
	fmt.Printf("%s: %d of %d mutants died (%.1f %%)\n", r.name, killed, len(all), 100*float64(killed)/float64(max(len(all), 1)))
}

// equivalent reads the names of mutants that change nothing. Lines that begin with a blank say why.
func equivalent(path string) (map[string]bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string]bool{}
	in := bufio.NewScanner(f)
	for in.Scan() {
		if l := in.Text(); l != "" && l[0] != ' ' && l[0] != '#' {
			out[l] = true
		}
	}
	return out, in.Err()
}
