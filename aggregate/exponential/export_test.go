package exponential

// Bytes returns the memory of the tables of buckets.
func (h *Histogram) Bytes() int {
	l := h.current.Load()
	const slotBytes = 4 + 8
	return slotBytes * (len(l.positive.keys) + len(l.negative.keys))
}
