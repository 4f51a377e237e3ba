package p

//weave:span find s:$t
func f(s string) error { return nil }

	//weave:log   a b
	func g() {}

// Space after the slashes: no directive.
// weave:log "
func h() {}
