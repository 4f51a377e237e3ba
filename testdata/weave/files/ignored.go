//weave:ignore nothing in this file is to be woven

package p

func F() {}
