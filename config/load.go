package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"weir/aggregate/mapping"
	"weir/internal/mistake"
)

// Sources are the sources of configuration over the defaults, each over the one before it. The zero value
// gives the defaults.
type Sources struct {
	// File is the path of the YAML file; empty means none.
	File string
	// Environ is the environment as "NAME=value", like os.Environ; nil means none.
	Environ []string
	// Flags is a parsed set that AddFlags, and perhaps AddStatsdFlags, has extended; nil means none. Only
	// flags that were given count.
	Flags *pflag.FlagSet
}

// Load reads all sources and returns a valid configuration, or every mistake joined, one line of text each.
func Load(from Sources) (*Config, error) {
	schema := newSchema()
	file := &fileSource{settings: settings{origin: OriginFile}, schema: schema, path: from.File}
	set := func(by Origin) settings { return settings{origin: by} }
	k, mistakes, notes, err := merge(
		&defaultSource{settings: set(OriginDefault), schema: schema},
		&statsdDefaultSource{settings: set(OriginStatsd), schema: schema, flags: from.Flags},
		file,
		&environSource{settings: set(OriginEnvironment), schema: schema, variables: from.Environ},
		&flagSource{settings: set(OriginFlag), schema: schema, flags: from.Flags},
		&statsdFlagSource{settings: set(OriginFlag), flags: from.Flags},
	)
	if err != nil {
		return nil, err
	}
	c, err := decode(k)
	if err != nil {
		return nil, err
	}
	c.files = map[string]uint64{}
	if file.path != "" {
		c.files[file.path] = file.sum
	}
	c.named = filesOf(c, func(path string) mistake.Place { return placeOf(k, path) })
	c.Compat = isCompat(from.Flags)
	c.Aggregate.Timers.NativeByRule = c.Compat
	for _, m := range mistake.All(c.Validate()) {
		m.Place = placeOf(k, m.Path)
		mistakes = append(mistakes, m)
	}
	if err := errors.Join(mistake.Join(mistakes), c.loadRules()); err != nil {
		return nil, err
	}
	c.notes = slices.Concat(notes, c.notes, c.disabled(), costs(c))
	c.settings = settingsOf(c, k)
	return c, nil
}

// merge has koanf merge the sources, each over the one before it, and returns what they found.
func merge(sources ...source) (k *koanf.Koanf, mistakes []*mistake.Mistake, notes []string, err error) {
	k = koanf.New(delimiter)
	for _, s := range sources {
		if err := k.Load(s, nil); err != nil {
			return nil, nil, nil, fmt.Errorf("merge configuration: %w", err)
		}
		m, n := s.found()
		mistakes, notes = append(mistakes, m...), append(notes, n...)
	}
	return k, mistakes, notes, nil
}

// decode makes a Config of the settings in k. The sources have parsed all values into the types of Config, so
// nothing is converted here: koanf's own providers give strings or untyped YAML, and its weak decoding then
// takes 5 for five nanoseconds, 12.9 for 12, and loses a whole section to a scalar without an error.
func decode(k *koanf.Koanf) (*Config, error) {
	c := &Config{}
	strict := &mapstructure.DecoderConfig{
		ErrorUnused: true,
		DecodeHook: func(from, _ reflect.Value) (any, error) {
			if set, ok := reflect.TypeAssert[setting](from); ok {
				return set.Value, nil
			}
			return from.Interface(), nil
		},
	}
	if err := k.UnmarshalWithConf("", c, koanf.UnmarshalConf{DecoderConfig: strict}); err != nil {
		return nil, fmt.Errorf("decode configuration: %w", err)
	}
	return c, nil
}

// placeOf returns where the leaf at path was set; the zero Place for a default.
func placeOf(k *koanf.Koanf, path string) mistake.Place {
	set, _ := k.Get(path).(setting)
	return set.Place
}

// loadRules reads the mapping file into Aggregate.Rules, and its warnings into the notes. The presets come
// behind it, so that its rules win.
func (c *Config) loadRules() error {
	if path := c.Mapping.File; path != "" {
		content, err := os.ReadFile(path)
		if err != nil {
			return c.Locate(mistake.File(path, err))
		}
		c.files[path] = xxhash.Sum64(content)
		parse := mapping.Parse
		if c.Compat {
			parse = mapping.ParseCompat
		}
		rules, err := parse(path, content)
		if err != nil {
			return err
		}
		c.Aggregate.Rules = append(c.Aggregate.Rules, rules)
		c.notes = rules.Warnings()
	}
	c.Aggregate.Rules = append(c.Aggregate.Rules, c.Collectors.rules()...)
	return nil
}

// disabled returns the notes on sections that are set and switched off.
func (c *Config) disabled() []string {
	a := &c.Expose.Authentication
	if !a.Enabled && (a.TokensFile != "" || a.JWT.KeyFile != "" || a.JWT.JWKSFile != "") {
		return []string{"authentication: accepted, not in effect: authentication.enabled is false"}
	}
	return nil
}
