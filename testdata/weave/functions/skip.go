package p

func Open(name string) (f *int, err error) {
	if name == "" {
		return
	}
	return new(int), nil
}

func Void(name string) {
	println(name)
}

func Forever() int {
	for {
	}
}
