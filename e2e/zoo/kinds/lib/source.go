package lib

// SaySum adds up.
// lint:careful, says an analyzer's fact to other packages.
func SaySum() int { return int(add(20, 22)) }
