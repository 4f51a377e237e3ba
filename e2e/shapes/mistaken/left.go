package mistaken

func say(n number) int { return 1 }

func sayTwo() (int, nothing) { return 2, nil }
