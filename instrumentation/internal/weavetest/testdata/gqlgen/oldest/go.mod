module example.com/gqlgen

go 1.24

require (
	github.com/99designs/gqlgen v0.17.30
	github.com/vektah/gqlparser/v2 v2.5.1
)

require (
	github.com/agnivade/levenshtein v1.1.1 // indirect
	github.com/gorilla/websocket v1.5.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.1 // indirect
	github.com/mitchellh/mapstructure v1.5.0 // indirect
)
