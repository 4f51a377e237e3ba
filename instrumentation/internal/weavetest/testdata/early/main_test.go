package main

import (
	"testing"

	"example.com/early/acts"
)

func TestMain(*testing.M) { acts.Main() }
