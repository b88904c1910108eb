package protocol

import "bytes"

// NextTag splits the first tag off the tag section of a sample, "key:value,bare,key:va:lue". The key ends
// at the first ':'; it may be empty. The value of a tag without a ':' is nil; one that is written but empty
// is empty, not nil. Empty elements are skipped. At the end the key is nil. All three are views into tags.
func NextTag(tags []byte) (key, value, rest []byte) {
	for len(tags) > 0 {
		end := bytes.IndexByte(tags, ',')
		element := tags
		if end >= 0 {
			element, rest = tags[:end], tags[end+1:]
		} else {
			rest = nil
		}
		if len(element) == 0 {
			tags = rest
			continue
		}
		if colon := bytes.IndexByte(element, ':'); colon >= 0 {
			return element[:colon], element[colon+1:], rest
		}
		return element, nil, rest
	}
	return nil, nil, nil
}
