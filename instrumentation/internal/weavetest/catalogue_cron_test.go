package weavetest

import "strings"

func init() {
	ran := func(name string, times int) string {
		return strings.Repeat("run "+name+" (internal)\n"+worked(1), times)
	}
	catalogue["cron"] = library{programs: []use{
		{name: "all", tree: ran("*main.report", 2) + ran("main.byValue", 1) + ran("main.clean", 1) + "run main.fail (internal) error string\n" +
			ran("main.clean", 1) + worked(0)},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_CRON_ENABLED=false"}, tree: strings.Repeat(worked(0), 6)},
	}}
}
