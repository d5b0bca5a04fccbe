package bot_test

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"patikra/content/sheet"
)

// toTranslate are wordings that have no Lithuanian yet. The list only grows shorter.
var toTranslate = []sheet.Text{}

// house type-checks the project's own packages. Of all others it knows only the names: what they say is no message of ours.
type house struct {
	fset   *token.FileSet
	checks map[string]*types.Package
	info   types.Info
	files  []*ast.File
}

func (h *house) Import(path string) (*types.Package, error) {
	if p := h.checks[path]; p != nil {
		return p, nil
	}
	dir, ours := strings.CutPrefix(path, "patikra/")
	if !ours {
		p := types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
		p.MarkComplete()
		h.checks[path] = p
		return p, nil
	}
	dir = filepath.Join("..", dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, e := range entries {
		name := e.Name()
		if fits, err := build.Default.MatchFile(dir, name); err != nil || !fits || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(h.fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	conf := types.Config{Importer: h, Error: func(error) {}, FakeImportC: true}
	p, _ := conf.Check(path, h.fset, files, &h.info)
	h.checks[path] = p
	h.files = append(h.files, files...)
	return p, nil
}

// saying is a wording in the source, and how many values are filled in; -1: that is not known there.
type saying struct {
	wording sheet.Text
	filled  int
	at      token.Position
}

// sayings finds every constant of the type Text in the program, and conversions to it that no test can read.
func sayings(t *testing.T) (all []saying) {
	h := &house{fset: token.NewFileSet(), checks: map[string]*types.Package{}, info: types.Info{Types: map[ast.Expr]types.TypeAndValue{}}}
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() {
			if path != ".." && (strings.HasPrefix(name, ".") || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if dir := filepath.Dir(path); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && dir != ".." {
			rel, _ := filepath.Rel("..", dir)
			room := "patikra/" + filepath.ToSlash(rel)
			if data, _ := os.ReadFile(path); h.checks[room] == nil && bytes.Contains(data, []byte(`"patikra/content/sheet"`)) {
				_, err = h.Import(room)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	isText := func(ty types.Type) bool { return ty != nil && ty.String() == "patikra/content/sheet.Text" }
	filled := map[ast.Expr]int{}
	for _, f := range h.files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sig, ok := h.info.Types[call.Fun].Type.(*types.Signature)
			if !ok || !sig.Variadic() || call.Ellipsis.IsValid() || sig.Params().Len() < 2 {
				return true
			}
			last := sig.Params().Len() - 1
			any := sig.Params().At(last).Type().String() == "[]any" || strings.HasSuffix(sig.Params().At(last).Type().String(), "[]interface{}")
			if any && isText(sig.Params().At(last-1).Type()) && len(call.Args) >= last {
				filled[call.Args[last-1]] = len(call.Args) - last
			}
			return true
		})
	}
	for expr, tv := range h.info.Types {
		if !isText(tv.Type) {
			continue
		}
		at := h.fset.Position(expr.Pos())
		if strings.HasSuffix(at.Filename, "/lithuanian.go") {
			continue
		}
		if tv.Value != nil && tv.Value.Kind() == constant.String {
			n, known := filled[expr]
			if !known {
				n = -1
			}
			all = append(all, saying{sheet.Text(constant.StringVal(tv.Value)), n, at})
		} else if call, ok := expr.(*ast.CallExpr); ok && h.info.Types[call.Fun].IsType() && !strings.Contains(at.Filename, "content/sheet/") {
			t.Errorf("%s: a Text is made of a string that is no constant: use Say", at)
		}
	}
	return all
}

var (
	verb  = regexp.MustCompile(`%(?:\[([0-9])\])?([a-z%])`)
	aWord = regexp.MustCompile(`\pL{2}`)
)

// verbs are the marks of a wording by the value that each fills in, from 1.
func verbs[T ~string](w T) map[int]string {
	out, next := map[int]string{}, 1
	for _, m := range verb.FindAllStringSubmatch(string(w), -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next = int(m[1][0] - '0')
		}
		out[next] = m[2]
		next++
	}
	return out
}

// told is a wording without its marks.
func told(w sheet.Text) string { return verb.ReplaceAllString(string(w), "") }

func TestEverySentenceToStaffIsThereInLithuanian(t *testing.T) {
	unwatched(t)
	lithuanian := sheet.Wordings()
	all := sayings(t)
	used, missing := map[sheet.Text]bool{}, map[sheet.Text]string{}
	for _, s := range all {
		used[s.wording] = true
		if _, there := lithuanian[s.wording]; !there && aWord.MatchString(told(s.wording)) {
			missing[s.wording] = s.at.String()
		}
		if s.filled >= 0 && s.filled != len(verbs(s.wording)) && !(s.filled == 0 && len(verbs(s.wording)) == 0) {
			t.Errorf("%s: %q is filled with %d values", s.at, s.wording, s.filled)
		}
	}
	if len(used) < 600 {
		t.Errorf("only %d wordings were found", len(used))
	}
	for _, w := range slices.Sorted(maps.Keys(missing)) {
		if !slices.Contains(toTranslate, w) {
			t.Errorf("%s: no Lithuanian in lithuanian.go for\n\t%q", missing[w], string(w))
		}
	}
	for _, w := range toTranslate {
		if _, still := missing[w]; !still {
			t.Errorf("%q is said in Lithuanian, or not at all: take it from the list", w)
		}
	}
	for w := range sheet.Wordings() {
		if !used[w] {
			t.Errorf("lithuanian.go: nobody says %q any more", w)
		}
	}
}

func TestALithuanianSentenceIsFilledAsItsEnglishOne(t *testing.T) {
	for en, lt := range sheet.Wordings() {
		a, b := verbs(en), verbs(lt)
		for i, v := range b {
			if w, there := a[i]; !there || w != v && !(strings.Contains("sqv", w) && strings.Contains("sqv", v)) {
				t.Errorf("%q is filled in otherwise than %q", lt, en)
			}
		}
		reordered := strings.Contains(lt, "%[")
		if len(a) != len(b) && !reordered {
			t.Errorf("%q leaves out what %q says", lt, en)
		}
		if s := lt; strings.Contains(s, "  ") != strings.Contains(string(en), "  ") || strings.TrimLeft(s, " ") == "" {
			t.Errorf("%q has odd blanks", lt)
		}
	}
}
