package p

type Deep struct{}

func (*Deep) Do() {}

func (Deep) Show() {}

func (*Deep) VPointer() {}

type Inner struct{ Deep }

func (*Inner) Set() {}

func (Inner) Own() {}

func (Inner) TwoA() {}

type Beside struct{}

func (Beside) TwoA() {}

func (*Beside) VBeside() {}

type Alias = Inner

type Outer struct {
	Alias
	*Beside
	n int
}

func (*Outer) Own() {}

func (Inner) VInner() {}

type Other struct{}

func (*Other) Set() {}
