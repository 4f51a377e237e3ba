package hooks

func F() func(int) { return nil }
