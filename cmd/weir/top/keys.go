package top

import (
	"unicode/utf8"

	"weir/expose/status/wire"
)

// effect is what a key does beside changing the picture.
type effect int

const (
	stay  effect = iota
	again        // ask at once
	quit
)

const (
	keyInterrupt = 3 // Ctrl-C, which a terminal in raw mode sends as it is
	keyBackspace = 127
	keyDelete    = 8
	keyEscape    = 27
	keyEnter     = '\r'
	keyNewline   = '\n'
)

// sortKeys are the keys that sort.
var sortKeys = map[byte]string{
	'r': wire.SortRate, 's': wire.SortSeries, 'b': wire.SortBytes, 'w': wire.SortNew, 'n': wire.SortName,
}

// press takes one key.
func (p *picture) press(key byte) effect {
	if key == keyInterrupt {
		return quit
	}
	if p.isTyping {
		return p.typed(key)
	}
	switch key {
	case 'q':
		return quit
	case '/':
		p.isTyping, p.typing = true, p.options.Match
		return stay
	default:
		if by, ok := sortKeys[key]; ok {
			p.options.Sort = by
			return again
		}
		return stay
	}
}

// typed takes a key of the filter that is being typed.
func (p *picture) typed(key byte) effect {
	switch key {
	case keyEnter, keyNewline:
		p.isTyping, p.options.Match = false, p.typing
		return again
	case keyEscape:
		p.isTyping = false
		return stay
	case keyBackspace, keyDelete:
		_, size := utf8.DecodeLastRuneInString(p.typing)
		p.typing = p.typing[:len(p.typing)-size]
		return stay
	default:
		const longest = 200
		if key >= ' ' && len(p.typing) < longest {
			p.typing += string([]byte{key})
		}
		return stay
	}
}
