//go:build weave_adapter

package asynq

func weaveType(t *Task) string {
	if t == nil {
		return ""
	}
	return t.typename
}

// weaveQueue returns the queue that a task is put into.
func weaveQueue(t *Task, opts []Option) string {
	queue := "default"
	if t == nil {
		return queue
	}
	for _, all := range [][]Option{t.opts, opts} {
		for _, o := range all {
			if q, ok := o.(queueOption); ok {
				queue = string(q)
			}
		}
	}
	return queue
}

// weaveHeaders returns what finds the value of a task's header.
func weaveHeaders(t *Task) func(string) string {
	return func(key string) string {
		if t == nil {
			return ""
		}
		return t.headers[key]
	}
}

// weaveWith returns what puts a copy of a task in its place that has more headers, keys and values in turn.
func weaveWith(t **Task) func([]string) {
	return func(pairs []string) {
		copied := **t
		copied.headers = make(map[string]string, len((*t).headers)+len(pairs)/2)
		for key, value := range (*t).headers {
			copied.headers[key] = value
		}
		for n := 0; n+1 < len(pairs); n += 2 {
			copied.headers[pairs[n]] = pairs[n+1]
		}
		*t = &copied
	}
}
