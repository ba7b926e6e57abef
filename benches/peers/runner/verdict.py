"""Who is ahead: what the report says first."""

from dataclasses import dataclass

#: A lead below this is noise.
LEAD = 1.02
#: Decibels of PSNR that count as nearer.
DECIBELS = 0.3


@dataclass
class Lead:
    what: str
    job: str
    peer: str
    theirs: str
    ours: str
    ratio: float


def ahead(f):
    """Every lead of a peer of more than 2 %: times first."""
    found = [*times(f), *together(f), *one_picture(f), *http(f), *memory(f), *nearness(f), *sizes(f)]
    order = list(dict.fromkeys(lead.what for lead in found))
    return sorted(found, key=lambda lead: (order.index(lead.what), lead.ratio))


def peers(f):
    """Pairs of a peer and which of ours it is compared with."""
    pairs = [(name, f.OURS) for name in f.libraries] + [(name, f.OUR_COMMAND) for name in f.commands]
    return [(name, ours) for name, ours in pairs if not name.startswith("platemark")]


def times(f):
    for job in f.jobs:
        for name, ours in peers(f):
            ratio = f.ratio(job, name, ours)
            if ratio is not None and ratio < 1 / LEAD:
                what = "time, one core" if ours == f.OURS else "time, a process"
                yield Lead(what, f.titles[job], name, f"{f.ms(job, name):.1f} ms", f"{f.ms(job, ours):.1f} ms", ratio)


def together(f):
    count = f.counts[-1]
    for job in f.together_jobs:
        for name in f.together_names:
            ratio = f.together_ratio(job, name)
            if not name.startswith("platemark") and ratio is not None and ratio < 1 / LEAD:
                theirs, ours = f.per_second(job, name, count), f.per_second(job, f.OURS, count)
                yield Lead("jobs on all cores", f.titles[job], name, f"{theirs:.1f}/s", f"{ours:.1f}/s", ratio)


def one_picture(f):
    for job in f.together_jobs:
        for name in f.one_picture_names:
            ratio = f.one_picture_ratio(job, name)
            if not name.startswith("platemark") and ratio is not None and ratio < 1 / LEAD:
                theirs, ours = f.one_picture_ms(job, name), f.one_picture_ms(job, f.OURS)
                what = "time, all cores at one picture"
                yield Lead(what, f.titles[job], name, f"{theirs:.1f} ms", f"{ours:.1f} ms", ratio)


def http(f):
    names = list(f.told["http"])
    for job in f.titles:
        for clients in ("1", "16"):
            for name in names[1:]:
                mine, theirs = f.http(names[0], job, clients), f.http(name, job, clients)
                if not mine or not theirs or name.startswith("platemark"):
                    continue
                ratio = mine["per_second"] / theirs["per_second"]
                if ratio < 1 / LEAD:
                    what = f"requests of {clients} client{'s' if clients != '1' else ''}"
                    cells = [f"{entry['per_second']:.1f}/s" for entry in (theirs, mine)]
                    yield Lead(what, f.titles[job], name, *cells, ratio)


def memory(f):
    for job in f.together_jobs:
        told = f.told["memory"][job]
        for name, against in peers(f):
            theirs, ours = told.get(name), told.get(against)
            if theirs and ours and theirs < ours / LEAD:
                cells = [f"{value / 1e6:.0f} MB" for value in (theirs, ours)]
                yield Lead("peak memory", f.titles[job], name, *cells, theirs / ours)


def nearness(f):
    for job in f.jobs:
        ours = f.mean(job, f.OURS, "psnr")
        for name, _ in peers(f):
            theirs = f.mean(job, name, "psnr")
            if theirs is not None and theirs > ours + DECIBELS:
                # Root mean square errors.
                ratio = 10 ** ((ours - theirs) / 20)
                yield Lead("nearness", f.titles[job], name, f"{theirs:.1f} dB", f"{ours:.1f} dB", ratio)


def sizes(f):
    for job in f.jobs:
        for name, _ in peers(f):
            ratio = f.bytes_ratio(job, name)
            if ratio is not None and ratio < 1 / LEAD:
                cells = [f"{f.mean(job, peer, 'bytes'):,.0f}" for peer in (name, f.OURS)]
                yield Lead("bytes of the output", f.titles[job], name, *cells, ratio)


def worst_jobs(f):
    """Jobs by their lowest ratio of times by one thread: job, ratio, peer, where."""
    worst = []
    for job in f.jobs:
        ratios = [(f.ratio(job, name, ours), name, ours) for name, ours in peers(f)]
        ratios = [entry for entry in ratios if entry[0] is not None]
        if ratios:
            ratio, name, ours = min(ratios)
            worst.append((job, ratio, name, "one core" if ours == f.OURS else "a process"))
    return sorted(worst, key=lambda entry: entry[1])
