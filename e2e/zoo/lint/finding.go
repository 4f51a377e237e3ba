// Package finding has what the analyzer looks for.
package finding

func weaveFinding() {}

var _ = weaveFinding
