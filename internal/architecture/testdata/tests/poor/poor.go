package poor

const (
	a = 1
	b = 2
)
