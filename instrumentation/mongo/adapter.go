//go:build weave_adapter

package driver

// weaveInternal reports whether an operation is the driver's own: what a connection begins with, and how servers are watched.
func weaveInternal(deployment Deployment) bool {
	_, is := deployment.(SingleConnectionDeployment)
	return is
}
