// Package zone is imported by nobody, unless it is woven in.
package zone

import "example.com/program/trace"

func init() { trace.Print("zone") }
