package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// code is Go code with all its mutants in it, each behind a switch.
type code struct {
	suite
	all []*mutant
}

func (c *code) mutants(r room) []*mutant {
	var out []*mutant
	for _, m := range c.all {
		if slices.Contains(r.files, m.file) {
			out = append(out, m)
		}
	}
	return out
}

func (c *code) kill(m *mutant) string { return c.suite.kill(m.id) }

// newCode compiles the rooms of a package with every mutant, and learns which test reaches which. What does not compile is
// left out.
func newCode(work string, in []room) (*code, error) {
	var files []string
	for _, r := range in {
		files = append(files, r.files...)
	}
	w := &writer{dir: filepath.Dir(files[0]), files: files, off: map[int]bool{}}
	if err := w.load(); err != nil {
		return nil, err
	}
	for {
		overlay, err := w.write(work)
		if err != nil {
			return nil, err
		}
		cmd := exec.Command("go", "build", "-gcflags=-e", "-overlay", overlay, "./"+w.dir)
		out, err := cmd.CombinedOutput()
		if err == nil {
			c := &code{all: w.mutants}
			c.all = slices.DeleteFunc(c.all, func(m *mutant) bool { return w.off[m.id] })
			return c, c.suite.build(work, overlay, in[0].tests)
		}
		if !w.forget(out) {
			return nil, fmt.Errorf("%s\n%w", out, err)
		}
	}
}

type edit struct {
	at, to int
	text   string
}

// writer finds the places of a package's files and writes the files anew.
type writer struct {
	dir     string
	files   []string
	off     map[int]bool // those that do not compile
	fset    *token.FileSet
	parsed  []*ast.File
	names   []string
	sources [][]byte
	info    *types.Info
	pkg     *types.Package

	mutants        []*mutant
	edits          []edit // of the file under way
	after          []edit
	file           *ast.File
	source         []byte
	name, function string
	id             int
	constants      map[types.Object]int
	written        []string
	path           []ast.Node
}

func (w *writer) load() error {
	list, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", "./"+w.dir).Output()
	if err != nil {
		return err
	}
	exports := map[string]string{}
	for l := range strings.Lines(string(list)) {
		path, file, _ := strings.Cut(strings.TrimSpace(l), "\t")
		exports[path] = file
	}
	own, err := exec.Command("go", "list", "-f", "{{join .GoFiles \"\\n\"}}", "./"+w.dir).Output()
	if err != nil {
		return err
	}
	w.fset = token.NewFileSet()
	for _, name := range strings.Fields(string(own)) {
		path := filepath.Join(w.dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(w.fset, path, source, parser.ParseComments)
		if err != nil {
			return err
		}
		w.parsed, w.names, w.sources = append(w.parsed, f), append(w.names, path), append(w.sources, source)
	}
	w.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(w.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	w.pkg, err = conf.Check("patikra/"+w.dir, w.fset, w.parsed, w.info)
	return err
}

// forget takes out what stands in a line that does not compile.
func (w *writer) forget(out []byte) bool {
	found := false
	for _, m := range regexp.MustCompile(`(?m)^(\S+\.go):(\d+)`).FindAllSubmatch(out, -1) {
		line, _ := strconv.Atoi(string(m[2]))
		for i, name := range w.names {
			if filepath.Base(name) != filepath.Base(string(m[1])) || i >= len(w.written) {
				continue
			}
			lines := strings.Split(w.written[i], "\n")
			for _, id := range regexp.MustCompile(`mutant\w+(?:\[[^\]]*\])?\((\d+)`).FindAllStringSubmatch(lines[line-1], -1) {
				n, _ := strconv.Atoi(id[1])
				if !w.off[n] {
					w.off[n], found = true, true
				}
			}
		}
	}
	return found
}

// write writes every file of the package with its mutants, and the file that says what go build is to take for what.
func (w *writer) write(work string) (string, error) {
	w.mutants, w.id, w.written = nil, 0, nil
	w.findConstants()
	replace := map[string]string{}
	put := func(path string, text []byte) error {
		at := filepath.Join(work, strings.ReplaceAll(path, "/", "_"))
		abs, err := filepath.Abs(path)
		replace[abs] = at
		return cmpErr(err, os.WriteFile(at, text, 0o600))
	}
	for i, f := range w.parsed {
		w.file, w.source, w.name = f, w.sources[i], w.names[i]
		w.edits, w.after = nil, nil
		w.walkFile(slices.Contains(w.files, w.names[i]))
		text := w.apply()
		w.written = append(w.written, string(text))
		if err := put(w.names[i], text); err != nil {
			return "", err
		}
	}
	if err := put(filepath.Join(w.dir, "mutant_switch.go"), fmt.Appendf(nil, switches, w.pkg.Name())); err != nil {
		return "", err
	}
	out, err := json.Marshal(map[string]any{"Replace": replace})
	path := filepath.Join(work, "overlay.json")
	return path, cmpErr(err, os.WriteFile(path, out, 0o600))
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// apply puts the edits in: what stands before a place is written from the outside in, what stands behind it the other way round.
func (w *writer) apply() []byte {
	slices.Reverse(w.after)
	all := append(slices.Clone(w.after), w.edits...)
	slices.SortStableFunc(all, func(a, b edit) int { return a.at - b.at })
	var out bytes.Buffer
	at := 0
	for _, e := range all {
		out.Write(w.source[at:e.at])
		out.WriteString(e.text)
		at = e.to
	}
	out.Write(w.source[at:])
	return out.Bytes()
}

func (w *writer) offset(p token.Pos) int { return w.fset.Position(p).Offset }

func (w *writer) src(n ast.Node) string {
	return strings.Join(strings.Fields(string(w.source[w.offset(n.Pos()):w.offset(n.End())])), " ")
}

// add makes a mutant at a node. ok is false where it was found not to compile.
func (w *writer) add(n ast.Node, was, becomes string) (id int, ok bool) {
	w.id++
	w.mutants = append(w.mutants, &mutant{id: w.id, file: w.name, in: w.function, line: w.fset.Position(n.Pos()).Line, old: short(was), new: short(becomes)})
	return w.id, !w.off[w.id]
}

func short(s string) string {
	if r := []rune(s); len(r) > 70 {
		return string(r[:70]) + "…"
	}
	return s
}

func (w *writer) wrap(n ast.Node, before, behind string) {
	w.edits = append(w.edits, edit{w.offset(n.Pos()), w.offset(n.Pos()), before})
	w.after = append(w.after, edit{w.offset(n.End()), w.offset(n.End()), behind})
}

// findConstants gives every number among the constants of the chosen files a mutant of its own.
func (w *writer) findConstants() {
	w.constants = map[types.Object]int{}
	w.function = "const"
	for i, f := range w.parsed {
		if !slices.Contains(w.files, w.names[i]) {
			continue
		}
		w.file, w.source, w.name = f, w.sources[i], w.names[i]
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				if len(v.Values) != 1 || strings.Contains(w.src(v), "iota") {
					continue
				}
				if o := w.info.Defs[v.Names[0]]; number(o.Type()) {
					if id, ok := w.add(v, w.src(v), "another"); ok {
						w.constants[o] = id
					}
				}
			}
		}
	}
}

func number(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

func boolean(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

func isDuration(t types.Type) bool { return strings.HasSuffix(t.String(), "time.Duration") }

// typeName writes a type as the file would; "" if it cannot.
func (w *writer) typeName(t types.Type) string {
	bad := false
	s := types.TypeString(t, func(p *types.Package) string {
		if p == w.pkg {
			return ""
		}
		for _, i := range w.file.Imports {
			if path, _ := strconv.Unquote(i.Path.Value); path == p.Path() {
				if i.Name != nil {
					return i.Name.Name
				}
				return p.Name()
			}
		}
		bad = true
		return ""
	})
	if bad || strings.Contains(s, "untyped") {
		return ""
	}
	return s
}

// walkFile visits the functions of a file; in others than the chosen ones only constants are switched.
func (w *writer) walkFile(chosen bool) {
	for _, d := range w.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		w.function = f.Name.Name
		w.path = nil
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if n == nil {
				w.path = w.path[:len(w.path)-1]
				return true
			}
			var parent ast.Node
			if len(w.path) > 0 {
				parent = w.path[len(w.path)-1]
			}
			if !w.skip(n, parent) {
				if id, ok := n.(*ast.Ident); ok {
					w.constant(id)
				}
				if chosen {
					w.visit(n, parent)
				}
				w.path = append(w.path, n)
				return true
			}
			return false
		})
	}
}

// skip leaves out what must be constant, what is only said to the log or to programmers, and locks.
func (w *writer) skip(n, parent ast.Node) bool {
	switch n := n.(type) {
	case *ast.ArrayType, *ast.GenDecl:
		return true
	case *ast.CompositeLit:
		return w.fails(n) // words of an error
	case *ast.BinaryExpr:
		return n.Op == token.SHL || n.Op == token.SHR
	case *ast.CallExpr:
		s := w.src(n.Fun)
		return s == "fmt.Errorf" || s == "errors.New" || s == "panic" || strings.HasSuffix(s, "ock") || strings.HasPrefix(s, "slog.") || strings.HasSuffix(s, "WithTimeout")
	case ast.Expr:
		if c, ok := parent.(*ast.CaseClause); ok && slices.Contains(c.List, n) {
			tv := w.info.Types[n]
			return tv.Value != nil || !boolean(tv.Type)
		}
	}
	return false
}

// constant switches the use of a constant.
func (w *writer) constant(n *ast.Ident) {
	id := w.constants[w.info.Uses[n]]
	if id == 0 {
		return
	}
	t := w.typeName(w.info.TypeOf(n))
	if t == "" || w.off[id] {
		return
	}
	more := "+1"
	if v, ok := constant.Int64Val(constant.ToInt(w.info.Types[n].Value)); ok && v > 100 {
		more = "*2"
	}
	w.wrap(n, fmt.Sprintf("mutantOf[%s](%d, ", t, id), fmt.Sprintf(", %s%s)", n.Name, more))
}

var flipped = map[token.Token]string{token.LSS: "mutantLess", token.LEQ: "mutantAtMost", token.GTR: "mutantMore", token.GEQ: "mutantAtLeast", token.ADD: "mutantPlus", token.SUB: "mutantMinus"}

var flip = map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">", token.ADD: "-", token.SUB: "+", token.EQL: "!=", token.NEQ: "=="}

func (w *writer) visit(n, parent ast.Node) {
	switch n := n.(type) {
	case *ast.IfStmt:
		w.condition(n.Cond, true)
	case *ast.ForStmt:
		if n.Cond != nil {
			w.condition(n.Cond, false)
		}
	case *ast.CaseClause:
		if sw, ok := w.path[len(w.path)-2].(*ast.SwitchStmt); ok && sw.Tag == nil {
			for _, e := range n.List {
				w.condition(e, true)
			}
		}
		w.statements(n.Body)
	case *ast.CommClause:
		w.statements(n.Body)
	case *ast.BlockStmt:
		w.statements(n.List)
	case *ast.BinaryExpr:
		w.binary(n, parent)
	case *ast.BasicLit:
		w.literal(n, parent)
	case *ast.KeyValueExpr:
		w.field(n, parent)
	case *ast.ReturnStmt:
		if last := len(n.Results) - 1; last >= 0 && w.fails(n.Results[last]) {
			return // nobody looks at what is returned beside an error
		}
		for _, e := range n.Results {
			w.result(e, len(n.Results))
		}
	}
}

// fails reports whether an expression is an error.
func (w *writer) fails(e ast.Expr) bool {
	tv := w.info.Types[e]
	if tv.Type == nil || tv.IsNil() {
		return false
	}
	fault := types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
	return types.Implements(tv.Type, fault) || types.Implements(types.NewPointer(tv.Type), fault)
}

// condition makes a condition always true, and always false.
func (w *writer) condition(e ast.Expr, both bool) {
	if id, ok := w.add(e, w.src(e), "false"); ok {
		w.wrap(e, "(", fmt.Sprintf(" && !mutantOn(%d))", id))
	}
	if both {
		if id, ok := w.add(e, w.src(e), "true"); ok {
			w.wrap(e, "(", fmt.Sprintf(" || mutantOn(%d))", id))
		}
	}
	w.wrap(e, "(", ")")
}

func (w *writer) decides(n, parent ast.Node) bool {
	switch p := parent.(type) {
	case *ast.IfStmt:
		return p.Cond == n
	case *ast.CaseClause:
		return true
	}
	return false
}

func (w *writer) binary(n *ast.BinaryExpr, parent ast.Node) {
	tv := w.info.Types[n]
	if tv.Value != nil {
		return
	}
	switch n.Op {
	case token.LAND, token.LOR:
		form := "(mutantOn(%d) || "
		if n.Op == token.LOR {
			form = "(!mutantOn(%d) && "
		}
		for _, side := range [][2]ast.Expr{{n.X, n.Y}, {n.Y, n.X}} {
			if id, ok := w.add(n, w.src(n), w.src(side[1])); ok {
				w.wrap(side[0], fmt.Sprintf(form, id)+"(", "))")
			}
		}
	case token.EQL, token.NEQ:
		if w.decides(n, parent) {
			return
		}
		if id, ok := w.add(n, w.src(n), w.src(n.X)+" "+flip[n.Op]+" "+w.src(n.Y)); ok {
			w.wrap(n, fmt.Sprintf("(mutantOn(%d) != (", id), "))")
		}
	case token.LSS, token.LEQ, token.GTR, token.GEQ, token.ADD, token.SUB:
		if n.Op == token.ADD && !number(tv.Type) {
			return
		}
		if id, ok := w.add(n, w.src(n), w.src(n.X)+" "+flip[n.Op]+" "+w.src(n.Y)); ok {
			w.wrap(n, fmt.Sprintf("%s(%d, ", flipped[n.Op], id), ")")
			at := w.offset(n.OpPos)
			w.edits = append(w.edits, edit{at, at + len(n.Op.String()), ","})
		}
	}
}

// literal makes a number another one, and a word.
func (w *writer) literal(n *ast.BasicLit, parent ast.Node) {
	t := w.typeName(w.info.TypeOf(n))
	if t == "" || n.Kind != token.INT && n.Kind != token.STRING {
		return
	}
	switch p := parent.(type) {
	case *ast.KeyValueExpr:
		if p.Key == n {
			return
		}
	case *ast.BinaryExpr:
		if n.Value == `""` { // whether there is something: the conditions have mutants of their own
			return
		}
	case *ast.ReturnStmt:
		if w.fails(p.Results[len(p.Results)-1]) {
			return
		}
	}
	other := n.Value + "+1"
	if n.Kind == token.STRING {
		other = n.Value + `+"x"`
	}
	if id, ok := w.add(n, n.Value, other); ok {
		w.wrap(n, fmt.Sprintf("mutantOf[%s](%d, ", t, id), fmt.Sprintf(", %s)", other))
	}
}

// field leaves a field out.
func (w *writer) field(n *ast.KeyValueExpr, parent ast.Node) {
	lit, ok := parent.(*ast.CompositeLit)
	if !ok {
		return
	}
	if _, ok := w.info.TypeOf(lit).Underlying().(*types.Struct); !ok {
		return
	}
	if _, ok := n.Value.(*ast.BasicLit); ok {
		return
	}
	t := w.typeName(w.info.TypeOf(n.Value))
	if t == "" {
		return
	}
	if id, ok := w.add(n, w.src(n), "left out"); ok {
		w.wrap(n.Value, fmt.Sprintf("mutantNone[%s](%d, ", t, id), ")")
	}
}

// result returns nothing in the place of something.
func (w *writer) result(e ast.Expr, of int) {
	tv := w.info.Types[e]
	if _, tuple := tv.Type.(*types.Tuple); tuple || tv.IsNil() {
		return
	}
	if _, pointer := tv.Type.Underlying().(*types.Pointer); pointer && of > 1 {
		return
	}
	switch e := e.(type) {
	case *ast.BinaryExpr, *ast.BasicLit, *ast.FuncLit:
		return
	case *ast.CompositeLit:
		if len(e.Elts) == 0 {
			return
		}
	}
	t := w.typeName(tv.Type)
	if boolean(tv.Type) {
		if id, ok := w.add(e, "return "+w.src(e), "the opposite"); ok {
			w.wrap(e, fmt.Sprintf("(mutantOn(%d) != (", id), "))")
		}
	} else if t != "" {
		if id, ok := w.add(e, "return "+w.src(e), "nothing"); ok {
			w.wrap(e, fmt.Sprintf("mutantNone[%s](%d, ", t, id), ")")
		}
	}
}

// statements drops statements.
func (w *writer) statements(list []ast.Stmt) {
	for i, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if c, ok := s.X.(*ast.CallExpr); ok && w.skip(c, s) {
				continue
			}
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE || w.src(s.Lhs[0]) == "_" {
				continue
			}
		case *ast.BranchStmt:
			if s.Tok == token.FALLTHROUGH {
				continue
			}
		case *ast.IncDecStmt, *ast.SendStmt:
		case *ast.ReturnStmt:
			if len(s.Results) > 0 || i == len(list)-1 && len(w.path) == 0 {
				continue
			}
		default:
			continue
		}
		if id, ok := w.add(s, w.src(s), "dropped"); ok {
			w.wrap(s, fmt.Sprintf("if !mutantOn(%d) { ", id), " }")
		}
	}
}

// switches is the file that is laid beside those of the package.
const switches = `package %s

import (
	"cmp"
	"os"
	"strconv"
	"sync/atomic"
)

var mutantNow, mutantTrace = func() (int, *os.File) {
	n, _ := strconv.Atoi(os.Getenv("MUTANT"))
	path := os.Getenv("MUTANT_TRACE")
	if path == "" {
		return n, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	return n, f
}()

var mutantSeen [1 << 16]atomic.Bool

func mutantOn(id int) bool {
	if mutantTrace != nil && !mutantSeen[id].Swap(true) {
		mutantTrace.WriteString(strconv.Itoa(id) + "\n")
	}
	return id == mutantNow
}

func mutantOf[T any](id int, v, other T) T {
	if mutantOn(id) {
		return other
	}
	return v
}

func mutantNone[T any](id int, v T) T {
	if mutantOn(id) {
		var none T
		return none
	}
	return v
}

func mutantLess[T cmp.Ordered](id int, a, b T) bool    { return a < b || mutantOn(id) && a == b }
func mutantMore[T cmp.Ordered](id int, a, b T) bool    { return a > b || mutantOn(id) && a == b }
func mutantAtMost[T cmp.Ordered](id int, a, b T) bool  { return a <= b && !(mutantOn(id) && a == b) }
func mutantAtLeast[T cmp.Ordered](id int, a, b T) bool { return a >= b && !(mutantOn(id) && a == b) }

type mutantNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

func mutantPlus[T mutantNumber](id int, a, b T) T {
	if mutantOn(id) {
		return a - b
	}
	return a + b
}

func mutantMinus[T mutantNumber](id int, a, b T) T {
	if mutantOn(id) {
		return a + b
	}
	return a - b
}
`
