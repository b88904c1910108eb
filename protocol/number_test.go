package protocol_test

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"weir/protocol"
)

// checkNumber holds parseNumber to strconv.ParseFloat, bit for bit.
func checkNumber(t interface{ Fatalf(string, ...any) }, text string) {
	want, err := strconv.ParseFloat(text, 64)
	got, ok := protocol.ParseNumber([]byte(text))
	if ok != (err == nil) {
		t.Fatalf("ParseNumber(%q) ok = %v, strconv says %v", text, ok, err)
	}
	if ok && math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Fatalf("ParseNumber(%q) = %v, strconv says %v", text, got, want)
	}
}

func TestParseNumber(t *testing.T) {
	for _, text := range []string{
		"", "0", "-0", "+0", "1", "-1", "+1", "12.5", "-12.5", ".5", "5.", ".", "-", "+", "-.", "+-1", "1-", "1.2.3",
		"007", "0.1", "0.30000000000000004", "999999999999999", "9999999999999999", "123456789012345678901234567890",
		"1e3", "1E-3", "1e", "1e400", "-1e400", "4e-400", "0x1p4", "0x", "1_000", "0x_1p0", "inf", "-Inf", "+INFINITY",
		"infi", "nan", "NaN", "-nan", "naan", "abc", "1 ", " 1", "1\x00", "١", "0.000000000000001", "1.7976931348623157e308",
		"9007199254740992", "9007199254740993", "-9007199254740991.", "900719925474099.2", "9.007199254740993",
		"9999999999999999999", "18446744073709551616", "18446744073709551617", "0.0000000000000000001",
		"0.00000000000000000001", "00000000000000000000000001", "0000000000000000.5", "1.", "+.5", "..", "1..",
	} {
		checkNumber(t, text)
	}
}

func TestParseNumberEqualsStrconv(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkNumber(t, rapid.StringMatching(`[-+]?[0-9]{0,18}(\.[0-9]{0,18})?(e[-+]?[0-9]{0,3})?`).Draw(t, "number"))
		checkNumber(t, fmt.Sprint(rapid.Float64().Draw(t, "float")))
		checkNumber(t, rapid.StringN(0, 12, -1).Draw(t, "text"))
	})
}
