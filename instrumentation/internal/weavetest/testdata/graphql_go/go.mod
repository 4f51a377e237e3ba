module example.com/graphql_go

go 1.26.0

require github.com/graphql-go/graphql v0.8.1
