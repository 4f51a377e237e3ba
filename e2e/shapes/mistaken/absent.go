package mistaken

import "example.com/shapes/nowhere"

func say() { nowhere.Say() }
