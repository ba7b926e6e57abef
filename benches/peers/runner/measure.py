"""Runs the jobs: peers in turns within every round, so that whatever the machine does, it does to all of them."""

import contextlib
import os
import time
from pathlib import Path

from . import WORK, scores
from .stats import median
from .workers import Unable, alarmed

#: What a round of throughput is to take, in seconds.
THROUGHPUT_SECONDS = 1


@contextlib.contextmanager
def started(peers, cores=1, each=1, held=False):
    """So many workers of each peer; if `held`, all of them on one core, whatever threads they have."""
    workers, all_cores = {}, os.sched_getaffinity(0)
    try:
        if held:
            os.sched_setaffinity(0, {max(all_cores)})
        for peer in peers:
            workers[peer.name] = [peer.start(cores) for _ in range(each)]
        os.sched_setaffinity(0, all_cores)
        yield workers
    finally:
        for several in workers.values():
            for worker in several:
                worker.close()


def in_turns(order, rounds, work):
    """Calls `work` for each of `order` in every round, the first being another one every time; returns the results."""
    results = {key: [] for key in order}
    for number in range(rounds):
        start = number % max(len(order), 1)
        for key in order[start:] + order[:start]:
            results[key].append(work(key))
    return results


def versions(peers):
    """Asks peers for the versions that only they know; returns why some do not start, and takes these out."""
    failed = {}
    for peer in list(peers):
        try:
            with started([peer]) as workers:
                peer.version = workers[peer.name][0].version or peer.version
        except (Unable, OSError) as error:
            failed[peer.name] = str(error)
            peers.remove(peer)
    return failed


def file_of(pictures, picture, job):
    return Path(pictures[picture]["folder"]) / job.source


def one_thread(peers, jobs, pictures, rounds, judge):
    """Times and outputs of every job on every picture on one core: job → picture → peer → figures."""
    results = {}
    folder = WORK / "outputs"
    folder.mkdir(parents=True, exist_ok=True)
    with started(peers, held=True) as workers:
        for job in jobs:
            results[job.key] = {}
            for picture in pictures:
                print(f"{job.title}, {picture}", flush=True)
                file = file_of(pictures, picture, job)
                results[job.key][picture] = job_figures(peers, workers, job, file, folder, rounds, judge)
    return results


def job_figures(peers, workers, job, file, folder, rounds, judge):
    figures, able, scored = {}, [], {}
    candidates = scores.references(job, file)
    for peer in peers:
        if not peer.can(job):
            continue
        out = folder / f"{job.key}-{file.parent.name}-{peer.name}.{job.format}"
        try:
            # The first run is to warm up, and is looked at.
            made = alarmed(lambda: workers[peer.name][0].run(job.line(file, out)))  # noqa: B023
            # Ours give the same bytes in every mode.
            content = out.read_bytes()
            if content not in scored:
                scored[content] = scores.score(out, candidates, folder, judge)
            figures[peer.name] = {"bytes": made["bytes"]} | scored[content]
            able.append(peer.name)
        except Unable as error:
            figures[peer.name] = {"error": str(error)}
    line = job.line(file)
    times = in_turns(able, rounds, lambda name: workers[name][0].run(line)["ns"] / 1e6)
    for name, values in times.items():
        figures[name]["ms"] = values
    return figures


def memory(peers, jobs, pictures):
    """Peak memory of a fresh process for one job on the last picture, in bytes: job → peer."""
    picture = list(pictures)[-1]
    results = {"idle": {}}
    for peer in peers:
        if peer.kind == "library":
            with started([peer]) as workers:
                results["idle"][peer.name] = workers[peer.name][0].peak_memory()
    for job in jobs:
        results[job.key] = {}
        for peer in peers:
            with contextlib.suppress(Unable):
                if peer.can(job):
                    results[job.key][peer.name] = peak(peer, job.line(file_of(pictures, picture, job)))
    return results


def peak(peer, line):
    with started([peer]) as workers:
        worker = workers[peer.name][0]
        alarmed(lambda: worker.run(line))
        return worker.peak_memory()


def together(peer, workers, line, repeat, count):
    """Jobs a second of so many at the same time: threads of one worker, or as many workers."""
    line = line | {"repeat": repeat, "threads": count if peer.has_threads else 1}
    at_work = workers[: 1 if peer.has_threads else count]
    start = time.perf_counter()
    for worker in at_work:
        worker.send(line)
    for worker in at_work:
        worker.receive()
    return count * repeat / (time.perf_counter() - start)


def throughput(peers, jobs, pictures, results, counts, rounds):
    """Independent jobs a second at so many at the same time: job → peer → count → figures, on the last picture."""
    picture, told = list(pictures)[-1], {}
    with started(peers, each=max(counts)) as workers:
        for job in jobs:
            print(f"{job.title}, together", flush=True)
            line, figures = job.line(file_of(pictures, picture, job)), results[job.key][picture]
            able = [peer for peer in peers if "ms" in figures.get(peer.name, {})]
            told[job.key] = {peer.name: {} for peer in able}
            for count in counts:
                by_name = {peer.name: peer for peer in able}

                def work(name, count=count, by_name=by_name, line=line, figures=figures):
                    repeat = max(1, round(THROUGHPUT_SECONDS * 1e3 / median(figures[name]["ms"])))
                    return together(by_name[name], workers[name], line, repeat, count)

                for name, values in in_turns(list(by_name), rounds, work).items():
                    told[job.key][name][str(count)] = values
    return told


def one_picture(peers, jobs, pictures, cores, rounds):
    """Times of jobs on the last picture with all cores at one picture: job → peer → ms."""
    picture, told = list(pictures)[-1], {}
    peers = [peer for peer in peers if peer.is_parallel]
    with started(peers, cores=cores) as workers:
        for job in jobs:
            line, able = job.line(file_of(pictures, picture, job)), []
            for peer in peers:
                with contextlib.suppress(Unable):
                    alarmed(lambda: workers[peer.name][0].run(line))  # noqa: B023
                    able.append(peer.name)
            told[job.key] = in_turns(able, rounds, lambda name: workers[name][0].run(line)["ns"] / 1e6)  # noqa: B023
    return told
