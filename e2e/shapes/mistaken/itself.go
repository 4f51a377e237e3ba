package mistaken

import "example.com/shapes/mistaken/itself"

func say() { itself.Say() }
