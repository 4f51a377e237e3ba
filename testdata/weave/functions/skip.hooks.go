package hooks

func Observe() func(*int, error) { return nil }

func Guard(name string) (string, func() (*int, error), func(*int, error) (*int, error), func()) {
	return name, nil, nil, nil
}

func Void() (func(), func()) { return nil, nil }

func Forever() func() int { return nil }
