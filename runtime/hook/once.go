package hook

// Wrapped is a value that a hook has wrapped. Wrappers implement it, so that an instrumentation wraps no value twice.
type Wrapped interface {
	// WeaveWrapped returns the instrumentation that wrapped the value.
	WeaveWrapped() *Instrumentation
}

// Once returns v wrapped by wrap, or v itself if i has wrapped it before.
func Once[T any](i *Instrumentation, v T, wrap func(T) T) T {
	if w, ok := any(v).(Wrapped); ok && w.WeaveWrapped() == i {
		return v
	}
	return wrap(v)
}
