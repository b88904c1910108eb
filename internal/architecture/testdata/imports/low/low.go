package low

import (
	"strings"

	"example.org/other"

	"example/high"
)

var _ = high.Name + other.Name + strings.ToUpper("")
