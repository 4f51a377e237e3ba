// Package lib is woven by rules of otelc and of Alibaba's agent.
package lib

// Add adds.
func Add(a, b int) int { return a + b }

// Store has things to get.
type Store struct{ n int }

// GetOne gets one thing.
func (s *Store) GetOne(key string) string { return key }

// GetAll gets all of them.
func (s *Store) GetAll() []string { return []string{"a"} }
