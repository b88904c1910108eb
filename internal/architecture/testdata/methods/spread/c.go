package spread

func (t T) c() {}
