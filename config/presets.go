package config

import "weir/aggregate/mapping"

// rules returns the rules of the presets that are enabled.
func (c *Collectors) rules() (all []*mapping.Rules) {
	if c.LLM.Enabled {
		all = append(all, c.LLM.rules())
	}
	if c.Agent.Enabled {
		all = append(all, c.Agent.rules())
	}
	return all
}

func (l *LLM) rules() *mapping.Rules {
	if l.IncludeModelMetrics {
		return mapping.PresetLLM.Rules()
	}
	return mapping.PresetLLM.Rules(mapping.LabelRequestModel, mapping.LabelResponseModel)
}

func (a *Agent) rules() *mapping.Rules {
	if a.IncludeToolMetrics {
		return mapping.PresetAgent.Rules()
	}
	return mapping.PresetAgent.Rules(mapping.LabelTool)
}
