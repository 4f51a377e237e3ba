module example.com/graphql_go

go 1.24

require github.com/graphql-go/graphql v0.7.9
