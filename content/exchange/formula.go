package exchange

import (
	"errors"
	"strconv"
	"strings"

	"patikra/content"
)

// A PO file numbers the forms of a text that counts by a formula of its own, which its head tells:
//
//	Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2);
//
// Which of our forms each number is, follows from what the formula says of the numbers, not from the order.

// rule chooses a form for a number.
type rule func(n int) int

// farEnough is up to which number a formula is looked at: no language's turns later.
const farEnough = 200

// mostFormula is how long one may be, in bytes; the longest known has 250.
const mostFormula = 1000

var errFormula = errors.New("the formula cannot be read")

// readFormula reads what stands behind Plural-Forms.
func readFormula(head string) (forms int, f rule, err error) {
	if len(head) > mostFormula {
		return 0, nil, errFormula
	}
	for _, part := range strings.Split(head, ";") {
		name, value, _ := strings.Cut(part, "=")
		switch strings.TrimSpace(name) {
		case "nplurals":
			if forms, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || forms < 1 || forms > 10 {
				return 0, nil, errFormula
			}
		case "plural":
			p := formulaParser{s: strings.NewReplacer(" ", "", "\t", "").Replace(value)}
			f = p.choice(0)
			if p.failed || p.s != "" {
				return 0, nil, errFormula
			}
		}
	}
	if forms == 0 || f == nil {
		return 0, nil, errFormula
	}
	for n := range farEnough + 1 {
		if i := f(n); i < 0 || i >= forms {
			return 0, nil, errFormula
		}
	}
	return forms, f, nil
}

// maps tells for each form of a language the number that the formula gives it: that of the form's most telling number, 1 where
// the form is for 1 too, else its smallest. Unused are forms of the formula that whole numbers reach and no form of the language takes.
func (f rule) maps(forms []content.FormOf) (of []int, unused []int) {
	taken := map[int]bool{}
	for _, form := range forms {
		n := form.Numbers[0]
		for _, m := range form.Numbers {
			if m == 1 {
				n = 1
			}
		}
		of = append(of, f(n))
		taken[f(n)] = true
	}
	for n := range farEnough + 1 {
		if i := f(n); !taken[i] {
			taken[i], unused = true, append(unused, i)
		}
	}
	return of, unused
}

// formulaParser reads the part of C that gettext allows: n, whole numbers, ?: || && == != < > <= >= + - * / % ! and brackets.
type formulaParser struct {
	s      string
	failed bool
}

// deepestFormula bounds brackets within brackets.
const deepestFormula = 60

func (p *formulaParser) fail() rule {
	p.failed = true
	p.s = ""
	return func(int) int { return 0 }
}

func (p *formulaParser) eat(sign string) bool {
	rest, ok := strings.CutPrefix(p.s, sign)
	if ok {
		p.s = rest
	}
	return ok
}

func (p *formulaParser) choice(depth int) rule {
	if depth > deepestFormula {
		return p.fail()
	}
	when := p.binary(0, depth)
	if !p.eat("?") {
		return when
	}
	then := p.choice(depth + 1)
	if !p.eat(":") {
		return p.fail()
	}
	other := p.choice(depth + 1)
	return func(n int) int {
		if when(n) != 0 {
			return then(n)
		}
		return other(n)
	}
}

// operators by how loosely they bind; longer signs stand before shorter ones that they begin with
var operators = [][]string{{"||"}, {"&&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}}

func (p *formulaParser) binary(level, depth int) rule {
	if level == len(operators) {
		return p.unary(depth)
	}
	left := p.binary(level+1, depth)
	for {
		sign := ""
		for _, o := range operators[level] {
			if sign == "" && p.eat(o) {
				sign = o
			}
		}
		if sign == "" {
			return left
		}
		a, b := left, p.binary(level+1, depth)
		left = func(n int) int { return compute(sign, a(n), b(n)) }
	}
}

func (p *formulaParser) unary(depth int) rule {
	switch {
	case depth > deepestFormula:
		return p.fail()
	case p.eat("!"):
		of := p.unary(depth + 1)
		return func(n int) int { return truth(of(n) == 0) }
	case p.eat("("):
		of := p.choice(depth + 1)
		if !p.eat(")") {
			return p.fail()
		}
		return of
	case p.eat("n"):
		return func(n int) int { return n }
	}
	end := 0
	for end < len(p.s) && p.s[end] >= '0' && p.s[end] <= '9' {
		end++
	}
	v, err := strconv.Atoi(p.s[:end])
	if err != nil {
		return p.fail()
	}
	p.s = p.s[end:]
	return func(int) int { return v }
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func compute(sign string, a, b int) int {
	switch sign {
	case "||":
		return truth(a != 0 || b != 0)
	case "&&":
		return truth(a != 0 && b != 0)
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<=":
		return truth(a <= b)
	case ">=":
		return truth(a >= b)
	case "<":
		return truth(a < b)
	case ">":
		return truth(a > b)
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	if b == 0 {
		return -1 // no formula that can be used
	}
	if sign == "/" {
		return a / b
	}
	return a % b
}
