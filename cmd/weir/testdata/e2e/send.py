# Sends a fixed list of samples with python3-statsd: send.py HOST PORT udp|tcp
import datetime
import sys

import statsd

host, port, network = sys.argv[1:]
clients = {"udp": statsd.StatsClient, "tcp": statsd.TCPStatsClient}
client = clients[network](host, int(port), prefix="py")

client.incr("requests")
client.incr("requests", 41)
client.incr("bytes", 2.5)
client.gauge("temperature", 21.5)
client.gauge("balance", -3.5)  # two lines: 0, then -3.5, since a sign moves a gauge
client.gauge("queue", 10)
client.gauge("queue", 5, delta=True)
client.gauge("queue", -3, delta=True)
client.timing("db.time", 250)
for user in ("alice", "bob", "alice"):
    client.set("users", user)
with client.pipeline() as pipe:  # several lines in a datagram
    pipe.incr("jobs", 3)
    pipe.timing("db.time", datetime.timedelta(milliseconds=500))
client.close()
