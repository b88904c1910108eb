package wire

// What lists can be sorted by: the parameter sort.
const (
	SortName     = "name"
	SortRate     = "rate"
	SortSeries   = "series"
	SortBytes    = "bytes"
	SortNew      = "new"
	SortValues   = "values"
	SortGrowth   = "growth"
	SortRejected = "rejected"
	SortCreated  = "created"
)

// The words of parameters, each with the default first.
var (
	// FamilySorts are the orders of families, LabelSorts of labels, and SenderSorts of senders.
	FamilySorts = []string{SortName, SortRate, SortSeries, SortBytes, SortNew}
	LabelSorts  = []string{SortValues, SortGrowth}
	SenderSorts = []string{SortRate, SortRejected, SortCreated, SortName}

	// Formats are the formats of the lines that are exposed, in the order of format.Encoding.
	Formats = []string{"text", "openmetrics", "protobuf"}
)

// The limits of pages: the parameter limit.
const (
	// DefaultLimit is how many items most lists have when a request does not say.
	DefaultLimit = 50
	// MaxLimit is the most items of a page.
	MaxLimit = 1000
)
