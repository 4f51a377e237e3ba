package weavetest

func init() {
	catalogue["gorilla_mux"] = router("OTEL_INSTRUMENTATION_GORILLA_MUX_ENABLED", "GET /users/{id:[0-9]+}", []string{
		"GET /",
		"GET /users/{id:[0-9]+}",
		"POST /files/",
		"PUT /api/{version}/items/{item}",
		"GET /api/{version}/deep/down/{level}",
		"GET",
		"GET",
		"GET",
		"DELETE",
		"HTTP /files/",
		"GET /broken error 500",
		"GET /panic error string",
		"GET /stream",
		"GET /out/rooms/{room}",
		"GET /in/users/{id:[0-9]+}",
		"GET /in/",
	}, []string{
		"GET",
		"GET",
		"POST",
		"PUT",
		"GET",
		"GET",
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
