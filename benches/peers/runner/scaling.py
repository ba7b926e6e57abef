"""What grows with the picture, and what a request costs when more of the answer is there already."""

import contextlib
import os

from . import WORK
from .install import LineWorker, worker_program
from .jobs import BY_KEY
from .measure import in_turns, peak, started
from .pictures import draw
from .workers import Unable, alarmed

#: The modes of our worker, from nothing to everything.
LAYERS = ["disk", "cold", "facts", "known", "stored", "revalidated"]


def megapixels(peers, sizes, rounds):
    """Times and peak memory against the size of the source: job → peer → list of (megapixels, ms, bytes)."""
    draw(WORK / "drawn", sizes)
    told = {}
    for key in ["thumbnail", "progressive"]:
        job, told[key] = BY_KEY[key], {peer.name: [] for peer in peers}
        for size in sizes:
            print(f"{job.title}, {size} megapixels", flush=True)
            file = WORK / "drawn" / f"{size}-{job.source}"
            line = job.line(file)
            with started(peers, held=True) as workers:
                able = {}
                for peer in peers:
                    with contextlib.suppress(Unable):
                        if peer.can(job):
                            alarmed(lambda: workers[peer.name][0].run(line))  # noqa: B023
                            able[peer.name] = peer
                times = in_turns(list(able), rounds, lambda name: workers[name][0].run(line)["ns"] / 1e6)  # noqa: B023
            for name, peer in able.items():
                told[key][name].append({"megapixels": size, "ms": times[name], "bytes": peak(peer, line)})
    return told


def layers(pictures, jobs, rounds):
    """What a request costs us when a layer of caches is warm: job → layer → ms."""
    program, told = worker_program(), {}
    picture = list(pictures)[-1]
    modes = {layer: "cold" if layer == "disk" else layer for layer in LAYERS}
    workers = {layer: LineWorker([program, str(WORK), mode, "1"], {}) for layer, mode in modes.items()}
    for job in jobs:
        file = WORK / "pictures" / picture / job.source
        line = job.line(file)

        def work(layer, line=line, file=file):
            if layer == "disk":
                forget(file)
            # What takes microseconds is repeated, or the clock would be measured.
            repeat = 1000 if layer in ("stored", "revalidated") else 1
            return workers[layer].run(line | {"repeat": repeat})["ns"] / 1e6 / repeat

        for layer in LAYERS:
            work(layer)
        told[job.key] = in_turns(LAYERS, rounds, work)
    for worker in workers.values():
        worker.close()
    return told


def forget(file):
    """Takes a file out of the system's memory, so that it is read from the disk."""
    with open(file, "rb") as opened:
        os.fsync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
