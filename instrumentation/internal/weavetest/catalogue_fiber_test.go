package weavetest

func init() {
	exceptions := map[string][]string{
		"GET /broken": {"*errors.errorString: there is no database at postgres://REDACTED:REDACTED@example.com/db"},
		"GET /bad":    {"*fiber.Error: not like this"},
		"GET /panic":  {"string: as asked"},
		"GET /abort":  {"*errors.errorString: as asked, too"},
	}
	const server, setting, users = "OTEL_INSTRUMENTATION_FASTHTTP_ENABLED", "OTEL_INSTRUMENTATION_FIBER_ENABLED", "GET /users/:id"
	l := routerOf(server, setting, users, []string{
		"GET /",
		"GET /users/:id",
		"POST /files/*",
		"PUT /api/:version/items/:item",
		"GET /deep/down/:level",
		"GET",
		"DELETE",
		"HTTP",
		"GET /broken error 500",
		"GET /bad",
		"GET /panic error string",
		"GET /abort error *errors.errorString",
		"GET /stream",
		"GET /out/rooms/{room}",
	}, []string{
		"GET",
		"GET",
		"POST",
		"PUT",
		"GET",
		"GET",
		"DELETE",
		"HTTP",
		"GET error 500",
		"GET",
		"GET error 500",
		"GET error 500",
		"GET",
		"GET /rooms/{room}",
	}, exceptions)
	v3 := routerOf(server, setting, users, []string{
		"GET /",
		"GET /users/:id",
		"POST /files/*",
		"PUT /api/:version/items/:item",
		"GET /deep/down/:level",
		"GET",
		"DELETE",
		"HTTP error 501",
		"GET /broken error 500",
		"GET /bad",
		"GET /panic error string",
		"GET /abort error *errors.errorString",
		"GET /stream",
		"GET /out/rooms/{room}",
	}, []string{
		"GET",
		"GET",
		"POST",
		"PUT",
		"GET",
		"GET",
		"DELETE",
		"HTTP error 501",
		"GET error 500",
		"GET",
		"GET error 500",
		"GET error 500",
		"GET",
		"GET /rooms/{room}",
	}, exceptions)
	for _, u := range v3.programs {
		u.name = "v3 " + u.name
		l.programs = append(l.programs, u)
	}
	catalogue["fiber"] = l
}
