package bot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
	"testing"
)

func TestEveryKindOfSealedValueIsSealedAnewWhenTheKeyChanges(t *testing.T) {
	all, err := parser.ParseDir(token.NewFileSet(), ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	if err != nil {
		t.Fatal(err)
	}
	known, found := map[byte]int{}, 0
	for _, k := range sealedKinds {
		known[k]++
	}
	ast.Inspect(all["bot"], func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "sealed") {
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
	})
	if found == 0 || found != len(sealedKinds) {
		t.Errorf("%d kinds in the code, %d in sealedKinds", found, len(sealedKinds))
	}
}
