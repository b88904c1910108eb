package ingest

import "github.com/rs/zerolog"

// gnetLog gives gnet's messages to the log, its chatter as debug messages.
type gnetLog struct{ log zerolog.Logger }

// Debugf logs at debug level.
func (l gnetLog) Debugf(format string, args ...any) { l.log.Debug().Msgf("gnet: "+format, args...) }

// Infof logs at debug level.
func (l gnetLog) Infof(format string, args ...any) { l.log.Debug().Msgf("gnet: "+format, args...) }

// Warnf logs at debug level.
func (l gnetLog) Warnf(format string, args ...any) { l.log.Debug().Msgf("gnet: "+format, args...) }

// Errorf logs at warning level: what weir cannot go on with it reports itself.
func (l gnetLog) Errorf(format string, args ...any) { l.log.Warn().Msgf("gnet: "+format, args...) }

// Fatalf logs at error level. gnet calls it before it panics or exits, which weir's use of it never makes
// it do.
func (l gnetLog) Fatalf(format string, args ...any) { l.log.Error().Msgf("gnet: "+format, args...) }
