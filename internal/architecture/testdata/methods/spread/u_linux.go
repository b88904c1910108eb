package spread

func (U[A, B]) b() {}
