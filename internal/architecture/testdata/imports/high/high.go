package high

import (
	"example.org/other"

	"example/low"
	"example/low/leaf"
	"example/side"
)

var Name = low.Name + leaf.Name + side.Name + other.Name
