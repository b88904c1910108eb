package long

const (
	d = 1
	e = 2
)
