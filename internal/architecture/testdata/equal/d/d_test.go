package d

func first(a, b, c int) int {
	a += b
	b += c
	c += a
	a *= 2
	return a + b + c
}
