// Plugin is loaded by host.
package main

import "example.com/zoo/kinds/user"

// Said is what the host calls.
func Said() string { return "plugin: " + user.SayTwice() }

func main() {}
