"""What the figures say: medians, ratios and means, by job and peer."""

import statistics

from .stats import exponent, line, mean_ratio, median, median_ratio, spread


class Figures:
    OURS, OUR_COMMAND = "platemark", "platemark render"
    #: Ours that give the same bytes as `OURS`, which is a promise.
    SAME_BYTES = ("platemark, known", "platemark, cold", "platemark render")

    def __init__(self, told):
        self.told = told
        self.titles = told["jobs"]
        self.jobs = list(told["one_thread"])
        #: Those that were measured together, too.
        self.together_jobs = list(told["throughput"])
        self.libraries = [name for name, peer in told["peers"].items() if peer["kind"] == "library"]
        self.commands = [name for name, peer in told["peers"].items() if peer["kind"] == "command"]

    def entries(self, job, name):
        """The figures of a peer at a job, on all pictures that it can do it on."""
        pictures = self.told["one_thread"][job].values()
        return [peers[name] for peers in pictures if "ms" in peers.get(name, {})]

    def ms(self, job, name):
        return mean_ratio([median(entry["ms"]) for entry in self.entries(job, name)])

    def ratio(self, job, name, against):
        """How many times as long a peer takes as ours."""
        both = [
            (peers[against]["ms"], peers[name]["ms"])
            for peers in self.told["one_thread"][job].values()
            if "ms" in peers.get(name, {}) and "ms" in peers.get(against, {}) and "error" not in peers[name]
        ]
        return mean_ratio([median_ratio(*pair) for pair in both]) if both else None

    def mean(self, job, name, key):
        values = [entry[key] for entry in self.entries(job, name) if entry.get(key) is not None]
        return statistics.fmean(values) if values else None

    def in_light(self, job, name):
        return any(entry.get("in_light") for entry in self.entries(job, name))

    def bytes_ratio(self, job, name):
        theirs, ours = self.entries(job, name), self.entries(job, self.OURS)
        return mean_ratio([b["bytes"] / a["bytes"] for a, b in zip(ours, theirs)]) if theirs else None

    @property
    def counts(self):
        first = next(iter(self.told["throughput"].values()))
        return [int(count) for count in next(iter(first.values()))]

    @property
    def together_names(self):
        return list(dict.fromkeys(name for peers in self.told["throughput"].values() for name in peers))

    def per_second(self, job, name, count):
        values = self.told["throughput"].get(job, {}).get(name, {}).get(str(count))
        return median(values) if values else None

    def together_ratio(self, job, name):
        """How many times as many jobs a second ours does."""
        told, count = self.told["throughput"][job], str(self.counts[-1])
        theirs, ours = told.get(name, {}).get(count), told[self.OURS][count]
        return median_ratio(theirs, ours) if theirs else None

    @property
    def one_picture_names(self):
        names = list(dict.fromkeys(name for peers in self.told["one_picture"].values() for name in peers))
        return [name for name in names if name in self.libraries]

    def one_picture_ms(self, job, name):
        return median(self.told["one_picture"][job][name])

    def one_picture_ratio(self, job, name):
        told = self.told["one_picture"][job]
        return median_ratio(told[self.OURS], told[name]) if name in told else None

    def http(self, server, job, clients):
        """The median of the rounds of a server, without rounds that failed."""
        rounds = self.told["http"].get(server, {}).get(job, {}).get(clients)
        if not rounds or any(entry["refused"] or entry["broken"] for entry in rounds):
            return None
        return {key: median([entry[key] for entry in rounds]) for key in ("per_second", "p50", "p99")}

    def slopes(self, key, name):
        """Cells: ms per megapixel, exponent of time, MB per megapixel, MB at 0; or nothing."""
        points = self.told["megapixels"][key][name]
        if len(points) < 2:
            return None
        time = [(p["megapixels"], median(p["ms"])) for p in points]
        space = [(p["megapixels"], p["bytes"] / 1e6) for p in points]
        at_zero, slope = line(space)
        return [f"{line(time)[1]:.2f}", f"{exponent(time):.2f}", f"{slope:.2f}", f"{at_zero:.0f}"]

    def layer_ms(self, job, layer):
        return median(self.told["layers"][job][layer])

    @property
    def failures(self):
        told = []
        for job, pictures in self.told["one_thread"].items():
            for picture, peers in pictures.items():
                told += [
                    f"{name}, {self.titles[job]}, {picture}: {entry['error']}"
                    for name, entry in peers.items()
                    if "error" in entry
                ]
        for name, entry in self.told["http"].items():
            if "error" in entry:
                told.append(f"{name}: {entry['error']}")
            for job, values in entry.items():
                if isinstance(values, dict) and "error" in values:
                    told.append(f"{name}, {self.titles.get(job, job)}: {values['error']}")
        return told

    def details(self, job, picture, name):
        entry = self.told["one_thread"][job][picture][name]
        if "ms" not in entry:
            return [""] * 6

        def fixed(key, digits):
            return f"{entry[key]:.{digits}f}" if entry.get(key) is not None else "–"

        ms = median(entry["ms"])
        return [
            f"{ms:.1f}",
            f"{spread(entry['ms']) * 100:.0f}",
            f"{entry['bytes']:,}",
            fixed("psnr", 1),
            fixed("ssim", 4),
            fixed("ssimulacra2", 1),
        ]
