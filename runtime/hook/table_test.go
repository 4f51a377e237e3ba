package hook

import (
	"fmt"
	"sync"
	"testing"
)

// TestTable puts, gets and drops in many goroutines: what is there is found, and no more is kept than is asked for.
func TestTable(t *testing.T) {
	var all table[string, int]
	const most = 100
	var group sync.WaitGroup
	for w := range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := range 5000 {
				n := (i*7 + w) % 150
				key := fmt.Sprint(n)
				if v, there := all.get(key); there && v != n {
					t.Errorf("%d is %d", n, v)
				} else if !there {
					all.put(key, n, most)
				}
				if i%97 == 0 {
					all.drop(key)
				}
			}
		}()
	}
	group.Wait()
	if len(all.all) > most || len(all.all) == 0 {
		t.Fatalf("%d are kept", len(all.all))
	}
	for range most + 1 {
		for key := range all.all {
			if _, there := all.get(key); !there {
				t.Fatalf("%s is lost", key)
			}
		}
	}
	if m := all.read.Load(); m == nil || len(*m) != len(all.all) {
		t.Error("what is asked for often is not found without a lock")
	}
	for key := range *all.read.Load() {
		all.drop(key)
		if _, there := all.get(key); there {
			t.Fatalf("%s is there again", key)
		}
	}
}
