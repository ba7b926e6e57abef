"""Runs the jobs: peers in turns within every round, so that whatever the machine does, it does to all of them."""

import contextlib
import os
import random
import time
from pathlib import Path

from . import WORK, scores
from .stats import median
from .workers import Unable

#: What a round of throughput is to take, in seconds.
THROUGHPUT_SECONDS = 0.5


@contextlib.contextmanager
def started(peers, cores=1, each=1, held=False):
    """So many workers of each peer, or one that has threads; if `held`, all on one core, whatever threads they have."""
    workers, all_cores = {}, os.sched_getaffinity(0)
    try:
        try:
            if held:
                os.sched_setaffinity(0, {max(all_cores)})
            for peer in peers:
                workers[peer.name] = [peer.start(cores) for _ in range(1 if peer.has_threads else each)]
        finally:
            os.sched_setaffinity(0, all_cores)
        yield workers
    finally:
        for several in workers.values():
            for worker in several:
                worker.close()


def in_turns(order, rounds, work, failed):
    """Calls `work` for each of `order` in every round, in another order every time; returns the results.

    Those that fail are left out from then on; `failed(key, why)` is told.
    """
    results = {key: [] for key in order}
    for number in range(rounds):
        for key in random.Random(number).sample(list(results), len(results)):
            try:
                results[key].append(work(key))
            except Unable as error:
                failed(key, str(error))
                del results[key]
    return results


class Failures:
    """What was not measured, and why."""

    def __init__(self):
        self.told = []

    def of(self, *where):
        """Notes failures of peers at something."""
        return lambda name, why: self.told.append(", ".join([name, *where]) + f": {why}")


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


def one_core(peers, jobs, pictures, rounds, judge, failures):
    """Times and outputs of every job on every picture on one core: job → picture → peer → figures."""
    results = {}
    folder = WORK / "outputs"
    folder.mkdir(parents=True, exist_ok=True)
    for job in jobs:
        results[job.key] = {}
        able = [peer for peer in peers if peer.can(job)]
        with started(able, held=True) as workers:
            for picture in pictures:
                print(f"{job.title}, {picture}", flush=True)
                file, failed = file_of(pictures, picture, job), failures.of(job.title, picture)
                results[job.key][picture] = job_figures(workers, job, file, folder, rounds, judge, failed)
    return results


def job_figures(workers, job, file, folder, rounds, judge, failed):
    figures, scored = {}, {}
    candidates = scores.references(job, file)
    for name, (worker, *_) in workers.items():
        out = folder / f"{job.key}-{file.parent.name}-{name}{job.suffix}"
        out.unlink(missing_ok=True)
        try:
            # The first run is to warm up, and is looked at.
            made = worker.run(job.line(file, out))
            content = out.read_bytes()
            # Ours give the same bytes in every mode.
            if content not in scored:
                scored[content] = scores.score(out, candidates, folder, judge)
            figures[name] = {"bytes": made["bytes"]} | scored[content]
        except (Unable, OSError, ValueError) as error:
            failed(name, str(error))
    line = job.line(file)
    times = in_turns(list(figures), rounds, lambda name: workers[name][0].run(line)["ns"] / 1e6, failed)
    return {name: figures[name] | {"ms": values} for name, values in times.items()}


def memory(peers, jobs, pictures, failures):
    """Peak memory of a fresh process for one job on the last picture, in bytes: job → peer."""
    picture = list(pictures)[-1]
    results = {"idle": {}}
    for peer in peers:
        if peer.kind == "library":
            with started([peer]) as workers:
                results["idle"][peer.name] = workers[peer.name][0].peak_memory()
    for job in jobs:
        results[job.key], failed = {}, failures.of(job.title, "memory")
        for peer in peers:
            if peer.can(job):
                try:
                    results[job.key][peer.name] = peak(peer, job.line(file_of(pictures, picture, job)))
                except Unable as error:
                    failed(peer.name, str(error))
    return results


def peak(peer, line):
    with started([peer]) as workers:
        worker = workers[peer.name][0]
        worker.run(line)
        return worker.peak_memory()


def on_cores(worker, cores):
    """Lets a process run on these cores alone, with the threads that it has and will have."""
    for thread in os.listdir(f"/proc/{worker.process.pid}/task"):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread), cores)


def together(peer, workers, line, repeat, count):
    """Jobs a second of so many at the same time, on as many cores: threads of one worker, or as many workers."""
    line = line | {"repeat": repeat, "threads": count if peer.has_threads else 1}
    at_work = workers[: 1 if peer.has_threads else count]
    cores = set(sorted(os.sched_getaffinity(0))[-count:])
    for worker in at_work:
        on_cores(worker, cores)
    start = time.perf_counter()
    for worker in at_work:
        worker.send(line)
    errors = []
    for worker in at_work:
        # All answers are taken, or one would be taken for that of the next job.
        try:
            worker.receive()
        except Unable as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return count * repeat / (time.perf_counter() - start)


def throughput(peers, jobs, pictures, results, counts, rounds, failures):
    """Independent jobs a second, so many on as many cores: job → peer → count → figures, on the last picture."""
    picture, told = list(pictures)[-1], {}
    for job in jobs:
        print(f"{job.title}, together", flush=True)
        figures = results[job.key][picture]
        by_name = {peer.name: peer for peer in peers if peer.name in figures}
        line = job.line(file_of(pictures, picture, job))
        told[job.key] = {name: {} for name in by_name}
        with started(by_name.values(), each=max(counts)) as workers:
            for several in workers.values():
                for worker in several:
                    # To warm up.
                    with contextlib.suppress(Unable):
                        worker.run(line)

            def work(name, count, by_name=by_name, workers=workers, line=line, figures=figures):
                repeat = max(1, round(THROUGHPUT_SECONDS * 1e3 / median(figures[name]["ms"])))
                return together(by_name[name], workers[name], line, repeat, count)

            for count in counts:
                failed = failures.of(job.title, f"{count} together")
                values = in_turns(list(by_name), rounds, lambda name, count=count, work=work: work(name, count), failed)
                for name, rates in values.items():
                    told[job.key][name][str(count)] = rates
    return told


def one_picture(peers, jobs, pictures, cores, rounds, failures):
    """Times of jobs on the last picture with all cores at one picture: job → peer → ms."""
    picture, told = list(pictures)[-1], {}
    peers = [peer for peer in peers if peer.is_parallel]
    for job in jobs:
        line, failed = job.line(file_of(pictures, picture, job)), failures.of(job.title, "all cores at one picture")
        with started([peer for peer in peers if peer.can(job)], cores=cores) as workers:

            def work(name, workers=workers, line=line):
                return workers[name][0].run(line)["ns"] / 1e6

            # The first round is to warm up.
            times = in_turns(list(workers), rounds + 1, work, failed)
            told[job.key] = {name: values[1:] for name, values in times.items()}
    return told
