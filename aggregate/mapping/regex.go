package mapping

import (
	"bytes"
	"cmp"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// expression is a regular expression and what a name must have for it to be worth a try.
type expression struct {
	*regexp.Regexp
	prefix   []byte // the name must start with it; nil when nothing is known
	required []byte // the name must contain it; nil when nothing is known
}

func newExpression(text string) (*expression, error) {
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	e := &expression{Regexp: compiled}
	if tree, err := syntax.Parse(text, syntax.Perl); err == nil {
		e.learn(tree)
	}
	return e, nil
}

// learn finds the literals that are in every match: the words of a concatenation.
func (e *expression) learn(tree *syntax.Regexp) {
	parts := flatten(nil, tree)
	for i, p := range parts {
		unknown := p.Flags&syntax.FoldCase != 0 || slices.Contains(p.Rune, utf8.RuneError) // any bad byte
		if p.Op != syntax.OpLiteral || unknown {
			continue
		}
		literal := []byte(string(p.Rune))
		if i == 1 && parts[0].Op == syntax.OpBeginText {
			e.prefix = literal
		}
		if len(literal) > len(e.required) {
			e.required = literal
		}
	}
}

// flatten appends the parts that must match one after the other; groups are opened.
func flatten(dst []*syntax.Regexp, tree *syntax.Regexp) []*syntax.Regexp {
	if tree.Op != syntax.OpConcat && tree.Op != syntax.OpCapture {
		return append(dst, tree)
	}
	for _, sub := range tree.Sub {
		dst = flatten(dst, sub)
	}
	return dst
}

// everything reports whether any name matches.
func (e *expression) everything() bool {
	switch e.String() {
	case "", "^", "$", ".*", "^.*", ".*$", "^.*$", "(.*)", "^(.*)", "(.*)$", "^(.*)$",
		".+", "^.+", ".+$", "^.+$", "(.+)", "^(.+)", "(.+)$", "^(.+)$":
		return true
	default:
		return false
	}
}

// expressions finds the rules whose regular expression a name may match without trying the others.
type expressions struct {
	prefixed affixes[*Rule]
	others   []*Rule // by rank

	catchAll []*Rule            // expressions that match every name, by rank
	byText   map[string][]*Rule // by rank
}

// add adds a rule of a higher rank than those before.
func (x *expressions) add(r *Rule) {
	if x.byText == nil {
		x.byText = map[string][]*Rule{}
	}
	x.byText[r.Match] = append(x.byText[r.Match], r)
	if r.regex.everything() {
		x.catchAll = append(x.catchAll, r)
	}
	if len(r.regex.prefix) > 0 {
		x.prefixed.add(r.regex.prefix, r)
		return
	}
	x.others = append(x.others, r)
}

// appendCandidates appends the rules to try, by rank, of those below the rank limit.
func (x *expressions) appendCandidates(dst []*Rule, name []byte, limit int) []*Rule {
	for _, length := range x.prefixed.lengths {
		if length > len(name) {
			break
		}
		dst = append(dst, x.prefixed.items[string(name[:length])]...)
	}
	prefixed := len(dst)
	for _, r := range x.others {
		if r.rank >= limit {
			break
		}
		if bytes.Contains(name, r.regex.required) {
			dst = append(dst, r)
		}
	}
	if prefixed > 0 {
		slices.SortFunc(dst, func(a, b *Rule) int { return cmp.Compare(a.rank, b.rank) })
	}
	return dst
}
