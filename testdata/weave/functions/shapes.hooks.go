package hooks

func Every(name string) func() { return nil }

func Closure() func(int) int { return nil }

func Variadic(a ...int) ([]int, func(int)) { return a, nil }
