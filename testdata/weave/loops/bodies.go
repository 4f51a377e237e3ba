package p

import "context"

func work(ctx context.Context, jobs chan int, list []int) (sum int) {
outer:
	for {
		for i := 0; i < 3; i++ {
			sum += i
			if sum > 100 {
				break outer
			}
		}
		for _, n := range list { sum += n }
		for range jobs {}
		func() {
			for sum < 10 {
				continue
			}
		}()
	}
	return sum
}

func hides(ctx context.Context) {
	for range 3 {
		ctx := context.WithoutCancel(ctx)
		_ = ctx
	}
}

//weave:ignore
func ignored(ctx context.Context) {
	for {
	}
}
