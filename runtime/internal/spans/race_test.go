//go:build race

package spans

const racing = true
