module weir/bench/clients

go 1.26.7

require (
	github.com/DataDog/datadog-go/v5 v5.9.1
	github.com/cactus/go-statsd-client/v5 v5.1.0
	github.com/go-kit/kit v0.13.0
	github.com/go-kit/log v0.2.0
	github.com/hashicorp/go-metrics v0.7.0
	github.com/quipo/statsd v0.0.0-20180118161217-3d6a5565f314
	github.com/smira/go-statsd v1.3.4
	gopkg.in/alexcesaro/statsd.v2 v2.0.0
)

require (
	github.com/Microsoft/go-winio v0.6.2 // indirect
	github.com/VividCortex/gohistogram v1.0.0 // indirect
	github.com/go-logfmt/logfmt v0.5.1 // indirect
	github.com/hashicorp/go-immutable-radix v1.3.1 // indirect
	github.com/hashicorp/golang-lru v0.5.4 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
