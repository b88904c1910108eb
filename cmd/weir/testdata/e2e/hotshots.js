// Sends a fixed list of samples with hot-shots: hotshots.js HOST PORT udp|tcp
'use strict';

const StatsD = require('hot-shots');

const [host, port, protocol] = process.argv.slice(2);
const fail = (error) => {
  console.error(error);
  process.exit(1);
};
const options = {
  host, port: Number(port), protocol, prefix: 'node', globalTags: { app: 'shop' }, includeDataDogTags: false,
  datadog: false, errorHandler: fail,
};
const client = new StatsD(options);

client.increment('requests');
client.increment('requests', 41);
client.increment('requests', 2, { status: '500' });
client.decrement('requests'); // a Prometheus counter cannot go down: rejected
client.gauge('temperature', 21.5, ['room:living room', 'indoor']);
client.gauge('queue', 10);
client.gaugeDelta('queue', 5);
client.gaugeDelta('queue', -3);
client.gauge('stamped', 6, { timestamp: new Date(1700000000000) }); // the time is ignored
client.timing('db.time', 250);
client.timing('db.time', 500);
client.histogram('size', 3, { kind: 'a' });
client.histogram('size', 0.25, { kind: 'a' });
client.distribution('latency', 0.5);
client.set('users', 'alice');
client.set('users', 'bob');
client.set('users', 'alice');
client.event('deploy', 'done');
client.check('alive', client.CHECKS.OK);

// Several lines in a datagram.
const buffered = new StatsD({ ...options, maxBufferSize: 1000 });
for (let n = 0; n < 4; n++) {
  buffered.increment('buffered', 1, { n });
}

client.close((error) => {
  if (error) {
    fail(error);
  }
  buffered.close((error) => error && fail(error));
});
