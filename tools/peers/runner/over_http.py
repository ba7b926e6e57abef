"""What clients get of servers: requests a second and latencies."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from . import WORK, pictures, scores
from .install import Missing
from .jobs import BY_KEY
from .measure import in_turns
from .servers import free_port

#: Jobs that servers are asked for.
JOBS = ["thumbnail", "progressive", "png-alpha", "page", "crop", "tile"]
CLIENTS = [1, 16]
#: How long clients go on asking; then they wait for their answers.
SECONDS = 1


@contextlib.contextmanager
def running(server, folder):
    """A running server; gives its address and its processes."""
    port = free_port()
    processes = server.start(port, folder)
    try:
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if any(process.poll() is not None for process in processes):
                raise Missing("it ended at once; target/peers/servers.log says why")
            if time.monotonic() > until:
                raise Missing("it does not listen after 30 s")
            time.sleep(0.1)
        yield f"127.0.0.1:{port}", processes
    finally:
        # With the processes that they have started.
        for process in processes:
            end(process, signal.SIGTERM)
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            end(process, signal.SIGKILL)
            process.wait()


def end(process, by):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, by)


def measure(servers, clients, shown, jobs, rounds, failures):
    """Requests a second and latencies of the servers, on the last picture: server → job → clients → figures.

    `clients` is the worker that asks.
    """
    picture = list(shown)[-1]
    folder = WORK / "copies" / picture
    names = {job: pictures.copies(WORK / "pictures" / picture / BY_KEY[job].source, folder) for job in jobs}
    told = {server.name: {} for server in servers}
    with contextlib.ExitStack() as stack:
        at = {}
        for server in servers:
            try:
                at[server.name] = stack.enter_context(running(server, folder))
            except (Missing, OSError) as reason:
                failures.of("over HTTP")(server.name, str(reason))
        for key in jobs:
            job, orders = BY_KEY[key], {}
            print(f"{job.title}, over HTTP", flush=True)
            for server in servers:
                paths = [server.path(job, name) for name in names[key]]
                if server.name not in at or paths[0] is None:
                    continue
                address, _ = at[server.name]
                try:
                    asked = paths if server.remembers else paths[:1]
                    told[server.name][key] = looked_at(address, asked, job, WORK / "pictures" / picture)
                    orders[server.name] = {"address": address, "paths": paths, "seconds": SECONDS}
                except (OSError, ValueError) as error:
                    failures.of(job.title, "over HTTP")(server.name, str(error))
            for count in CLIENTS:

                def work(name, orders=orders, count=count):
                    return clients.run(orders[name] | {"clients": count})

                failed = failures.of(job.title, f"{count} clients")
                for name, values in in_turns(list(orders), rounds, work, failed).items():
                    told[name][key][str(count)] = values
        for name, (_, processes) in at.items():
            told[name]["peak"] = sum(peak_of_tree(process.pid) for process in processes)
    return told


def looked_at(address, paths, job, picture):
    """Asks for every path once, and scores the first answer."""
    bodies = []
    for path in paths:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=60) as answer:
            bodies.append(answer.read())
    output = WORK / "outputs" / "answer"
    output.write_bytes(bodies[0])
    candidates = scores.references(job, picture / job.source)
    return {"bytes": len(bodies[0])} | scores.score(output, candidates, WORK / "outputs", None)


def peak_of_tree(pid):
    """Peak memory of a process and its children together, in bytes."""
    peak = 0
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                peak = int(line.split()[1]) * 1024
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        peak += sum(peak_of_tree(child) for child in children)
    return peak
