"""Times calls of libvirt's C library, by its Python binding.

Reads one JSON object a line from stdin, `{"call": …, "items": […]}`, makes the call once for each item, and answers with
the milliseconds that each took; with `"threads": n` in it, with the milliseconds that all took together.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import libvirt

connection = libvirt.open(sys.argv[1])
print(json.dumps({"version": libvirt.getVersion()}), flush=True)

domains = {}


def define(xml):
    domain = connection.defineXML(xml)
    domains[domain.UUIDString()] = domain


calls = {
    "version": lambda _: connection.getLibVersion(),
    "define": define,
    "xml": lambda uuid: domains[uuid].XMLDesc(0),
    "undefine": lambda uuid: domains.pop(uuid).undefine(),
}


def time_each(call, items):
    samples = []
    for item in items:
        start = time.perf_counter()
        call(item)
        samples.append((time.perf_counter() - start) * 1000)
    return samples


def time_all(call, items, threads):
    """The C library's way to have several calls under way on one connection: a thread for each."""
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        list(pool.map(call, items))
        return [(time.perf_counter() - start) * 1000]


for line in sys.stdin:
    request = json.loads(line)
    call = calls[request["call"]]
    threads = request.get("threads")
    items = request["items"]
    print(json.dumps(time_all(call, items, threads) if threads else time_each(call, items)), flush=True)
