package weavetest

func init() {
	catalogue["go_restful"] = router("OTEL_INSTRUMENTATION_GO_RESTFUL_ENABLED", "GET /users/{id}", []string{
		"GET /users/{id}",
		"PUT /api/{version}/items/{item:[0-9]+}",
		"GET /files/{path:*}",
		"GET /",
		"DELETE /users/",
		"HTTP /",
		"GET /broken error 500",
		"GET /failed error 500",
		"GET /panic error string",
		"GET /stream",
		"GET /in/users/{id}",
	}, []string{
		"GET /users/",
		"PUT /api/",
		"GET /",
		"GET /",
		"DELETE /users/",
		"HTTP /",
		"GET / error 500",
		"GET / error 500",
		"GET / error 500",
		"GET /",
		"GET /in/users/",
	}, map[string][]string{
		"GET /broken": {"*errors.errorString: broken"},
		"GET /failed": {"*errors.errorString: there is no database at postgres://REDACTED:REDACTED@example.com/db"},
		"GET /panic":  {"string: as asked"},
	})
}
