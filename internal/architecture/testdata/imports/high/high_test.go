package high_test

import "example/side"

var _ = side.Name // tests may import any room
