package p

func F( {}
