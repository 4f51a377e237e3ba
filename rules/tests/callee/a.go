// Package callee is called.
package callee
