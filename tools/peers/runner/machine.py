"""What it was measured on."""

import datetime
import os
import platform
import subprocess
from pathlib import Path

from . import ROOT


def described():
    def entry(file, key):
        lines = Path(file).read_text().splitlines()
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "?")

    memory = int(entry("/proc/meminfo", "MemTotal").split()[0])
    try:
        system = platform.freedesktop_os_release().get("PRETTY_NAME", "?")
    except OSError:
        system = platform.system()
    git = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": entry("/proc/cpuinfo", "model name"),
        "cores": cores(),
        "memory_gb": round(memory / (1 << 20)),
        "load": os.getloadavg()[0],
        "system": f"{system}, Linux {platform.release().split('-')[0]}",
        "rustc": subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split(" (")[0].strip(),
        "revision": subprocess.run(git, cwd=ROOT, capture_output=True, text=True).stdout.strip(),
    }


def stolen(before=None):
    """Processor time of this machine that went to others, as (stolen, all); or the share of it since then."""
    ticks = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    now = (ticks[7], sum(ticks))
    if before is None:
        return now
    return (now[0] - before[0]) / max(1, now[1] - before[1])


def cores():
    return len(os.sched_getaffinity(0))
