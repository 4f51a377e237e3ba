package metrics

import (
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// scheduled reads what p counts.
func scheduled(t *testing.T, p *scheduling) metricdata.HistogramDataPoint[float64] {
	t.Helper()
	scopes, err := p.Produce(t.Context())
	if err != nil || len(scopes) != 1 || len(scopes[0].Metrics) != 1 {
		t.Fatalf("%v %v", scopes, err)
	}
	point := scopes[0].Metrics[0].Data.(metricdata.Histogram[float64]).DataPoints[0]
	var sum uint64
	for _, n := range point.BucketCounts {
		sum += n
	}
	if sum != point.Count || len(point.BucketCounts) != len(point.Bounds)+1 {
		t.Errorf("%+v", point)
	}
	return point
}

// TestScheduling has goroutines wait to run: a cumulative histogram goes on from reading to reading, a delta begins anew.
func TestScheduling(t *testing.T) {
	work := func() {
		var group sync.WaitGroup
		for range 1000 {
			group.Add(1)
			go func() { defer group.Done(); time.Sleep(time.Microsecond) }()
		}
		group.Wait()
	}
	start := time.Now()
	all, delta := &scheduling{start: start}, &scheduling{start: start, delta: true}
	work()
	a, d := scheduled(t, all), scheduled(t, delta)
	if a.Count < 100 || a.Sum <= 0 || d.Count < a.Count {
		t.Errorf("first %+v, %+v", a, d)
	}
	work()
	a2, d2 := scheduled(t, all), scheduled(t, delta)
	if a2.Count < a.Count+100 || !a2.StartTime.Equal(start) {
		t.Errorf("cumulative: %d, then %d from %v", a.Count, a2.Count, a2.StartTime)
	}
	if d2.Count >= a2.Count || d2.Count < 100 || !d2.StartTime.Equal(d.Time) {
		t.Errorf("delta: %d of %d from %v", d2.Count, a2.Count, d2.StartTime)
	}
}
