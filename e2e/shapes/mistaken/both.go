package mistaken

func say() int { return "one" }
