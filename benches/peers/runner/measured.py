"""All that is measured, in its order."""

import contextlib
import sys
import time
from dataclasses import dataclass

from . import WORK, install, machine, measure, over_http, pictures, scaling, servers
from .jobs import BY_KEY, JOBS


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    #: Rounds of single jobs by one thread.
    rounds: int
    #: Rounds of what takes longer: jobs together, sizes, and servers.
    few: int
    #: Only the last picture, or all of them.
    pictures: int
    #: Jobs that are measured together, with all cores, over HTTP, and for their memory: their keys, or all.
    together: tuple
    http: tuple
    #: SSIMULACRA2, which takes longer than all jobs together.
    judged: bool
    #: Megapixels of the scaling.
    sizes: tuple


FULL = Plan(15, 3, 2, tuple(BY_KEY), tuple(over_http.JOBS), True, tuple(pictures.MEGAPIXELS))
QUICK = Plan(3, 1, 1, ("thumbnail",), ("thumbnail", "tile"), False, (1, 4, 16))
#: Jobs whose layers of caches are looked at.
LAYERED = ("thumbnail", "tile")


def everything(quick, chosen_peers, chosen_jobs, own_picture):
    """Installs, prepares and measures; returns the figures as they are kept."""
    start = time.monotonic()
    plan = QUICK if quick else FULL
    jobs = [BY_KEY[key] for key in chosen_jobs] if chosen_jobs else JOBS
    peers, missing = install.all_peers(chosen_peers)
    https, missing_servers = servers.all_servers(chosen_peers)
    shown = dict(list(pictures.prepare(WORK, own_picture).items())[-plan.pictures :])
    missing |= missing_servers | measure.versions(peers)
    scaling.draw(WORK / "drawn", plan.sizes)
    installed = time.monotonic() - start

    def those(keys):
        return [job for job in jobs if job.key in keys]

    cores = machine.cores()
    counts = [count for count in (1, 2, 4, 8, 16, 32, 64, 128) if count < cores] + [cores]
    libraries = [peer for peer in peers if peer.kind == "library" and peer.name != "platemark, cold"]
    together = those(plan.together)
    with judged(plan.judged) as judge:
        one_thread = measure.one_thread(peers, jobs, shown, plan.rounds, judge)
    told = {
        "machine": machine.described(),
        "quick": quick,
        "command": " ".join(["benches/peers/run.py", *sys.argv[1:]]),
        "rounds": plan.rounds,
        "pictures": {name: {**picture, "folder": None} for name, picture in shown.items()},
        "peers": {p.name: {"version": p.version, "kind": p.kind, "note": p.note} for p in peers},
        "servers": {server.name: {"version": server.version, "note": server.note} for server in https},
        "missing": missing,
        "jobs": {job.key: job.title for job in jobs},
        "one_thread": one_thread,
        "memory": measure.memory(peers, together, shown),
        "throughput": measure.throughput(libraries, together, shown, one_thread, counts, plan.few),
        "one_picture": measure.one_picture(peers, together, shown, cores, plan.rounds),
        "megapixels": scaling.megapixels(libraries, plan.sizes, plan.few),
        "layers": scaling.layers(shown, those(LAYERED), plan.rounds),
        "http": over_http.measure(https, shown, [job.key for job in those(plan.http)], plan.few),
    }
    minutes = [round(seconds / 60, 1) for seconds in (installed, time.monotonic() - start - installed)]
    return told | {"minutes": {"installing": minutes[0], "measuring": minutes[1]}}


@contextlib.contextmanager
def judged(wanted):
    """A worker that compares by SSIMULACRA2, or `None`."""
    if not wanted:
        yield None
        return
    try:
        worker = install.judge()
    except install.Missing as reason:
        print(f"no SSIMULACRA2: {reason}")
        yield None
        return
    yield worker
    worker.close()
