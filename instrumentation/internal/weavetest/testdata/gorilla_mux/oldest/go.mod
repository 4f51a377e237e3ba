module example.com/gorilla_mux

go 1.24

require (
	github.com/gorilla/handlers v1.4.0
	github.com/gorilla/mux v1.8.0
)
