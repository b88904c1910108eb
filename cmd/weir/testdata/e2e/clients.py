# Sends a fixed list of samples with a StatsD client for Python: clients.py CLIENT HOST PORT udp|tcp
import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile

name, host, port, network = sys.argv[1:]
burst = 200


def send_statsd():
    import statsd

    connect = {
        "udp": lambda: statsd.StatsClient(host, int(port)),
        "tcp": lambda: statsd.TCPStatsClient(host, int(port)),
        "unix": lambda: statsd.UnixSocketStatsClient(socket_path=host),
    }
    client = connect[network]()
    client.incr("requests")
    client.incr("requests", 41)
    client.gauge("temperature", 21.5)
    client.timing("db.time", 250)
    client.timing("db.time", 500)
    for user in ("alice", "bob", "alice"):
        client.set("users", user)
    for _ in range(burst):
        client.incr("burst")
    client.close()


async def send_aiodogstatsd():
    import aiodogstatsd

    async with aiodogstatsd.Client(host=host, port=int(port)) as client:
        client.increment("requests")
        client.increment("requests", value=41)
        client.increment("tagged", value=2, tags={"status": "500"})
        client.gauge("temperature", value=21.5)
        client.timing("db.time", value=250)
        client.timing("db.time", value=500)
        for _ in range(burst):
            client.increment("burst")


async def send_aiomeasures():
    from aiomeasures import StatsD

    client = StatsD(f"udp://{host}:{port}")
    client.incr("requests")
    client.incr("requests", 41)
    client.gauge("temperature", 21.5)
    client.timing("db.time", 250)
    client.timing("db.time", 500)
    for user in ("alice", "bob", "alice"):
        client.set("users", user)
    for _ in range(burst):
        client.incr("burst")
    await client.send()
    client.close()


def send_monasca():
    import monascastatsd

    client = monascastatsd.Client(host=host, port=int(port))
    client.get_counter("requests").increment()
    client.get_counter("requests").increment(41)
    client.get_counter("tagged").increment(2, dimensions={"status": "500"})
    client.get_gauge().send("temperature", 21.5)
    client.get_timer().timing("db.time", 250)
    client.get_timer().timing("db.time", 500)
    for _ in range(burst):
        client.get_counter("burst").increment()


def send_gunicorn():
    """Runs an application under gunicorn, whose metrics are those of its requests."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "shop.py"), "w") as module:
            module.write("def app(environ, start):\n    start('200 OK', [])\n    return [b'ok']\n")
        path = os.path.join(folder, "http")
        server = subprocess.Popen(
            ["/usr/bin/python3", "-m", "gunicorn", f"--bind=unix:{path}", f"--statsd-host={host}:{port}", "shop:app"],
            cwd=folder, stderr=subprocess.PIPE, text=True)
        for line in server.stderr:
            if "Booting worker" in line:
                break
        for _ in range(40):
            connection = http.client.HTTPConnection("shop")
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(path)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
        server.send_signal(signal.SIGTERM)
        server.communicate()


senders = {"statsd": send_statsd, "aiodogstatsd": send_aiodogstatsd, "aiomeasures": send_aiomeasures,
           "monascastatsd": send_monasca, "gunicorn": send_gunicorn}
done = senders[name]()
if asyncio.iscoroutine(done):
    asyncio.run(done)
