package sound

func Say() int { return 1 }

func Shown() int { return 2 }
