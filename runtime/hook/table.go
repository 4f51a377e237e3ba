package hook

import (
	"maps"
	"sync"
	"sync/atomic"
)

// table is a map that is read without a lock, but for what is new in it.
type table[K comparable, V any] struct {
	read atomic.Pointer[map[K]V] // never changed; some of all
	mu   sync.Mutex
	all  map[K]V
	miss int // how often what is there was not found in read
}

// get returns what is there for a key.
func (t *table[K, V]) get(key K) (v V, there bool) {
	if m := t.read.Load(); m != nil {
		if v, there = (*m)[key]; there {
			return v, true
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if v, there = t.all[key]; there {
		if t.miss++; t.miss >= len(t.all) {
			t.publish()
		}
	}
	return v, there
}

// put adds a value, unless there are too many. The key's text is its own.
func (t *table[K, V]) put(key K, v V, most int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[K]V{}
	}
	if _, there := t.all[key]; there || len(t.all) < most {
		t.all[detached(key)] = v
	}
}

// drop removes the value for a key.
func (t *table[K, V]) drop(key K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, key)
	t.publish()
}

func (t *table[K, V]) publish() {
	m := maps.Clone(t.all)
	t.read.Store(&m)
	t.miss = 0
}
