// Package tiny has a function that is inlined into its callers.
package tiny

// Double returns 2n.
func Double(n int) int { return 2 * n }
