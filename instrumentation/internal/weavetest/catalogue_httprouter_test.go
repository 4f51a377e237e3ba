package weavetest

func init() {
	catalogue["httprouter"] = router("OTEL_INSTRUMENTATION_HTTPROUTER_ENABLED", "GET /users/:id", []string{
		"GET /",
		"GET /users/:id",
		"POST /files/*path",
		"PUT /api/:version/items/:item",
		"GET",
		"GET",
		"DELETE",
		"HTTP",
		"GET /broken error 500",
		"GET /panic error string",
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
		"GET",
		"DELETE",
		"HTTP",
		"GET error 500",
		"GET error 500",
		"GET",
		"GET /rooms/{room}",
		"GET /in/",
		"GET /in/",
	}, map[string][]string{
		"GET /panic": {"string: as asked"},
	})
}
