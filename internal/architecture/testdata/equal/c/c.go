package c

func first(a, b, c int) int {
	a += b
	b += c
	c += a
	a *= 2
	return a + b + c
}

func second(a, b, c int) int {
	a += b
	b += c
	c += a
	a *= 2
	return a + b + c
}
