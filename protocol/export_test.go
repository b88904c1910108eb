package protocol

// ParseNumber is parseNumber.
var ParseNumber = parseNumber
