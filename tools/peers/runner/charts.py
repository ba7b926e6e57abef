"""The charts of the report."""

from . import plots
from .stats import median

LAYERS = {
    "disk": "nothing, and the file is on the disk",
    "cold": "the file is in the system's memory",
    "facts": "its digest and size are known",
    "known": "so is where its parts begin, and a preview",
    "stored": "the picture is stored",
    "revalidated": "the client has it, and asks",
}


def all_charts(f):
    """Name → SVG."""
    charts = {
        "ratios": ratios(f),
        "cores": cores(f),
        "latency": against_size(f, "ms", "Time of a 400 px thumbnail from baseline JPEG", "ms"),
        "memory": against_size(f, "MB", "Peak memory of a 400 px thumbnail from baseline JPEG", "MB"),
        "layers": layers(f),
    }
    return {name: chart for name, chart in charts.items() if chart}


def colours(f):
    """The same colour for a peer in all charts."""
    return {name: plots.COLOURS[i % len(plots.COLOURS)] for i, name in enumerate(f.libraries)}


def ratios(f):
    names = [name for name in f.libraries if name != f.OURS]
    table = {
        f.titles[job]: {name: f.ratio(job, name, f.OURS) for name in names if f.ratio(job, name, f.OURS)}
        for job in f.jobs
    }
    title = "How many times as long as Platemark, one core"
    return plots.rows(title, "left of the line is faster than Platemark, right of it slower", table, colours(f), mark=1)


def cores(f):
    if "thumbnail" not in f.together_jobs:
        return None
    series = {
        name: [(count, f.per_second("thumbnail", name, count)) for count in f.counts]
        for name in f.together_names
        if f.per_second("thumbnail", name, f.counts[0])
    }
    title = "Thumbnails of 400 px from baseline JPEG, one a core"
    return plots.lines(title, "cores", "a second, both scales logarithmic", series, colours(f))


def against_size(f, what, title, unit):
    value = (lambda p: median(p["ms"])) if what == "ms" else (lambda p: p["bytes"] / 1e6)
    series = {
        name: [(p["megapixels"], value(p)) for p in points]
        for name, points in f.told["megapixels"]["thumbnail"].items()
    }
    return plots.lines(title, "megapixels of the source", f"{unit}, both scales logarithmic", series, colours(f))


def layers(f):
    told = f.told["layers"]
    if not told:
        return None
    values = {f.titles[job]: {LAYERS[layer]: f.layer_ms(job, layer) for layer in LAYERS} for job in told}
    title = "One request, when more of the answer is there"
    return plots.steps(title, "ms, logarithmic", values, "ms")
