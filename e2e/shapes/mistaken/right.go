package mistaken

func say() int { return "one" }

func sayAll(n int) (all []int) {
	for i := range n {
		all = append(all, "i")
	}
	return all
}
