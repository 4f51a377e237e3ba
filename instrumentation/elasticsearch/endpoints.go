package elasticsearch

import (
	"strings"
	"sync"
)

// endpoints are the endpoints of the APIs of Elasticsearch and OpenSearch that programs use, as their specifications name them: methods,
// path, name. The first one that fits is it.
const endpoints = `
GET / info
HEAD / ping
POST,PUT /_bulk bulk
POST,PUT /{index}/_bulk bulk
GET,POST /_mget mget
GET,POST /{index}/_mget mget
PUT,POST /{index}/_doc/{id} index
POST /{index}/_doc index
PUT,POST /{index}/_create/{id} create
GET /{index}/_doc/{id} get
HEAD /{index}/_doc/{id} exists
DELETE /{index}/_doc/{id} delete
GET /{index}/_source/{id} get_source
HEAD /{index}/_source/{id} exists_source
POST /{index}/_update/{id} update
POST /{index}/_delete_by_query delete_by_query
POST /{index}/_update_by_query update_by_query
POST /_reindex reindex
GET,POST /{index}/_termvectors termvectors
GET,POST /{index}/_termvectors/{id} termvectors
GET,POST /_mtermvectors mtermvectors
GET,POST /_search search
GET,POST /{index}/_search search
GET,POST /_search/scroll scroll
GET,POST /_search/scroll/{scroll_id} scroll
DELETE /_search/scroll clear_scroll
DELETE /_search/scroll/{scroll_id} clear_scroll
GET,POST /_search/template search_template
GET,POST /{index}/_search/template search_template
POST /{index}/_search/point_in_time create_pit
DELETE /_search/point_in_time delete_pit
DELETE /_search/point_in_time/_all delete_all_pits
GET /_search/point_in_time/_all get_all_pits
GET,POST /_msearch msearch
GET,POST /{index}/_msearch msearch
GET,POST /_msearch/template msearch_template
GET,POST /{index}/_msearch/template msearch_template
GET,POST /_count count
GET,POST /{index}/_count count
GET,POST /{index}/_explain/{id} explain
GET,POST /_field_caps field_caps
GET,POST /{index}/_field_caps field_caps
GET,POST /_rank_eval rank_eval
GET,POST /{index}/_rank_eval rank_eval
GET,POST /_search_shards search_shards
GET,POST /{index}/_search_shards search_shards
GET,POST /_validate/query indices.validate_query
GET,POST /{index}/_validate/query indices.validate_query
GET,POST /{index}/_terms_enum terms_enum
GET,POST /{index}/_knn_search knn_search
POST /{index}/_pit open_point_in_time
DELETE /_pit close_point_in_time
POST /_async_search async_search.submit
POST /{index}/_async_search async_search.submit
GET /_async_search/{id} async_search.get
DELETE /_async_search/{id} async_search.delete
GET,POST /{index}/_eql/search eql.search
GET,POST /_sql sql.query
POST /_query esql.query
GET,POST /_scripts/painless/_execute scripts_painless_execute
GET /_scripts/{id} get_script
PUT,POST /_scripts/{id} put_script
DELETE /_scripts/{id} delete_script
GET,POST /_analyze indices.analyze
GET,POST /{index}/_analyze indices.analyze
GET /{index}/_mapping indices.get_mapping
GET /_mapping indices.get_mapping
PUT,POST /{index}/_mapping indices.put_mapping
GET /{index}/_settings indices.get_settings
GET /_settings indices.get_settings
PUT /{index}/_settings indices.put_settings
PUT /_settings indices.put_settings
GET,POST /_refresh indices.refresh
GET,POST /{index}/_refresh indices.refresh
GET,POST /_flush indices.flush
GET,POST /{index}/_flush indices.flush
POST /_forcemerge indices.forcemerge
POST /{index}/_forcemerge indices.forcemerge
POST /{index}/_cache/clear indices.clear_cache
POST /_cache/clear indices.clear_cache
POST /{index}/_open indices.open
POST /{index}/_close indices.close
POST /{alias}/_rollover indices.rollover
POST /{alias}/_rollover/{new_index} indices.rollover
PUT,POST /{index}/_shrink/{target} indices.shrink
PUT,POST /{index}/_split/{target} indices.split
PUT,POST /{index}/_clone/{target} indices.clone
POST /_aliases indices.update_aliases
GET /_alias indices.get_alias
GET /_alias/{name} indices.get_alias
HEAD /_alias/{name} indices.exists_alias
GET /{index}/_alias indices.get_alias
GET /{index}/_alias/{name} indices.get_alias
HEAD /{index}/_alias/{name} indices.exists_alias
PUT,POST /{index}/_alias/{name} indices.put_alias
DELETE /{index}/_alias/{name} indices.delete_alias
GET /_stats indices.stats
GET /{index}/_stats indices.stats
GET /{index}/_segments indices.segments
GET /{index}/_recovery indices.recovery
GET /_template/{name} indices.get_template
HEAD /_template/{name} indices.exists_template
PUT,POST /_template/{name} indices.put_template
DELETE /_template/{name} indices.delete_template
GET /_index_template indices.get_index_template
GET /_index_template/{name} indices.get_index_template
HEAD /_index_template/{name} indices.exists_index_template
PUT,POST /_index_template/{name} indices.put_index_template
DELETE /_index_template/{name} indices.delete_index_template
GET /_component_template/{name} cluster.get_component_template
HEAD /_component_template/{name} cluster.exists_component_template
PUT,POST /_component_template/{name} cluster.put_component_template
DELETE /_component_template/{name} cluster.delete_component_template
GET /_data_stream indices.get_data_stream
GET /_data_stream/{name} indices.get_data_stream
PUT /_data_stream/{name} indices.create_data_stream
DELETE /_data_stream/{name} indices.delete_data_stream
GET /_resolve/index/{name} indices.resolve_index
GET /_cluster/health cluster.health
GET /_cluster/health/{index} cluster.health
GET /_cluster/state cluster.state
GET /_cluster/stats cluster.stats
GET /_cluster/settings cluster.get_settings
PUT /_cluster/settings cluster.put_settings
GET /_cluster/pending_tasks cluster.pending_tasks
POST /_cluster/reroute cluster.reroute
GET,POST /_cluster/allocation/explain cluster.allocation_explain
GET /_nodes nodes.info
GET /_nodes/http nodes.info
GET /_nodes/stats nodes.stats
GET /_nodes/hot_threads nodes.hot_threads
GET /_nodes/{node_id} nodes.info
GET /_nodes/{node_id}/stats nodes.stats
GET /_tasks tasks.list
GET /_tasks/{task_id} tasks.get
POST /_tasks/{task_id}/_cancel tasks.cancel
GET /_cat/aliases cat.aliases
GET /_cat/allocation cat.allocation
GET /_cat/count cat.count
GET /_cat/count/{index} cat.count
GET /_cat/health cat.health
GET /_cat/indices cat.indices
GET /_cat/indices/{index} cat.indices
GET /_cat/master cat.master
GET /_cat/nodes cat.nodes
GET /_cat/plugins cat.plugins
GET /_cat/shards cat.shards
GET /_cat/shards/{index} cat.shards
GET /_cat/templates cat.templates
GET /_ingest/pipeline ingest.get_pipeline
GET /_ingest/pipeline/{id} ingest.get_pipeline
PUT /_ingest/pipeline/{id} ingest.put_pipeline
DELETE /_ingest/pipeline/{id} ingest.delete_pipeline
GET,POST /_ingest/pipeline/_simulate ingest.simulate
GET,POST /_ingest/pipeline/{id}/_simulate ingest.simulate
GET /_snapshot snapshot.get_repository
GET /_snapshot/{repository} snapshot.get_repository
PUT,POST /_snapshot/{repository} snapshot.create_repository
DELETE /_snapshot/{repository} snapshot.delete_repository
GET /_snapshot/{repository}/{snapshot} snapshot.get
PUT,POST /_snapshot/{repository}/{snapshot} snapshot.create
DELETE /_snapshot/{repository}/{snapshot} snapshot.delete
POST /_snapshot/{repository}/{snapshot}/_restore snapshot.restore
GET /_ilm/policy/{policy} ilm.get_lifecycle
PUT /_ilm/policy/{policy} ilm.put_lifecycle
DELETE /_ilm/policy/{policy} ilm.delete_lifecycle
GET /_license license.get
GET /_security/_authenticate security.authenticate
POST,PUT /_security/api_key security.create_api_key
GET /_xpack xpack.info
GET /{index} indices.get
HEAD /{index} indices.exists
PUT /{index} indices.create
DELETE /{index} indices.delete
`

// pattern is one of them.
type pattern struct{ methods, path, name string }

// patterns returns the endpoints by how many parts their paths have. They are read at the first request, and not where a program starts.
var patterns = sync.OnceValue(func() map[int][]pattern {
	all := map[int][]pattern{}
	for line := range strings.Lines(strings.TrimSpace(endpoints)) {
		words := strings.Fields(line)
		p := pattern{"," + words[0] + ",", words[1][1:], words[2]}
		n := strings.Count(p.path, "/")
		all[n] = append(all[n], p)
	}
	return all
})

// maxPath bounds the paths that are looked at, in bytes.
const maxPath = 4 << 10

// endpoint returns the name of the endpoint that a request is for, and the parts of its path, each behind its name. Of one that is not
// known the name is the first word of the API that the path has, if any: the others may be anything.
func endpoint(method, path string) (name string, parts []string) {
	if method == "" {
		method = "GET"
	}
	path = strings.Trim(path, "/")
	if len(path) > maxPath || len(method) > 16 {
		return "", nil
	}
	for _, p := range patterns()[strings.Count(path, "/")] {
		if !strings.Contains(p.methods, ","+method+",") {
			continue
		}
		if parts, fits := p.fits(path); fits {
			return p.name, parts
		}
	}
	for word := range strings.SplitSeq(path, "/") {
		if len(word) > 1 && len(word) <= 32 && word[0] == '_' && !strings.ContainsFunc(word, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' }) {
			return method + " " + word, nil
		}
	}
	return "", nil
}

// fits reports whether a path is of the endpoint.
func (p pattern) fits(path string) (parts []string, fits bool) {
	rest := p.path
	for more := true; more; {
		var want, got string
		want, rest, more = strings.Cut(rest, "/")
		got, path, _ = strings.Cut(path, "/")
		first := len(parts) == 0 && len(rest)+len(want)+1 >= len(p.path)
		switch {
		case !strings.HasPrefix(want, "{"):
			if got != want {
				return nil, false
			}
		case got == "" || first && got[0] == '_' && got != "_all":
			return nil, false
		default:
			parts = append(parts, want[1:len(want)-1], got)
		}
	}
	return parts, true
}
