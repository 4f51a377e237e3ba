package weavetest

func init() {
	catalogue["echo"] = router("OTEL_INSTRUMENTATION_ECHO_ENABLED", "GET /users/:id", []string{
		"GET /",
		"GET /users/:id",
		"POST /files/*",
		"PUT /api/:version/items/:item",
		"GET",
		"DELETE /users/:id",
		"HTTP",
		"GET /broken error 500",
		"GET /bad",
		"GET /panic error string",
		"GET /abort error *errors.errorString",
		"GET /stream",
		"GET /out/rooms/{room}",
		"GET /in/users/:id",
		"GET /in/",
	}, []string{
		"GET",
		"GET",
		"POST",
		"PUT",
		"GET",
		"DELETE",
		"HTTP",
		"GET error 500",
		"GET",
		"GET error 500",
		"GET error 500",
		"GET",
		"GET /rooms/{room}",
		"GET /in/",
		"GET /in/",
	}, map[string][]string{
		"GET /broken": {"*errors.errorString: there is no database at postgres://REDACTED:REDACTED@example.com/db"},
		"GET /bad":    {"*echo.HTTPError: code=400, message=not like this"},
		"GET /panic":  {"string: as asked"},
		"GET /abort":  {"*errors.errorString: as asked, too"},
	})
	// New versions tell net/http the route by themselves.
	v5 := router("OTEL_INSTRUMENTATION_ECHO_ENABLED", "GET /users/:id", []string{
		"GET /",
		"GET /users/:id",
		"POST /files/*",
		"PUT /api/:version/items/:item",
		"GET",
		"DELETE /users/:id",
		"HTTP",
		"GET /broken error 500",
		"GET /bad",
		"GET /panic error string",
		"GET /abort error *errors.errorString",
		"GET /stream",
		"GET /out/rooms/{room}",
		"GET /in/users/:id",
		"GET /in/",
	}, []string{
		"GET /",
		"GET /users/:id",
		"POST /files/*",
		"PUT /api/:version/items/:item",
		"GET",
		"DELETE /users/:id",
		"HTTP",
		"GET /broken error 500",
		"GET /bad",
		"GET /panic error 500",
		"GET /abort error 500",
		"GET /stream",
		"GET /out/rooms/{room}",
		"GET /in/",
		"GET /in/",
	}, map[string][]string{
		"GET /broken": {"*errors.errorString: there is no database at postgres://REDACTED:REDACTED@example.com/db"},
		"GET /bad":    {"*echo.HTTPError: code=400, message=not like this"},
		"GET /panic":  {"string: as asked"},
		"GET /abort":  {"*errors.errorString: as asked, too"},
	}, []string{
		"GET",
		"GET",
		"POST",
		"PUT",
		"GET",
		"DELETE",
		"HTTP",
		"GET error 500",
		"GET",
		"GET error 500",
		"GET error 500",
		"GET",
		"GET /out/rooms/{room}",
		"GET /in/",
		"GET /in/",
	}...)
	l := catalogue["echo"]
	for _, u := range v5.programs {
		u.name = "v5 " + u.name
		l.programs = append(l.programs, u)
	}
	catalogue["echo"] = l
}
