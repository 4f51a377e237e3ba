package mistaken

func one()    { return 1 }
func two()    { return 2 }
func three()  { return 3 }
func four()   { return 4 }
func five()   { return 5 }
func six()    { return 6 }
func seven()  { return 7 }
func eight()  { return 8 }
func nine()   { return 9 }
func ten()    { return 10 }
func eleven() { return 11 }
func twelve() { return 12 }
