// Package yamlfile reads YAML files strictly, so that users are told everything that is wrong with a file,
// each mistake by line and key, at once. It stands beside the straight line: the configuration, mapping
// files, files of tokens, web configuration files and tests of mappings are read with it. It knows none of
// their keys.
//
// A [Document] is one file, its mistakes are of type [mistake.Mistake]. Reading begins at [Document.Root] and
// goes along the keys that the caller knows, from [Value] to Value; so a file whose anchors refer to each
// other, or to themselves, costs no more than the keys that are known. A value of the wrong kind adds a
// mistake and reading goes on. [Document.Err] returns what was found.
//
//	d := yamlfile.Parse("tokens.yaml", content, yamlfile.Options{})
//	if root, ok := d.Root(); ok {
//		for name, v := range root.Section("name", "scopes") {
//			...
//		}
//	}
//	return d.Err()
//
// # Who may call what
//
// A [Document] and its values belong to one goroutine.
//
// # Memory model
//
// The package keeps no state. Values are views into their Document.
package yamlfile
