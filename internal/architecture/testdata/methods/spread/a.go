package spread

type T struct{}

func (T) a() {}

func (*T) b() {}
