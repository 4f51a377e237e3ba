package conf

import "testing"

func TestConf(t *testing.T) {}
