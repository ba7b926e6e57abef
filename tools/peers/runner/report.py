"""BENCHMARKS.md and its charts, from the figures alone."""

from pathlib import Path

from . import charts, verdict
from .figures import CLIENTS, Figures
from .jobs import COPIES
from .stats import median, spread

#: Where figures and charts are, below the report's folder.
FIGURES = "benches/report/figures.json"
#: What a profile says of the worst ratios, by hand: a section for each, named by way of measuring and job.
EXPLAINED = Path(__file__).parent.parent / "explained.md"
#: How many of the worst ratios are to be explained.
WORST = 3


def write(told, out):
    f = Figures(told)
    folder = (out / FIGURES).parent
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    drawn = charts.all_charts(f)
    for name, chart in drawn.items():
        (folder / f"{name}.svg").write_text(chart)
    sections = [introduction, ahead, worst, one_core, commands, nearness, formats, all_cores, memory, over_http, scaling, layers]
    sections += [who, everything]
    text = "\n\n".join(part.strip() for part in (section(f) for section in sections) if part) + "\n"
    for name in ("ratios", "cores", "latency", "memory", "layers"):
        place = f"![{name}]"
        text = text.replace(place, f"{place}({Path(FIGURES).parent}/{name}.svg)" if name in drawn else "")
    (out / "BENCHMARKS.md").write_text(text)


def table(head, rows):
    cells = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in cells)


def times(ratio, name=""):
    """A ratio; it stands out where that peer is ahead of us."""
    if ratio is None:
        return "–"
    digits = 0 if ratio >= 9.95 else 1 if ratio >= 1.995 else 2 if ratio >= 0.1 else 4
    text = f"{ratio:.{digits}f}"
    return f"**{text}**" if float(text) < 1 and not name.startswith("platemark") else text


def milliseconds(value):
    if value is None:
        return "–"
    return f"{value:.0f} ms" if value >= 99.5 else f"{value:.1f} ms" if value >= 1 else f"{value:.2g} ms"


def megabytes(value):
    return "–" if value is None else f"{value / 1e6:.0f}"


def rate(value):
    return "–" if value is None else f"{value:.1f}/s"


def titles(f, jobs):
    return ["", *(f.titles[job] for job in jobs)]


def introduction(f):
    machine, minutes = f.told["machine"], f.told["minutes"]
    shown = "\n".join(
        f"* **{name}**: {p['size'][0]}×{p['size'][1]}, {p['from']}; as "
        + ", ".join(f"`{file}` ({size / 1e6:.1f} MB)" for file, size in p["bytes"].items())
        for name, p in f.told["pictures"].items()
    )
    quick = "\n\n**A quick run: coarse figures.**" if f.told["quick"] else ""
    noisy = (
        f" Of the processors' time {machine['stolen']:.1%} went to other machines." if machine["stolen"] > 0.001 else ""
    )
    return f"""
# Benchmarks

Platemark beside what one would use instead: the same jobs on the same pictures, in turns within one run. This page is
written by `tools/peers/run.py` from [the figures it measured]({FIGURES}); do not edit it. To make it anew, on a
machine with Python 3.11, cargo and node, as root on Debian or in a container of it, or without the peers that Debian
has:

```sh
{f.told["command"]}
```

It took {minutes["measuring"]:.0f} minutes, after {minutes["installing"]:.0f} to install, to build and to draw what was
not there yet. Measured on {machine["date"]}: {machine["cpu"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB,
{machine["system"]}, {machine["rustc"]}, revision {machine["revision"]}.{noisy}{quick}

{shown}

Times are medians of {f.told["rounds"]} rounds, ratios medians of the ratios within the rounds, and over pictures
geometric means. **Ratios say how many times as long others take: above 1 Platemark is faster, and below 1, in bold,
they are.** Output is JPEG of quality 80, or PNG where it has alpha, if the job does not say otherwise. Files are read anew every time, from the system's
memory. – is a job that a peer does not have, or failed at, which is listed below.
"""


def ahead(f):
    found = verdict.ahead(f)
    kinds = "times, jobs and requests a second, peak memory, PSNR on one core, and bytes"
    if not found:
        return f"## Where others are ahead\n\nNowhere, of {kinds}."
    rows = {}
    for entry in found:
        where = f"{f.titles[entry.job]}: {entry.theirs} against {entry.ours}, **{entry.ratio:.2f}**"
        rows.setdefault((entry.what, entry.peer), []).append(where)
    lines = "\n".join(f"| {what} | {peer} | {'<br>'.join(jobs)} |" for (what, peer), jobs in rows.items())
    return f"""
## Where others are ahead

Every lead of more than 2 %, or of {verdict.DECIBELS} dB, in {kinds}; theirs against ours,
the widest first of each kind:

| what | peer | where |
| --- | --- | --- |
{lines}
"""


def worst(f):
    sections = {}
    if EXPLAINED.exists():
        for section in EXPLAINED.read_text().split("\n## ")[1:]:
            key, _, text = section.partition("\n")
            sections[key.strip()] = text.strip()
    parts = []
    for entry in verdict.worst(f, WORST):
        key = f"{entry.what.split(',')[0]}: {entry.job}"
        text = sections.get(key, f"*Not explained yet: `tools/peers/explained.md` has no section “{key}”.*")
        told = f"{entry.what}, {f.titles[entry.job]}: {entry.ratio:.2f} against {entry.peer}"
        parts.append(f"**{told[0].upper()}{told[1:]}** ({entry.theirs} against {entry.ours}). {text}")
    told = "The lowest ratios of times and rates, each with what a profile says of it and what it would take:"
    return f"### The {WORST} worst ratios\n\n{told}\n\n" + "\n\n".join(parts)


def one_core(f):
    names = [name for name in f.libraries if name != f.OURS]
    notes = "\n".join(f"* {name}: {p['note']}." for name, p in f.told["peers"].items() if p["note"])
    return f"""
## One core

Every process is held to one core, and told to use one thread.

{ratio_table(f, names, f.OURS)}

![ratios]

{notes}
"""


def ratio_table(f, names, against):
    rows = [[f"*{against}*", *(milliseconds(f.ms(job, against)) for job in f.jobs)]]
    rows += [[name, *(times(f.ratio(job, name, against), name) for job in f.jobs)] for name in names]
    return table(titles(f, f.jobs), rows)


def commands(f):
    names = [name for name in f.commands if name != f.OUR_COMMAND]
    if not names:
        return ""
    return f"""
## One process a picture

Whole processes, from start to end, on one core. Ours has to read all of the source for its digest each time, which is a
request's version; the others do not.

{ratio_table(f, names, f.OUR_COMMAND)}
"""


def nearness(f):
    def cell(job, name):
        means = f.means(job, name, "psnr")
        if means is None:
            return "–"
        # Linear light is another picture, not a worse one.
        text = f"{means[1]:.1f}{'°' if f.in_light(job, name) else ''}"
        return f"**{text}**" if means[1] > means[0] + verdict.DECIBELS else text

    names = [name for name in [*f.libraries, *f.commands] if name not in f.SAME_BYTES]
    rows = [[name, *(cell(job, name) for job in f.jobs)] for name in names]
    others = [name for name in names if name != f.OURS]
    sizes = [[name, *(times(f.bytes_ratio(job, name), name) for job in f.jobs)] for name in others]
    return f"""
## How near, and how large

PSNR in dB to what a full decode and a Lanczos filter give, as JPEG of quality 80 where that is the output. Some resize
in linear light, which gives another picture: outputs are held to the reference that they are nearest to, ° marks that
it is the linear one. The reference of the crop has an unsharp mask; who sharpens in another way gives another picture,
too, and *image* writes chroma at full size. SSIM and SSIMULACRA2 are in the list at the end.

{table(titles(f, f.jobs), rows)}

Bytes of the output, relative to ours; of two files that are equally near the smaller one is better:

{table(titles(f, f.jobs), sizes)}
"""


def formats(f):
    jobs = [job for job in ("webp", "from-webp", "png8") if job in f.jobs]
    if not jobs:
        return ""

    def cell(job, name):
        means = [f.means(job, name, key) for key in ("ssim", "bytes")]
        if None in means:
            return "–"
        return f"{means[0][1]:.4f}{'°' if f.in_light(job, name) else ''}, {means[1][1]:,.0f}"

    names = [name for name in [*f.libraries, *f.commands] if name not in f.SAME_BYTES]
    return f"""
SSIM and bytes of the formats beside JPEG and PNG. Of WebP the number 80 means another quality to us than to libwebp,
because ours is fitted to look like a JPEG of the same number.

{table(titles(f, jobs), [[name, *(cell(job, name) for job in jobs)] for name in names])}
"""


def all_cores(f):
    jobs, most = f.together_jobs, f.counts[-1] if f.counts else 0
    if not jobs:
        return ""
    names = [name for name in f.together_names if name != f.OURS]
    rows = [[f"*{f.OURS}*", *(rate(f.per_second(job, f.OURS, most)) for job in jobs)]]
    rows += [[name, *(times(f.together_ratio(job, name), name) for job in jobs)] for name in names]
    ones = [name for name in f.one_picture_names if name != f.OURS]
    single = [[f"*{f.OURS}*", *(milliseconds(f.one_picture_ms(job, f.OURS)) for job in jobs)]]
    single += [[name, *(times(f.one_picture_ratio(job, name), name) for job in jobs)] for name in ones]
    picture = list(f.told["pictures"])[-1]
    return f"""
## All cores

Independent jobs on `{picture}`, as many at the same time as there are cores ({most}): threads of one process where that
is how a peer is used, else a process for each. Ratios of jobs a second:

{table(titles(f, jobs), rows)}

One picture at a time with all cores at it, for those that can:

{table(titles(f, jobs), single)}
"""


def memory(f):
    jobs, told, rows = f.together_jobs, f.told["memory"], []
    for name in f.libraries + f.commands:
        cells = (told.get(job, {}).get(name) for job in jobs)
        rows.append([name, megabytes(told["idle"].get(name)), *map(megabytes, cells)])
    picture = list(f.told["pictures"])[-1]
    return f"""
## Memory

Peak resident memory of a process that does the job once, in MB, from `{picture}`. Mapped files count, so our figures
have all pages of the source in them that were read, which the system can take back at any time. *idle* is the process
before its first job: runtimes and libraries.

{table(["", "idle", *(f.titles[job] for job in jobs)], rows)}
"""


def over_http(f):
    http, jobs = f.told["http"], f.http_jobs
    if not jobs:
        return ""

    def cell(name, job, clients):
        told, ratio = f.http(name, job, clients), f.http_ratio(name, job, clients)
        if told is None:
            return "–"
        speed = rate(told["per_second"]) if name == f.OUR_SERVER or ratio is None else times(ratio, name)
        # Of fewer there is no such share.
        last = f"p99 {milliseconds(told['p99'])}" if told["requests"] >= 100 else f"p50 {milliseconds(told['p50'])}"
        return f"{speed}, {last}"

    parts = []
    for clients in CLIENTS:
        rows = [
            [f"*{name}*" if name == f.OUR_SERVER else name, *(cell(name, job, clients) for job in jobs)]
            for name in http
        ]
        parts.append(f"**{clients} client{'s' if clients != '1' else ''}**\n\n" + table(titles(f, jobs), rows))
    near = [[name, *(outcome(entry.get(job)) for job in jobs)] for name, entry in http.items()]
    notes = "\n".join(f"* {name}: {s['note']}." for name, s in f.told["servers"].items() if s["note"])
    peaks = ", ".join(f"{name} {megabytes(entry['peak'])}" for name, entry in http.items() if "peak" in entry)
    both = "\n\n".join(parts)
    return f"""
## Over HTTP

Servers on the same machine as the clients, which ask for {COPIES} files of the picture in turns, so that no answer
serves several. Clients wait for their answers; nothing that was begun is left out. Ratios of requests a second, and the
99th percentile of the latency, or the median where fewer than 100 were answered.

{both}

{notes}

PSNR of their answers in dB, and bytes:

{table(titles(f, jobs), near)}

Peak memory of all processes of a server after that, in MB: {peaks}.
"""


def outcome(entry):
    return f"{entry['psnr']:.1f}{'°' if entry['in_light'] else ''}, {entry['bytes']:,}" if entry else "–"


def scaling(f):
    sizes = sorted({p["megapixels"] for peers in f.told["megapixels"].values() for ps in peers.values() for p in ps})
    rows, names = [], {"thumbnail": "baseline", "progressive": "progressive"}
    for key, peers in f.told["megapixels"].items():
        for name in peers:
            slopes = f.slopes(key, name)
            if slopes:
                time, exponent, space, at_zero = slopes
                fitted = [f"{time:.2f}", f"{exponent:.2f}", f"{space:.2f}", f"{at_zero:.0f}"]
                points = {p["megapixels"]: milliseconds(median(p["ms"])) for p in peers[name]}
                rows.append([names[key], name, *(points.get(size, "–") for size in sizes), *fitted])
    fits = ["ms per megapixel", "exponent of time", "MB per megapixel", "MB at 0"]
    head = ["400 px from", "", *(f"{size} megapixel{'s' if size > 1 else ''}" for size in sizes), *fits]
    return f"""
## Scaling

Sources of 1 to {sizes[-1]} megapixels, drawn by `make_assets`, on one core. Straight lines are fitted to times and to peak
memory by least squares; the exponent is the slope in double logarithmic scale: 1 is proportional to the pixels, less is
better. Platemark takes less for 64 megapixels than for 16 where an eighth of the size has enough pixels for the reply:
of progressive files it then reads the first scans alone, of others the mean of each block.

{table(head, rows)}

![latency]

![memory]

{cores_text(f)}
"""


def cores_text(f):
    rows, counts = [], f.counts
    for name in f.together_names:
        values = [f.per_second("thumbnail", name, count) for count in counts]
        if None not in values:
            rows.append([name, *(f"{value:.1f}" for value in values), f"{values[-1] / values[0] / counts[-1]:.2f}"])
    if not rows:
        return ""
    head = [
        "jobs a second",
        *(f"{count} core{'s' if count > 1 else ''}" for count in counts),
        "share of perfect scaling",
    ]
    told = "Independent thumbnails of baseline JPEG, as many at the same time as there are cores for them:"
    return f"{told}\n\n{table(head, rows)}\n\n![cores]"


def layers(f):
    told = f.told["layers"]
    if not told:
        return ""

    def cell(job, layer):
        value = f.layer_ms(job, layer)
        return "–" if value is None else f"{value * 1000:.1f} µs" if value < 0.1 else f"{value:.1f} ms"

    rows = [[charts.LAYERS[layer], *(cell(job, layer) for job in told)] for layer in charts.LAYERS]
    return f"""
## What is warm already

One request to Platemark on one core, when more and more of its answer is there:

{table(titles(f, told), rows)}

![layers]
"""


def who(f):
    rows = [[name, p["version"] or "–", p["kind"]] for name, p in f.told["peers"].items()]
    rows += [[name, s["version"] or "–", "server"] for name, s in f.told["servers"].items()]
    missing = "\n".join(f"* {name}: {why}" for name, why in f.told["missing"].items()) or "Nothing."
    failures = "\n".join(f"* {line}" for line in f.told["failures"]) or "Nobody."
    return f"""
## Who was measured

{table(["", "version", "kind"], rows)}

What could not be had:

{missing}

Who failed at a job that they have:

{failures}
"""


def everything(f):
    def spread_of(values):
        return f"{spread(values) * 100:.0f}"

    def fixed(entry, key, digits):
        return f"{entry[key]:.{digits}f}" if entry.get(key) is not None else "–"

    rows = []
    for job, pictures in f.told["one_core"].items():
        for picture, peers in pictures.items():
            for name, entry in peers.items():
                time = [f"{median(entry['ms']):.1f}", spread_of(entry["ms"]), f"{entry['bytes']:,}"]
                near = [fixed(entry, "psnr", 1), fixed(entry, "ssim", 4), fixed(entry, "ssimulacra2", 1)]
                rows.append([f.titles[job], picture, name, *time, *near])
    single = table(["job", "picture", "", "ms", "± %", "bytes", "PSNR", "SSIM", "SSIMULACRA2"], rows)
    rows = []
    for job in f.together_jobs:
        for name in f.together_names:
            for count in f.counts:
                rates = f.rates(job, name, count)
                if rates:
                    rows.append([f.titles[job], name, count, f"{median(rates):.1f}", spread_of(rates)])
    cores = table(["job", "", "cores", "jobs a second", "± %"], rows)
    rows = []
    for name, entry in f.told["http"].items():
        for job in f.http_jobs:
            for clients in CLIENTS:
                rounds = entry.get(job, {}).get(clients)
                if rounds:
                    rates, told = [each["per_second"] for each in rounds], f.http(name, job, clients)
                    latencies = [f"{told['p50']:.1f}", f"{told['p99']:.1f}", fixed(entry[job], "ssim", 4)]
                    cells = [f.titles[job], name, clients, f"{median(rates):.1f}", spread_of(rates), *latencies]
                    rows.append(cells)
    servers = table(["job", "", "clients", "requests a second", "± %", "p50 ms", "p99 ms", "SSIM"], rows)
    return f"""
## All figures

± is half the distance between the quartiles of the rounds.

<details><summary>One core</summary>

{single}

</details>

<details><summary>Several cores</summary>

{cores}

</details>

<details><summary>Over HTTP</summary>

{servers}

</details>
"""
