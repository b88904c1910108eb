# Sends a fixed list of samples with ruby-statsd: send.rb HOST PORT udp|tcp
require "statsd"

host, port, network = ARGV
client = Statsd.new(host, port.to_i, network.to_sym)
client.namespace = "rb"
client.batch_size = 100

# Over TCP the client ends no write with a newline: all lines must go in one, and the end of the connection ends the last.
first = ->(sender) do
  sender.increment "requests"
  sender.count "requests", 41
  sender.decrement "requests" # a Prometheus counter cannot go down: rejected
  sender.count "Cache::hits", 3
  sender.gauge "temperature", 21.5
end
second = ->(sender) do
  sender.gauge "queue", 9
  sender.gauge "queue", 7
  sender.timing "db.time", 250
  sender.timing "db.time", 500
  sender.set "users", "alice"
  sender.set "users", "bob"
end

if network == "tcp"
  client.batch do |batch|
    first.call batch
    second.call batch
  end
else
  first.call client
  client.batch(&second)
end
