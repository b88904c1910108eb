package spread

func (t T) d() {}

type U[A, B any] struct{}

func (U[A, B]) a() {}
