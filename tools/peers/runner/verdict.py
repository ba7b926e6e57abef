"""Who is ahead: what the report says first."""

from dataclasses import dataclass

from .figures import CLIENTS

#: A lead below this is noise.
LEAD = 1.02
#: Decibels of PSNR that count as nearer.
DECIBELS = 0.3


@dataclass
class Comparison:
    """A peer against ours at a job; `ratio` is theirs to ours, and they are ahead where it is below 1."""

    what: str
    job: str
    peer: str
    theirs: str
    ours: str
    ratio: float


def ahead(f):
    """Every lead of a peer: times first, the widest first in each kind."""
    found = [entry for entry in [*timed(f), *memory(f), *nearness(f), *sizes(f)] if entry.ratio < 1 / LEAD]
    order = list(dict.fromkeys(entry.what for entry in found))
    return sorted(found, key=lambda entry: (order.index(entry.what), entry.ratio))


def worst(f, count):
    """The lowest ratios of times and rates, one for a job and a way to measure it."""
    found = {}
    for entry in sorted(timed(f), key=lambda entry: entry.ratio):
        found.setdefault((entry.what.split(",")[0], entry.job), entry)
    return list(found.values())[:count]


def timed(f):
    return [*times(f), *together(f), *one_picture(f), *http(f)]


def peers(f):
    """Pairs of a peer and which of ours it is compared with."""
    pairs = [(name, f.OURS) for name in f.libraries] + [(name, f.OUR_COMMAND) for name in f.commands]
    return [(name, ours) for name, ours in pairs if not name.startswith("platemark")]


def times(f):
    for job in f.jobs:
        for name, ours in peers(f):
            ratio = f.ratio(job, name, ours)
            if ratio is not None:
                what = "time on one core" if ours == f.OURS else "time of a process"
                yield Comparison(what, job, name, f"{f.ms(job, name):.1f} ms", f"{f.ms(job, ours):.1f} ms", ratio)


def together(f):
    for job in f.together_jobs:
        for name in f.together_names:
            ratio = f.together_ratio(job, name)
            if ratio is not None and not name.startswith("platemark"):
                theirs, ours = (f.per_second(job, peer, f.counts[-1]) for peer in (name, f.OURS))
                yield Comparison("jobs on all cores", job, name, f"{theirs:.1f}/s", f"{ours:.1f}/s", ratio)


def one_picture(f):
    for job in f.together_jobs:
        for name in f.one_picture_names:
            ratio = f.one_picture_ratio(job, name)
            if ratio is not None and not name.startswith("platemark"):
                theirs, ours = (f"{f.one_picture_ms(job, peer):.1f} ms" for peer in (name, f.OURS))
                yield Comparison("time with all cores at one picture", job, name, theirs, ours, ratio)


def http(f):
    for job in f.http_jobs:
        for clients in CLIENTS:
            for name in f.told["http"]:
                ratio = f.http_ratio(name, job, clients)
                if ratio is None or name.startswith("platemark"):
                    continue
                theirs, ours = (f"{f.http(peer, job, clients)['per_second']:.1f}/s" for peer in (name, f.OUR_SERVER))
                what = f"requests a second, {clients} client{'s' if clients != '1' else ''}"
                yield Comparison(what, job, name, theirs, ours, ratio)


def memory(f):
    for job in f.together_jobs:
        told = f.told["memory"].get(job, {})
        for name, against in peers(f):
            theirs, ours = told.get(name), told.get(against)
            if theirs and ours:
                cells = [f"{value / 1e6:.0f} MB" for value in (theirs, ours)]
                yield Comparison("peak memory", job, name, *cells, theirs / ours)


def nearness(f):
    for job in f.jobs:
        for name, _ in peers(f):
            means = f.means(job, name, "psnr")
            if means and means[1] > means[0] + DECIBELS:
                # Of root mean square errors.
                ratio = 10 ** ((means[0] - means[1]) / 20)
                yield Comparison("nearness", job, name, f"{means[1]:.1f} dB", f"{means[0]:.1f} dB", ratio)


def sizes(f):
    for job in f.jobs:
        for name, _ in peers(f):
            means, ratio = f.means(job, name, "bytes"), f.bytes_ratio(job, name)
            if means:
                yield Comparison("bytes of the output", job, name, f"{means[1]:,.0f}", f"{means[0]:,.0f}", ratio)
