"""What clients get of servers: requests a second and latencies."""

import contextlib
import json
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from . import WORK, pictures, scores
from .install import WORKERS, Missing, run
from .jobs import BY_KEY
from .measure import in_turns
from .servers import free_port

#: Jobs that servers are asked for.
JOBS = ["thumbnail", "progressive", "png-alpha", "page", "crop", "tile"]
CLIENTS = [1, 16]
SECONDS = 2


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
            if time.monotonic() > until:
                raise Missing("it does not listen after 30 s")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def measure(servers, shown, jobs, rounds):
    """Requests a second and latencies of the servers, on the last picture: server → job → clients → figures."""
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
                told[server.name]["error"] = str(reason)
        for key in jobs:
            print(f"{BY_KEY[key].title}, over HTTP", flush=True)
            able = {}
            for server in servers:
                paths = [server.path(BY_KEY[key], name) for name in names[key]]
                if server.name not in at or paths[0] is None:
                    continue
                address, _ = at[server.name]
                try:
                    asked = paths if server.remembers else paths[:1]
                    told[server.name][key] = looked_at(address, asked, BY_KEY[key], WORK / "pictures" / picture)
                    able[server.name] = (address, list_of(paths, server.name))
                except (OSError, ValueError) as error:
                    told[server.name][key] = {"error": str(error)}
            for clients in CLIENTS:
                results = in_turns(
                    list(able), rounds, lambda name, clients=clients, able=able: wrk(*able[name], clients)
                )
                for name, values in results.items():
                    told[name][key][str(clients)] = values
        for name, (_, processes) in at.items():
            told[name]["peak"] = sum(peak_of_tree(process.pid) for process in processes)
    return told


def looked_at(address, paths, job, picture):
    """Asks for every path once, and scores the first answer."""
    bodies = []
    for path in paths:
        with urllib.request.urlopen(address + path, timeout=60) as answer:
            bodies.append(answer.read())
    output = WORK / "outputs" / "answer"
    output.parent.mkdir(exist_ok=True)
    output.write_bytes(bodies[0])
    candidates = scores.references(job, picture / job.source)
    return {"bytes": len(bodies[0])} | scores.score(output, candidates, WORK / "outputs", None)


def list_of(paths, name):
    """A file with paths, for wrk."""
    file = WORK / "outputs" / f"{name} paths"
    file.write_text("\n".join(paths) + "\n")
    return file


def wrk(address, paths, clients):
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "60s", "-s", WORKERS / "turns.lua"]
    told = json.loads(run([*command, address, "--", paths]).splitlines()[-1])
    return told | {"per_second": told["requests"] / told["seconds"]}


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
