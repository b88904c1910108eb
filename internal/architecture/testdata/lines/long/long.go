package long

const (
	a = 1
	b = 2
)
