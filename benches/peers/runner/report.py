"""BENCHMARKS.md and its charts, from the figures alone."""

from pathlib import Path

from . import charts, verdict
from .figures import Figures
from .jobs import COPIES

#: Where figures and charts are, below the report's folder.
FIGURES = "benches/report/figures.json"
#: What a profile says of jobs that others do better, by hand: a section for each job.
EXPLAINED = Path(__file__).parent.parent / "explained.md"
#: How many of the worst jobs are to be explained.
WORST = 3


def write(told, out):
    figures = Figures(told)
    folder = (out / FIGURES).parent
    folder.mkdir(parents=True, exist_ok=True)
    drawn = charts.all_charts(figures)
    for name, chart in drawn.items():
        (folder / f"{name}.svg").write_text(chart)
    parts = [
        introduction(figures),
        ahead(figures),
        one_thread(figures),
        commands(figures),
        nearness(figures),
        all_cores(figures),
        memory(figures),
        over_http(figures),
        scaling(figures),
        layers(figures),
        worst(figures),
        what(figures),
        everything(figures),
    ]
    text = "\n\n".join(part.strip() for part in parts if part) + "\n"
    (out / "BENCHMARKS.md").write_text(text)


def table(head, rows):
    cells = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in cells)


def chart(name, told):
    folder = Path(FIGURES).parent
    return f"![{told}]({folder}/{name}.svg)"


def times(ratio, name=""):
    """A ratio; it stands out where that peer is ahead of us."""
    if ratio is None:
        return "–"
    digits = 0 if ratio >= 9.95 else 1 if ratio >= 1.995 else 2 if ratio >= 0.1 else 4
    text = f"{ratio:.{digits}f}"
    return f"**{text}**" if float(text) < 1 and not name.startswith("platemark") else text


def milliseconds(value):
    return f"{value:.0f}" if value >= 99.5 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def psnr(entry):
    return f"{entry['psnr']:.1f}{'°' if entry['in_light'] else ''}" if "psnr" in entry else "–"


def megabytes(value):
    return "–" if value is None else f"{value / 1e6:.0f}"


def introduction(f):
    machine, minutes = f.told["machine"], f.told["minutes"]
    shown = "\n".join(
        f"* **{name}**: {p['size'][0]}×{p['size'][1]}, {p['from']}; as "
        + ", ".join(f"`{file}` ({size / 1e6:.1f} MB)" for file, size in p["bytes"].items())
        for name, p in f.told["pictures"].items()
    )
    quick = "\n\n**A quick run: coarse figures.**" if f.told["quick"] else ""
    return f"""
# Benchmarks

Platemark beside what one would use instead: the same jobs on the same pictures, in turns within one run. This page is
written by `benches/peers/run.py` from [the figures it measured]({FIGURES}); nobody edits it. To make it anew, on a
machine with Python 3.11, cargo and node, as root on Debian or in a container of it, or without the peers that Debian
has:

```sh
{f.told["command"]}
```

It took {minutes["measuring"]:.0f} minutes, and {minutes["installing"]:.0f} before that to install and build. Measured
on {machine["date"]}: {machine["cpu"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB, {machine["system"]},
{machine["rustc"]}, revision {machine["revision"]}.{quick}

{shown}

Times are medians of {f.told["rounds"]} rounds, ratios medians of the ratios within the rounds, and over pictures
geometric means. **Ratios say how many times as long others take: above 1 Platemark is faster, and below 1, in bold,
they are.** Output is JPEG of quality 80, or PNG where it has alpha. Files are read anew every time, from the system's
memory.
"""


def ahead(f):
    found = verdict.ahead(f)
    text = "## Where others are ahead\n\n"
    if not found:
        return text + "Nowhere: no peer is faster, smaller, leaner or nearer at any job that was measured."
    rows = {}
    for lead in found:
        where = f"{lead.job}: {lead.theirs} against {lead.ours}, **{lead.ratio:.2f}**"
        rows.setdefault((lead.what, lead.peer), []).append(where)
    told = "Everything where a peer is ahead by more than 2 %, theirs against ours, the widest gaps first in each kind:"
    lines = "\n".join(f"| {what} | {peer} | {'<br>'.join(jobs)} |" for (what, peer), jobs in rows.items())
    return f"{text}{told}\n\n| what | peer | where |\n| --- | --- | --- |\n{lines}"


def ratio_table(f, names, against):
    jobs = f.jobs
    rows = [[f"*{against}*", *(f"{milliseconds(f.ms(job, against))} ms" for job in jobs)]]
    for name in names:
        rows.append([name, *(times(f.ratio(job, name, against), name) for job in jobs)])
    return table(["", *(f.titles[job] for job in jobs)], rows)


def one_thread(f):
    names = [name for name in f.libraries if name != f.OURS]
    notes = "\n".join(f"* {name}: {p['note']}." for name, p in f.told["peers"].items() if p["note"])
    return f"""
## One core

Every process is held to one core, and told to use one thread.

{ratio_table(f, names, f.OURS)}

{chart("ratios", "How many times as long others take, job by job")}

{notes}
"""


def commands(f):
    names = [name for name in f.commands if name != f.OUR_COMMAND]
    if not names:
        return ""
    return f"""
## One process a picture

Whole processes, from start to end, on one core. Ours has to read all of the source for its digest each time, which is a request's
version; the others do not.

{ratio_table(f, names, f.OUR_COMMAND)}
"""


def nearness(f):
    def cell(job, name):
        value = f.mean(job, name, "psnr")
        if value is None:
            return "–"
        beyond = name != f.OURS and value > f.mean(job, f.OURS, "psnr") + verdict.DECIBELS
        # Linear light is another picture, not a worse one.
        light = "°" if f.in_light(job, name) else ""
        return f"**{value:.1f}**{light}" if beyond else f"{value:.1f}{light}"

    names = [n for n in [*f.libraries, *f.commands] if n not in f.SAME_BYTES]
    rows = [[name, *(cell(job, name) for job in f.jobs)] for name in names]
    sizes = [[name, *(times(f.bytes_ratio(job, name), name) for job in f.jobs)] for name in names if name != f.OURS]
    return f"""
## How near, and how large

PSNR in dB to what a full decode and a Lanczos filter give, as JPEG of quality 80 where that is the output. Some resize
in linear light, which gives another picture: outputs are held to the reference that they are nearest to, ° marks that
it is the linear one. SSIM and SSIMULACRA2 are in the list at the end. Of two files that are equally near the smaller
one is better.

{table(["", *(f.titles[job] for job in f.jobs)], rows)}

Bytes of the output, relative to ours:

{table(["", *(f.titles[job] for job in f.jobs)], sizes)}
"""


def all_cores(f):
    cores = f.told["machine"]["cores"]
    names = [name for name in f.together_names if name != f.OURS]
    rows = [[f"*{f.OURS}*", *(f"{f.per_second(job, f.OURS, cores):.1f}/s" for job in f.together_jobs)]]
    rows += [[name, *(times(f.together_ratio(job, name), name) for job in f.together_jobs)] for name in names]
    ones = [name for name in f.one_picture_names if name != f.OURS]
    single = [[f"*{f.OURS}*", *(f"{milliseconds(f.one_picture_ms(job, f.OURS))} ms" for job in f.together_jobs)]]
    single += [[name, *(times(f.one_picture_ratio(job, name), name) for job in f.together_jobs)] for name in ones]
    head = ["", *(f.titles[job] for job in f.together_jobs)]
    return f"""
## All cores

Independent jobs, as many at the same time as there are cores ({cores}): threads of one process where that is how a peer
is used, else a process for each. Ratios of jobs a second:

{table(head, rows)}

{chart("cores", "Thumbnails a second against the number of jobs at the same time")}

One picture at a time with all cores at it, for those that can:

{table(head, single)}
"""


def memory(f):
    names = f.libraries + f.commands
    rows = []
    for name in names:
        idle = f.told["memory"]["idle"].get(name)
        cells = (f.told["memory"][job].get(name) for job in f.together_jobs)
        rows.append([name, megabytes(idle), *map(megabytes, cells)])
    picture = list(f.told["pictures"])[-1]
    return f"""
## Memory

Peak resident memory of a process that does the job once, in MB, from `{picture}`. Mapped files count, so our figures
have all pages of the source in them that were read, which the system can take back at any time. *idle* is the process
before its first job: runtimes and libraries.

{table(["", "idle", *(f.titles[job] for job in f.together_jobs)], rows)}
"""


def over_http(f):
    http = f.told["http"]
    if not http:
        return ""
    ours = next(iter(http))
    jobs = [job for job in f.titles if any(job in entry for entry in http.values())]
    parts = []
    for clients in ("1", "16"):
        rows = []
        for name, entry in http.items():
            cells = []
            for job in jobs:
                mine, theirs = f.http(ours, job, clients), f.http(name, job, clients)
                if theirs is None:
                    error = entry.get(job, {}).get("error")
                    cells.append("fails" if error else "–")
                elif name == ours:
                    cells.append(f"{theirs['per_second']:.1f}/s, {milliseconds(theirs['p99'])} ms")
                else:
                    cells.append(
                        f"{times(mine['per_second'] / theirs['per_second'], name)}, {milliseconds(theirs['p99'])} ms"
                    )
            rows.append([f"*{name}*" if name == ours else name, *cells])
        parts.append(
            f"**{clients} client{'s' if clients != '1' else ''}**\n\n"
            + table(["", *(f.titles[job] for job in jobs)], rows)
        )
    near = [[name, *(psnr(entry.get(job, {})) for job in jobs)] for name, entry in http.items()]
    notes = "\n".join(f"* {name}: {s['note']}." for name, s in f.told["servers"].items() if s["note"])
    peaks = ", ".join(f"{name} {megabytes(entry['peak'])}" for name, entry in http.items() if "peak" in entry)
    return f"""
## Over HTTP

Servers on the same machine as the client, which asks for {COPIES} files of the picture in turns, so that no
answer serves several. Ratios of requests a second, and the 99th percentile of the latency. *fails*: see below.

{chr(10).join(f"{part}{chr(10)}" for part in parts)}
{notes}

How near their answers are, as PSNR in dB:

{table(["", *(f.titles[job] for job in jobs)], near)}

Peak memory of all processes of a server after that, in MB: {peaks}.
"""


def scaling(f):
    rows = []
    for key, title in [("thumbnail", "baseline"), ("progressive", "progressive")]:
        for name in f.told["megapixels"][key]:
            slopes = f.slopes(key, name)
            if slopes:
                rows.append([title, name, *slopes])
    head = ["400 px from", "", "ms per megapixel", "exponent of time", "MB per megapixel", "MB at 0"]
    sizes = ", ".join(str(p["megapixels"]) for p in next(iter(f.told["megapixels"]["thumbnail"].values())))
    return f"""
## Scaling

Sources of {sizes} megapixels, drawn by `make_assets`. Straight lines are fitted to times and to peak memory by least
squares; the exponent is the slope in double logarithmic scale: 1 is proportional to the pixels, less is better.

{table(head, rows)}

{chart("latency", "Time against megapixels")}

{chart("memory", "Peak memory against megapixels")}

{cores_text(f)}
"""


def cores_text(f):
    rows = []
    counts = f.counts
    for name in f.together_names:
        values = [f.per_second("thumbnail", name, count) for count in counts if "thumbnail" in f.together_jobs]
        if values and None not in values:
            rows.append([name, *(f"{value:.1f}" for value in values), f"{values[-1] / values[0] / counts[-1]:.2f}"])
    if not rows:
        return ""
    head = ["jobs a second", *(f"{count} at a time" for count in counts), "share of perfect scaling"]
    return "Independent thumbnails of baseline JPEG against the number at the same time:\n\n" + table(head, rows)


def layers(f):
    told = f.told["layers"]
    if not told:
        return ""
    rows = [[charts.LAYERS[layer], *(f"{f.layer_ms(job, layer):.3g} ms" for job in told)] for layer in charts.LAYERS]
    return f"""
## What is warm already

One request to Platemark, when more and more of its answer is there:

{table(["", *(f.titles[job] for job in told)], rows)}

{chart("layers", "Time of a request against the layers that are warm")}
"""


def worst(f):
    sections = {}
    if EXPLAINED.exists():
        for section in EXPLAINED.read_text().split("\n## ")[1:]:
            key, _, text = section.partition("\n")
            sections[key.strip()] = text.strip()
    parts = []
    for job, ratio, peer, where in verdict.worst_jobs(f)[:WORST]:
        text = sections.get(job, "*Not explained yet: `benches/peers/explained.md` has no section for it.*")
        parts.append(f"**{f.titles[job]}: {ratio:.2f} against {peer}, {where}.** {text}")
    told = "The jobs with the lowest ratios, each with what a profile says of it and what it would take:"
    return f"## The {WORST} worst ratios\n\n{told}\n\n" + "\n\n".join(parts)


def what(f):
    rows = [[name, p["version"] or "–", p["kind"]] for name, p in f.told["peers"].items()]
    rows += [[name, s["version"] or "–", "server"] for name, s in f.told["servers"].items()]
    missing = "\n".join(f"* {name}: {why}" for name, why in f.told["missing"].items()) or "None."
    unable = "\n".join(f"* {line}" for line in f.failures) or "None."
    return f"""
## Who was measured

{table(["", "version", "kind"], rows)}

Could not be had:

{missing}

Failed at a job that they have:

{unable}
"""


def everything(f):
    rows = []
    for job, by_picture in f.told["one_thread"].items():
        for picture, peers in by_picture.items():
            for name in peers:
                rows.append([f.titles[job], picture, name, *f.details(job, picture, name)])
    head = ["job", "picture", "", "ms", "± %", "bytes", "PSNR", "SSIM", "SSIMULACRA2"]
    return f"""
## All figures of one core

± is half the distance between the quartiles.

<details><summary>Job by job</summary>

{table(head, [row for row in rows if row[3]])}

</details>
"""
