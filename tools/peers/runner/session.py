"""All that is measured in a run, in its order."""

import sys
import time
from dataclasses import dataclass

from . import WORK, install, machine, measure, over_http, pictures, scaling, servers
from .jobs import BY_KEY, JOBS


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    #: Rounds of single jobs on one core.
    rounds: int
    #: Rounds of what takes longer: jobs together, sizes, and servers.
    few: int
    #: Only the last picture, or all of them.
    pictures: int
    #: Jobs that are measured together, with all cores, and for their memory, and those that servers do: their keys.
    together: tuple
    http: tuple
    #: Megapixels of the scaling, and its jobs.
    sizes: tuple
    scaled: tuple
    #: SSIMULACRA2, which takes longer than all jobs together.
    judged: bool


FULL = Plan(
    7, 3, 2, tuple(BY_KEY), tuple(over_http.JOBS), tuple(pictures.MEGAPIXELS), ("thumbnail", "progressive"), True
)
QUICK = Plan(3, 1, 1, ("thumbnail",), ("thumbnail", "tile"), (1, 4, 16), ("thumbnail",), False)
#: Jobs whose layers of caches are looked at.
LAYERED = ("thumbnail", "tile")


def everything(quick, chosen_peers, chosen_jobs, own_picture, keep):
    """Installs, prepares and measures; `keep(figures)` is called whenever there are more of them."""
    start = time.monotonic()
    plan = QUICK if quick else FULL
    jobs = [BY_KEY[key] for key in chosen_jobs] if chosen_jobs else JOBS
    peers, missing = install.all_peers(chosen_peers)
    https, missing_servers = servers.all_servers(chosen_peers)
    missing |= missing_servers | measure.versions(peers)
    shown, without = pictures.prepare(WORK, own_picture)
    missing |= without
    shown = dict(list(shown.items())[-plan.pictures :])
    pictures.draw(WORK / "drawn", plan.sizes)
    judge, clients = None, None
    try:
        judge, clients = install.crates_worker("ssimulacra2") if plan.judged else None, install.crates_worker("clients")
    except install.Missing as reason:
        missing |= {"SSIMULACRA2, and clients of servers": str(reason)}
        https = []
    installed = time.monotonic() - start

    def those(keys):
        return [job for job in jobs if job.key in keys]

    failures, before = measure.Failures(), machine.stolen()
    cores = machine.cores()
    counts = [count for count in (1, 2, 4, 8, 16, 32, 64, 128) if count < cores] + [cores]
    libraries = [peer for peer in peers if peer.kind == "library" and peer.name != "platemark, cold"]
    together, http_jobs = those(plan.together), [job.key for job in those(plan.http)]
    figures = {
        "machine": machine.described(),
        "quick": quick,
        "command": " ".join(["tools/peers/run.py", *sys.argv[1:]]),
        "rounds": plan.rounds,
        "pictures": {name: {**picture, "folder": None} for name, picture in shown.items()},
        "peers": {p.name: {"version": p.version, "kind": p.kind, "note": p.note} for p in peers},
        "servers": {server.name: {"version": server.version, "note": server.note} for server in https},
        "missing": missing,
        "failures": failures.told,
        "jobs": {job.key: job.title for job in jobs},
    }
    one_core = measure.one_core(peers, jobs, shown, plan.rounds, judge, failures)
    parts = {
        "one_core": lambda: one_core,
        "memory": lambda: measure.memory(peers, together, shown, failures),
        "throughput": lambda: measure.throughput(libraries, together, shown, one_core, counts, plan.few, failures),
        "one_picture": lambda: measure.one_picture(peers, together, shown, cores, plan.rounds, failures),
        "megapixels": lambda: scaling.megapixels(libraries, plan.scaled, plan.sizes, plan.few, failures),
        "layers": lambda: scaling.layers(install.platemark_worker, shown, those(LAYERED), plan.rounds, failures),
        "http": lambda: over_http.measure(https, clients, shown, http_jobs, plan.few, failures) if http_jobs else {},
    }
    for name, part in parts.items():
        figures[name] = part()
        minutes = [round(seconds / 60, 1) for seconds in (installed, time.monotonic() - start - installed)]
        figures["minutes"] = {"installing": minutes[0], "measuring": minutes[1]}
        figures["machine"]["stolen"] = machine.stolen(before)
        keep(figures)
    for worker in (judge, clients):
        if worker:
            worker.close()
