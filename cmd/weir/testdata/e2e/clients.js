// Sends a fixed list of samples with a StatsD client for Node: clients.js CLIENT HOST PORT udp|tcp
//
// CLIENT:close closes the client right after the last sample, as a program does that ends; CLIENT alone goes on for a
// moment before, as a service does.
'use strict';

const [spec, host, portText, network] = process.argv.slice(2);
const [name, atOnce] = spec.split(':');
const port = Number(portText);

// Each client by its name in npm: what its methods are called. Those that a client lacks are missing.
const connect = {
  'hot-shots'() {
    const StatsD = require('hot-shots');
    const client = new StatsD({ host, port, protocol: network, includeDataDogTags: false, maxBufferSize: 1432 });
    return {
      count: (name, n) => client.increment(name, n),
      tagged: (name, n, key, value) => client.increment(name, n, { [key]: value }),
      gauge: (name, value) => client.gauge(name, value),
      timing: (name, ms) => client.timing(name, ms),
      set: (name, member) => client.set(name, member),
      close: () => client.close(),
    };
  },
  'statsd-client'() {
    const client = new (require('statsd-client'))({ host, port, tcp: network === 'tcp' });
    return {
      count: (name, n) => client.counter(name, n),
      tagged: (name, n, key, value) => client.counter(name, n, { [key]: value }),
      gauge: (name, value) => client.gauge(name, value),
      timing: (name, ms) => client.timing(name, ms),
      set: (name, member) => client.set(name, member),
      close: () => client.close(),
    };
  },
  'node-statsd'() {
    const client = new (require('node-statsd').StatsD)({ host, port });
    return {
      count: (name, n) => client.increment(name, n),
      tagged: (name, n, key, value) => client.increment(name, n, 1, [`${key}:${value}`]),
      gauge: (name, value) => client.gauge(name, value),
      timing: (name, ms) => client.timing(name, ms),
      set: (name, member) => client.set(name, member),
      close: () => client.close(),
    };
  },
  lynx() {
    const client = new (require('lynx'))(host, port);
    return {
      count: (name, n) => client.count(name, n),
      gauge: (name, value) => client.gauge(name, value),
      timing: (name, ms) => client.timing(name, ms),
      set: (name, member) => client.set(name, member),
      close: () => client.close(),
    };
  },
  'node-dogstatsd'() {
    const client = new (require('node-dogstatsd').StatsD)(host, port);
    return {
      count: (name, n) => client.incrementBy(name, n),
      tagged: (name, n, key, value) => client.incrementBy(name, n, [`${key}:${value}`]),
      gauge: (name, value) => client.gauge(name, value),
      timing: (name, ms) => client.timing(name, ms),
      set: (name, member) => client.set(name, member),
      close: () => client.close(),
    };
  },
  'dog-statsy'() {
    const client = new (require('dog-statsy'))({ host, port, flushInterval: 20 });
    return {
      count: (name, n) => client.count(name, n),
      tagged: (name, n, key, value) => client.count(name, n, 1, [`${key}:${value}`]),
      gauge: (name, value) => client.gauge(name, value),
      timing: (name, ms) => client.histogram(name, ms),
      set: (name, member) => client.set(name, member),
      close: () => {
        client.setFlushInterval(0); // otherwise its timer keeps the process alive
        client.flush();
        client.close();
      },
    };
  },
};

const client = connect[name]();
client.count('requests', 1);
client.count('requests', 41);
client.tagged?.('tagged', 2, 'status', '500');
client.gauge('temperature', 21.5);
client.timing('db.time', 250);
client.timing('db.time', 500);
for (const user of ['alice', 'bob', 'alice']) {
  client.set('users', user);
}
for (let n = 0; n < 200; n++) {
  client.count('burst', 1);
}
if (atOnce) {
  client.close();
} else {
  setTimeout(() => client.close(), 100);
}
