// Package caller calls.
package caller
