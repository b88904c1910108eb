"""Reads OpenMetrics pages with the strict parser of Prometheus's Python client.

Each page on stdin follows its length as a line. The answer on stdout is a line: "ok", or why the page is refused.
"""
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

print("ready", flush=True)
while head := sys.stdin.buffer.readline():
    page = sys.stdin.buffer.read(int(head)).decode()
    try:
        for _ in text_string_to_metric_families(page):
            pass
        print("ok", flush=True)
    except Exception as error:  # the parser raises errors of many types
        print(repr(error), flush=True)
