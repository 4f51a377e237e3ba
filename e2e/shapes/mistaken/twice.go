package mistaken

func say() int { return 1 }
