"""What grows with the picture, and what a request costs when more of the answer is there already."""

import os

from . import WORK
from .jobs import BY_KEY
from .measure import in_turns, peak, started
from .workers import Peer, Unable

#: The modes of our worker, from nothing to everything.
LAYERS = ["disk", "cold", "facts", "known", "stored", "revalidated"]


def megapixels(peers, keys, sizes, rounds, failures):
    """Times on one core and peak memory against the size of the source: job → peer → megapixels, ms and bytes."""
    told = {}
    for key in keys:
        job = BY_KEY[key]
        able = [peer for peer in peers if peer.can(job)]
        told[key] = {peer.name: [] for peer in able}
        for size in sizes:
            print(f"{job.title}, {size} megapixels", flush=True)
            line = job.line(WORK / "drawn" / f"{size}-{job.source}")
            failed = failures.of(job.title, f"{size} megapixels")
            with started(able, held=True) as workers:

                def work(name, workers=workers, line=line):
                    return workers[name][0].run(line)["ns"] / 1e6

                # The first round is to warm up.
                times = in_turns(list(workers), rounds + 1, work, failed)
            for peer in able:
                if peer.name in times:
                    try:
                        point = {"megapixels": size, "ms": times[peer.name][1:], "bytes": peak(peer, line)}
                        told[key][peer.name].append(point)
                    except Unable as error:
                        failed(peer.name, str(error))
    return told


def layers(start, pictures, jobs, rounds, failures):
    """What a request costs us on one core when a layer of caches is warm: job → layer → ms.

    `start(mode)` starts our worker.
    """
    told, picture = {}, list(pictures)[-1]
    peers = [Peer(layer, lambda _, layer=layer: start("cold" if layer == "disk" else layer)) for layer in LAYERS]
    with started(peers, held=True) as workers:
        for job in jobs:
            file = WORK / "pictures" / picture / job.source
            line = job.line(file)

            def work(layer, line=line, file=file):
                if layer == "disk":
                    forget(file)
                # What takes microseconds is repeated, or the clock would be measured.
                repeat = 1000 if layer in ("stored", "revalidated") else 1
                return workers[layer][0].run(line | {"repeat": repeat})["ns"] / 1e6 / repeat

            # The first round is to warm up.
            times = in_turns(LAYERS, rounds + 1, work, failures.of(job.title))
            told[job.key] = {layer: values[1:] for layer, values in times.items()}
    return told


def forget(file):
    """Takes a file out of the system's memory, so that it is read from the disk."""
    with open(file, "rb") as opened:
        os.fsync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
