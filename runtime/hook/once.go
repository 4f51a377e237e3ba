package hook

// Wrapped is a value that a hook has put something around. A wrapper implements it, so that no value is wrapped twice by the
// same instrumentation.
type Wrapped interface {
	// WeaveWrapped returns the instrumentation that wrapped the value.
	WeaveWrapped() *Instrumentation
}

// Once returns v wrapped by wrap, or v as it is if i has wrapped it before.
func Once[T any](i *Instrumentation, v T, wrap func(T) T) T {
	if w, ok := any(v).(Wrapped); ok && w.WeaveWrapped() == i {
		return v
	}
	return wrap(v)
}
