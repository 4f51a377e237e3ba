//go:build weave_adapter

package cron

// weaveRun runs a job.
var weaveRun func(job interface{}, run func())

// weaveJob is a job whose runs have spans.
type weaveJob struct{ job Job }

// Run runs it.
func (w weaveJob) Run() {
	if weaveRun == nil {
		w.job.Run()
		return
	}
	weaveRun(w.job, w.job.Run)
}

func weaveScheduled(j Job) Job {
	if j == nil {
		return nil
	}
	return weaveJob{j}
}

// weaveOwn returns the program's job.
func weaveOwn(j Job) Job {
	if w, ok := j.(weaveJob); ok {
		return w.job
	}
	return j
}
