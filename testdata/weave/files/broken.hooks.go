package hooks

func F() {}
