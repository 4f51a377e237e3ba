package hooks

func Error(operation, function string, attributes []any) func(error) { return func(error) {} }

func Plain(operation, function string, attributes []any) (end func()) { return func() {} }
