module example.com/graph_gophers

go 1.24

require github.com/graph-gophers/graphql-go v1.3.0

require (
	github.com/opentracing/opentracing-go v1.1.0 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
)
