package protocol

import (
	"strconv"
	"unsafe"
)

// maxExactDigits is how many decimal digits always fit 53 bits.
const maxExactDigits = 15

// parseNumber parses a number as strconv.ParseFloat does: decimal, with exponent, hexadecimal, "Inf" and
// "NaN". Numbers too large for a float64 are none.
//
// Fast path: up to 15 digits, a sign and a point. Mantissa and power of ten are then exact, so that one
// division rounds correctly (Clinger, "How to Read Floating Point Numbers Accurately", 1990).
// BenchmarkDecode shows what it is worth.
func parseNumber(b []byte) (value float64, ok bool) {
	digits := b
	negative := false
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		negative = digits[0] == '-'
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > maxExactDigits {
		return parseAnyNumber(b)
	}
	mantissa, point := uint64(0), -1
	for i, c := range digits {
		digit := uint64(c - '0')
		switch {
		case digit <= 9:
			mantissa = mantissa*10 + digit
		case c == '.' && point < 0 && len(digits) > 1:
			point = i
		default:
			return parseAnyNumber(b)
		}
	}
	value = float64(mantissa)
	if point >= 0 {
		value /= powersOfTen[len(digits)-1-point]
	}
	if negative {
		value = -value
	}
	return value, true
}

var powersOfTen = [maxExactDigits]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
}

// parseAnyNumber is the Slow path.
func parseAnyNumber(b []byte) (float64, bool) {
	if !mayBeNumber(b) {
		return 0, false
	}
	// A view is safe: ParseFloat keeps nothing of its argument, and copies what an error shows of it.
	value, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64)
	return value, err == nil
}

// mayBeNumber tells most text from numbers, for which ParseFloat would allocate an error: a number has a
// digit or is a word, and no bytes but those of numbers.
func mayBeNumber(b []byte) bool {
	class := byte(0)
	for _, c := range b {
		if numberBytes[c] == 0 {
			return false
		}
		class |= numberBytes[c]
	}
	return class&(isDigit|isWord) != 0
}

const (
	isDigit = 1 << iota
	isWord  // a letter that every word has and no number: the n of "inf" and "nan"
	isOther
)

// numberBytes classes the bytes that a number can have: decimal or hexadecimal, "infinity" or "nan".
var numberBytes = func() (class [256]byte) {
	for _, c := range []byte("+-._xXpPabcdefABCDEFityITY") {
		class[c] = isOther
	}
	for _, c := range []byte("0123456789") {
		class[c] = isDigit
	}
	class['n'], class['N'] = isWord, isWord
	return class
}()
