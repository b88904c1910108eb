package status

import (
	"encoding/json"
	"fmt"

	"weir/aggregate"
	"weir/cmd/weir/explain"
	"weir/config"
	"weir/expose/status/wire"
)

const (
	// mostExplained is how many lines are explained at once: each has a registry of its own.
	mostExplained = 100

	// mostExplanation is how many bytes the explanations have, about.
	mostExplanation = 1 << 20
)

// Explain returns what weir explain --json says of lines, with newlines between them, under the configuration
// in force, and what the running registry would do with them. Reserved are the names that no sample may take.
func Explain(
	lines string, c *config.Config, r *aggregate.Registry, reserved []string,
) (wire.Explained, error) {
	answer := wire.Explained{Lines: []json.RawMessage{}}
	explained, isWhole := explain.New(c, reserved...).Among(r).First(lines, mostExplained, mostExplanation)
	if !isWhole {
		return answer, &wire.Error{
			Type: wire.BadData,
			Text: fmt.Sprintf("line: want at most %d lines, and fewer values in a line with many tags",
				mostExplained),
		}
	}
	for i := range explained {
		text, err := json.Marshal(&explained[i])
		if err != nil {
			return answer, fmt.Errorf("explain: %w", err)
		}
		answer.Lines = append(answer.Lines, text)
	}
	return answer, nil
}
