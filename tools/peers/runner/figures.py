"""What the figures say: medians, ratios and means, by job and peer. What was not measured is `None`."""

import statistics

from .stats import exponent, line, mean_ratio, median, median_ratio

CLIENTS = ("1", "16")


class Figures:
    OURS, OUR_COMMAND, OUR_SERVER = "platemark", "platemark render", "platemark serve"
    #: Ours that give the same bytes as `OURS`, which is a promise.
    SAME_BYTES = ("platemark, known", "platemark, cold", "platemark render")

    def __init__(self, told):
        self.told = told
        self.titles = told["jobs"]
        self.jobs = [job for job in told["one_core"] if self.ms(job, self.OURS) is not None]
        #: Those that were measured together, too.
        self.together_jobs = [job for job in told["throughput"] if job in self.jobs]
        self.libraries = [name for name, peer in told["peers"].items() if peer["kind"] == "library"]
        self.commands = [name for name, peer in told["peers"].items() if peer["kind"] == "command"]
        self.http_jobs = [job for job in self.titles if any(job in entry for entry in told["http"].values())]

    def pairs(self, job, name, against):
        """The figures of one of ours and of a peer, on all pictures that both did the job on."""
        pictures = self.told["one_core"][job].values()
        return [(peers[against], peers[name]) for peers in pictures if name in peers and against in peers]

    def ms(self, job, name):
        """The geometric mean over the pictures."""
        pictures = self.told["one_core"][job].values()
        medians = [median(peers[name]["ms"]) for peers in pictures if name in peers]
        return mean_ratio(medians) if medians else None

    def ratio(self, job, name, against):
        """How many times as long a peer takes as one of ours."""
        ratios = [median_ratio(ours["ms"], theirs["ms"]) for ours, theirs in self.pairs(job, name, against)]
        return mean_ratio(ratios) if ratios else None

    def means(self, job, name, key):
        """The means of something of ours and of a peer, over the same pictures."""
        pairs = [pair for pair in self.pairs(job, name, self.OURS) if None not in (entry.get(key) for entry in pair)]
        return [statistics.fmean(entry[key] for entry in entries) for entries in zip(*pairs)] if pairs else None

    def in_light(self, job, name):
        return any(peers[name]["in_light"] for peers in self.told["one_core"][job].values() if name in peers)

    def bytes_ratio(self, job, name):
        pairs = self.pairs(job, name, self.OURS)
        return mean_ratio([theirs["bytes"] / ours["bytes"] for ours, theirs in pairs]) if pairs else None

    @property
    def counts(self):
        told = self.told["throughput"].values()
        return sorted({int(count) for peers in told for counts in peers.values() for count in counts})

    @property
    def together_names(self):
        return list(dict.fromkeys(name for peers in self.told["throughput"].values() for name in peers))

    def rates(self, job, name, count):
        return self.told["throughput"].get(job, {}).get(name, {}).get(str(count)) or None

    def per_second(self, job, name, count):
        rates = self.rates(job, name, count)
        return median(rates) if rates else None

    def together_ratio(self, job, name):
        """How many times as many jobs a second ours does, on all cores."""
        theirs, ours = (self.rates(job, peer, self.counts[-1]) for peer in (name, self.OURS))
        return median_ratio(theirs, ours) if theirs and ours else None

    @property
    def one_picture_names(self):
        names = list(dict.fromkeys(name for peers in self.told["one_picture"].values() for name in peers))
        return [name for name in names if name in self.libraries]

    def one_picture_ms(self, job, name):
        values = self.told["one_picture"][job].get(name)
        return median(values) if values else None

    def one_picture_ratio(self, job, name):
        told = self.told["one_picture"][job]
        return median_ratio(told[self.OURS], told[name]) if name in told and self.OURS in told else None

    def http(self, server, job, clients):
        """The medians of a server's rounds."""
        rounds = self.told["http"].get(server, {}).get(job, {}).get(clients)
        if not rounds:
            return None
        return {key: median([entry[key] for entry in rounds]) for key in ("requests", "per_second", "p50", "p99")}

    def http_ratio(self, server, job, clients):
        """How many times as many requests a second ours answers."""
        ours, theirs = (self.http(name, job, clients) for name in (self.OUR_SERVER, server))
        return ours["per_second"] / theirs["per_second"] if ours and theirs else None

    def slopes(self, key, name):
        """Milliseconds a megapixel, the exponent of time, megabytes a megapixel, and megabytes at 0."""
        points = self.told["megapixels"][key][name]
        if len(points) < 2:
            return None
        time = [(p["megapixels"], median(p["ms"])) for p in points]
        at_zero, slope = line([(p["megapixels"], p["bytes"] / 1e6) for p in points])
        return line(time)[1], exponent(time), slope, at_zero

    def layer_ms(self, job, layer):
        values = self.told["layers"][job].get(layer)
        return median(values) if values else None
