package bot_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var updateArrows = flag.Bool("update-arrows", false, "allow the imports between rooms as they are now")

// pure are the rooms that decide and draw, or say what is decided. What they may not know, by what a file would import or name.
var (
	pure     = []string{"talk", "library", "read", "."}
	unclean  = []string{"net", "net/http", "os", "math/rand", "math/rand/v2", "crypto/rand", "sync/atomic", "database/sql", "log", "go.uber.org/zap"}
	unclear  = map[string][]string{"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}}
	unneeded = []string{"context", "sync"} // of a room that does not only name them, as the ports of a store do
)

func TestWhatDecidesHasNoClockNoChanceAndNoNetwork(t *testing.T) {
	files := 0
	for _, room := range pure {
		names, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			files++
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range file.Imports {
				what, _ := strconv.Unquote(i.Path.Value)
				if slices.Contains(unclean, what) || room == "talk" && slices.Contains(unneeded, what) {
					t.Errorf("%s imports %s", name, what)
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if g, ok := n.(*ast.GoStmt); ok {
					t.Errorf("%s begins a goroutine", set.Position(g.Pos()))
				}
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if of, ok := s.X.(*ast.Ident); ok && slices.Contains(unclear[of.Name], s.Sel.Name) {
					t.Errorf("%s names %s.%s", set.Position(s.Pos()), of.Name, s.Sel.Name)
				}
				return true
			})
		}
	}
	if files < 60 {
		t.Errorf("%d files were looked at", files)
	}
}

// floors reads the drawing in doc.go: the height of each room, and what the whole doc names.
func floors(t *testing.T) (height map[string]int, doc string) {
	data, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	doc = string(data)
	drawing, _, ok := strings.Cut(doc, "// Tests have")
	if !ok {
		t.Fatal("the drawing does not end where the houses of the tests begin")
	}
	height = map[string]int{}
	floor, room := regexp.MustCompile(`^//\t(\w+) `), regexp.MustCompile(`^(?:bot|cmd|flows|content)(?:/\w+)?$`)
	at := 0
	for line := range strings.SplitSeq(drawing, "\n") {
		if !strings.HasPrefix(line, "//\t") {
			continue
		}
		if m := floor.FindStringSubmatch(line); m != nil {
			at--
			line = strings.TrimPrefix(line, m[0])
		}
		for column := range strings.SplitSeq(strings.TrimLeft(strings.TrimPrefix(line, "//"), "\t "), "  ") { // one blank stands within what is said of a room
			name, about, _ := strings.Cut(strings.TrimSpace(column), " ")
			if about != "" && !strings.HasPrefix(about, "(") || !room.MatchString(name) {
				continue
			}
			if old, twice := height[name]; twice && old != at {
				t.Errorf("%s is drawn on two floors", name)
			}
			height[name] = at
		}
	}
	return height, doc
}

// rooms are the packages of the project with what each imports of it, tests left out.
func rooms(t *testing.T) map[string][]string {
	out := map[string][]string{}
	house := os.DirFS("..")
	err := fs.WalkDir(house, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != "." && (strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata"):
			return fs.SkipDir
		case e.IsDir() || !strings.HasSuffix(name, ".go") || path.Dir(name) == ".":
			return nil
		}
		dir := path.Dir(name)
		if _, known := out[dir]; !known {
			out[dir] = nil
		}
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		data, err := fs.ReadFile(house, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			what, _ := strconv.Unquote(i.Path.Value)
			if of, ours := strings.CutPrefix(what, "patikra/"); ours && !slices.Contains(out[dir], of) {
				out[dir] = append(out[dir], of)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheDrawingOfTheHouseIsTrue(t *testing.T) {
	height, doc := floors(t)
	rooms := rooms(t)
	forTests := func(room string) bool { return strings.HasSuffix(room, "test") || room == "bot/load" }
	t.Run("every room is drawn", func(t *testing.T) {
		for room := range rooms {
			_, drawn := height[room]
			if forTests(room) {
				drawn = strings.Contains(doc, room)
			}
			if !drawn {
				t.Errorf("%s is not in the drawing of bot/doc.go", room)
			}
		}
	})
	t.Run("every room that is drawn is there", func(t *testing.T) {
		for room := range height {
			if _, there := rooms[room]; !there {
				t.Errorf("%s is drawn and is not there", room)
			}
		}
	})
	t.Run("imports go down only, and never to a neighbour", func(t *testing.T) {
		seen := 0
		for room, imports := range rooms {
			if forTests(room) {
				continue
			}
			for _, i := range imports {
				seen++
				if h, drawn := height[i]; !drawn || h >= height[room] {
					t.Errorf("%s imports %s", room, i)
				}
			}
		}
		if seen < 40 {
			t.Errorf("%d imports were looked at", seen)
		}
	})
	t.Run("every arrow is one that is allowed", func(t *testing.T) {
		var all []string
		for room, imports := range rooms {
			for _, i := range imports {
				all = append(all, room+" -> "+i)
			}
		}
		slices.Sort(all)
		now := strings.Join(all, "\n") + "\n"
		if *updateArrows {
			if err := os.WriteFile("testdata/arrows.txt", []byte(now), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		allowed, err := os.ReadFile("testdata/arrows.txt")
		if err != nil {
			t.Fatal(err)
		}
		for _, arrow := range all {
			if !strings.Contains("\n"+string(allowed), "\n"+arrow+"\n") {
				t.Errorf("%s is new: let the room do without, or allow it with -update-arrows", arrow)
			}
		}
		for arrow := range strings.Lines(string(allowed)) {
			if !slices.Contains(all, strings.TrimSpace(arrow)) {
				t.Errorf("%s is allowed and nobody needs it: -update-arrows", strings.TrimSpace(arrow))
			}
		}
	})
	t.Run("README draws no room that is not there", func(t *testing.T) {
		data, err := os.ReadFile("../README.md")
		if err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile(`\bbot/[a-z]+\b`).FindAllString(string(data), -1)
		for _, room := range named {
			if _, there := rooms[room]; !there {
				t.Errorf("README names %s", room)
			}
		}
		if len(named) < 8 {
			t.Errorf("README names %d rooms", len(named))
		}
	})
}

// contained are the calls behind which a mistake of the program ends nothing but its own work.
var contained = []string{"Guard", "Keep", "Contain", "safely", "contained"}

func TestNoMistakeInTheBackgroundOfADoorEndsTheProgram(t *testing.T) {
	const store = "a mistake of a store says nothing of what was written: the program ends, and goes on from what is there as after a crash"
	own := map[string]string{ // by room, and function that begins it: why it is not contained there
		"web/begin":           "erases each through Contain",
		"web/change":          "saves through Contain",
		"server/now":          "asks each part through Contain",
		"server/serve":        "net/http keeps a mistake to its connection, and pages go through Contain",
		"sqlitestore/Open":    store,
		"redisstore/Open":     store,
		"redisstore/ask":      store,
		"redisstore/Take":     store,
		"redisstore/Extend":   store,
		"redisstore/every":    store,
		"redisstore/walkKeys": store,
	}
	used := map[string]bool{}
	seen := 0
	for _, room := range []string{"telegram", "messenger", "web", "console", "inbox", "outbox", "server", "redisstore", "sqlitestore", "engine", "desk", "push", "metrics", "files"} {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", room, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				g := begins(n)
				if g == nil {
					return true
				}
				seen++
				safe := false
				ast.Inspect(g, func(n ast.Node) bool {
					s, ok := n.(*ast.SelectorExpr)
					safe = safe || ok && slices.Contains(contained, s.Sel.Name)
					return !safe
				})
				if in := room + "/" + around(file, g); !safe && own[in] != "" {
					used[in] = true
				} else if !safe {
					t.Errorf("%s: a mistake here, in %s, would end the program", set.Position(g.Pos()), in)
				}
				return true
			})
		}
	}
	if seen < 24 {
		t.Errorf("only %d goroutines were found", seen)
	}
	for in := range own {
		if !used[in] {
			t.Errorf("%s begins nothing that is not contained: it needs no exception", in)
		}
	}
}

// around is the name of the function that a piece of a file stands in.
func around(file *ast.File, n ast.Node) string {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Pos() <= n.Pos() && n.Pos() < f.End() {
			return f.Name.Name
		}
	}
	return ""
}

// begins is the call that a goroutine is begun with, be it by a go statement or by the Go of a group of any kind; nil where none is.
func begins(n ast.Node) *ast.CallExpr {
	switch n := n.(type) {
	case *ast.GoStmt:
		return n.Call
	case *ast.CallExpr:
		if s, ok := n.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "Go" || s.Sel.Name == "TryGo" || s.Sel.Name == "AfterFunc") {
			return n
		}
	}
	return nil
}
