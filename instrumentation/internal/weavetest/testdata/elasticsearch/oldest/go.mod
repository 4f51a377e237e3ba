module example.com/elasticsearch

go 1.24

require (
	github.com/elastic/elastic-transport-go/v8 v8.1.0
	github.com/elastic/go-elasticsearch/v8 v8.4.0
)
