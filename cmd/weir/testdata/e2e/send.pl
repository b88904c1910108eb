# Sends a fixed list of samples with libnet-statsd-perl: send.pl HOST PORT udp
use strict;
use warnings;

use Net::Statsd;

($Net::Statsd::HOST, $Net::Statsd::PORT) = @ARGV;

Net::Statsd::increment('pl.requests');
Net::Statsd::update_stats('pl.requests', 41);
Net::Statsd::decrement('pl.requests');    # a Prometheus counter cannot go down: rejected
Net::Statsd::update_stats(['pl.hits', 'pl.misses'], 5);
Net::Statsd::gauge('pl.temperature' => 21.5);
Net::Statsd::gauge('pl.queue' => 1, 'pl.queue' => 7);    # two lines in a datagram
Net::Statsd::timing('pl.db.time', 250);
Net::Statsd::timing('pl.db.time', 500);
Net::Statsd::send({'pl.users' => 'alice|s'}, 1);
