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
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "?")
    git = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": entry("/proc/cpuinfo", "model name"),
        "cores": cores(),
        "memory_gb": round(memory / (1 << 20)),
        "system": f"{system}, Linux {platform.release().split('-')[0]}",
        "rustc": subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split(" (")[0].strip(),
        "revision": subprocess.run(git, cwd=ROOT, capture_output=True, text=True).stdout.strip(),
    }


def cores():
    return len(os.sched_getaffinity(0))
