package main

import "testing"

func TestInit(*testing.T) { main() }
