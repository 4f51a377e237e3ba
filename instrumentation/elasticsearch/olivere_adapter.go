//go:build weave_adapter

package elastic

// weaveStatus returns the status of a response, or that which an error has in it; 0 for none.
func weaveStatus(response interface{}, err error) int {
	if e, is := err.(*Error); is && e != nil {
		return e.Status
	}
	if r, is := response.(*Response); is && r != nil {
		return r.StatusCode
	}
	return 0
}
