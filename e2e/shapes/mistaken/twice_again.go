package mistaken

func sayOnce() int { return say() }
func say() int     { return 2 }
