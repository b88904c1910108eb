package format

// Escape returns a name as it is under e; a label has no ':'.
func (e Escaping) Escape(name string, isLabel bool) string {
	if isLabel {
		return string(e.appendLabelName(nil, name))
	}
	return string(e.escape(nil, name, ":"))
}
