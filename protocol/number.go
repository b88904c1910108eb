package protocol

import (
	"strconv"
	"unsafe"
)

// parseNumber parses a number as strconv.ParseFloat does: decimal, with exponent, hexadecimal, "Inf" and
// "NaN". A number too large for a float64 is not accepted.
func parseNumber(b []byte) (value float64, ok bool) {
	if value, size := scanDecimal(b); size > 0 && size == len(b) {
		return value, true
	}
	return parseAnyNumber(b)
}

// scanDecimal reads the number that b begins with and returns its length: digits, with a sign and a point at
// most. The length is 0 when b does not begin with a number, or with one that is not exact here.
//
//	-12.75|ms
//	^^^^^^
//
// Fast path: the digits without the point fit the 53 bits of a float64, and so does the power of ten, so one
// division rounds correctly (Clinger, "How to Read Floating Point Numbers Accurately", 1990). Each byte is
// looked at once; a search for the end and then a parse would look twice. BenchmarkDecode measures it.
func scanDecimal(b []byte) (value float64, size int) {
	start := 0
	if len(b) > 0 && isSign(b[0]) {
		start = 1
	}
	i, point, mantissa := start, -1, uint64(0)
	for ; i < len(b); i++ {
		if digit := b[i] - '0'; digit <= 9 {
			mantissa = mantissa*10 + uint64(digit)
			continue
		}
		if b[i] != '.' || point >= 0 {
			break
		}
		point = i
	}
	digits := i - start
	if point >= 0 {
		digits--
	}
	if digits == 0 || digits > maxDigits || mantissa > maxExactInteger {
		return 0, 0
	}
	value = float64(mantissa)
	if point >= 0 {
		value /= powersOfTen[i-1-point]
	}
	if b[0] == '-' {
		value = -value
	}
	return value, i
}

func isSign(c byte) bool { return c == '+' || c == '-' }

const (
	maxDigits       = 19      // as many as always fit a uint64
	maxExactInteger = 1 << 53 // to here a float64 holds every integer
)

// powersOfTen are all exact: a float64 holds them up to 1e22.
var powersOfTen = [maxDigits + 1]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// parseAnyNumber is the Slow path of parseNumber.
func parseAnyNumber(b []byte) (float64, bool) {
	if !mayBeNumber(b) {
		return 0, false
	}
	// A view is safe: ParseFloat does not keep its argument, and an error holds a copy.
	value, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64)
	return value, err == nil
}

// mayBeNumber rules out most text that is not a number, since ParseFloat would allocate an error for it: a
// number has a digit or is a word, and has only bytes of numbers.
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

// parseLength parses a length of at most nine digits, which fits an int of 32 bits twice.
func parseLength(b []byte) (int, bool) {
	n, ok := parseDigits(b)
	return int(n), ok && len(b) <= 9
}

// parseTimestamp parses seconds since the epoch; 0 when there is no number.
func parseTimestamp(b []byte) int64 {
	n, _ := parseDigits(b)
	return n
}

// parseDigits parses at most 18 digits, which fit an int64.
func parseDigits(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
