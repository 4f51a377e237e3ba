package hooks

func F(a int) (int, func(int, error)) { return a, nil }
