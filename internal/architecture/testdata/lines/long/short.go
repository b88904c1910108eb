package long

const (
	c = 1
)
