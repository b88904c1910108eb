package production

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Print writes the results for people: by group, with what to change below each check that failed.
func Print(w io.Writer, results []Result) error {
	var b strings.Builder
	group := ""
	for _, r := range results {
		if r.Group != group {
			group = r.Group
			fmt.Fprintln(&b, group)
		}
		word := "ok  "
		if !r.OK {
			word = "FAIL"
		}
		fmt.Fprintf(&b, "  %s  %s: %s\n", word, r.Name, r.Figure)
		if r.Change != "" {
			fmt.Fprintf(&b, "        %s\n", r.Change)
		}
	}
	fmt.Fprintf(&b, "%d of %d checks passed\n", len(results)-Failed(results), len(results))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

// WriteJSON writes the results as one JSON object: the checks, and whether all passed.
func WriteJSON(w io.Writer, results []Result) error {
	report := struct {
		OK     bool     `json:"ok"`
		Checks []Result `json:"checks"`
	}{Failed(results) == 0, results}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}
