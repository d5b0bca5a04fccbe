package engine

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestEveryKindOfSealedValueIsSealedAnewWhenTheKeyChanges(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	known, found := map[byte]int{}, 0
	for _, k := range sealedKinds {
		known[k]++
	}
	see := func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 || !strings.HasPrefix(strings.ToLower(spec.Names[0].Name), "sealed") {
			return true
		}
		lit, ok := spec.Values[0].(*ast.BasicLit)
		if !ok || lit.Kind != token.CHAR {
			return true
		}
		letter, _, _, err := strconv.UnquoteChar(lit.Value[1:], '\'')
		if err != nil {
			t.Fatal(err)
		}
		found++
		if known[byte(letter)] != 1 {
			t.Errorf("%s is in sealedKinds %d times", spec.Names[0].Name, known[byte(letter)])
		}
		return true
	}
	for _, f := range all {
		ast.Inspect(f, see)
	}
	if found == 0 || found != len(sealedKinds) {
		t.Errorf("%d kinds in the code, %d in sealedKinds", found, len(sealedKinds))
	}
}
