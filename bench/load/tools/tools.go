// Package tools has no code: its go.mod names the load generators, apart from the service's dependencies.
package tools
