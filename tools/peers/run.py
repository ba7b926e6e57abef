#!/usr/bin/env python3
"""Measures Platemark beside what one would use instead, and writes BENCHMARKS.md.

Installs the peers from their registries, PyPI, npm and crates.io, below target/peers; packages of Debian, if it runs
as root, for the whole system. What cannot be had is listed with the reason. Needs Python 3.11 with venv and pip, and
cargo; node and npm for sharp.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from runner import ROOT, WORK, report  # noqa: E402
from runner.jobs import BY_KEY  # noqa: E402

PEERS = ["sharp", "pyvips", "pillow", "crates", "libvips-tools", "imagemagick", "nginx", "iipsrv", "thumbor", "oximg"]


def enter_environment():
    """Runs this again with a Python that has numpy and Pillow."""
    home = WORK / "python"
    python = home / "bin" / "python"
    if Path(sys.prefix) == home:
        return
    if not (home / "ready").exists():
        print("installing numpy and Pillow")
        try:
            venv.create(home, with_pip=True, clear=True)
        except subprocess.CalledProcessError:
            sys.exit("run.py: this Python makes no environments with pip: apt-get install python3-venv")
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "numpy", "pillow"], check=True)
        (home / "ready").touch()
    os.execv(python, [python, __file__, *sys.argv[1:]])


def several_of(known):
    """Names of these, with commas between them."""

    def names(text):
        unknown = [name for name in text.split(",") if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {unknown[0]}; there are {', '.join(known)}")
        return text.split(",")

    return names


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--quick", action="store_true", help="under five minutes once all is installed; coarse figures")
    add("--peers", metavar="A,B", type=several_of(PEERS), help=f"only these of {', '.join(PEERS)}")
    add("--jobs", metavar="A,B", type=several_of(BY_KEY), help=f"only these of {', '.join(BY_KEY)}")
    add(
        "--picture", metavar="FILE", type=Path, help="a JPEG of 2112×1512 pixels or more instead of the one from Debian"
    )
    told = "target/peers/report if --quick, --peers, --jobs or --picture is given"
    add("--out", metavar="DIR", type=Path, help=f"where the report goes; default: the repository, or {told}")
    add("--report", action="store_true", help="measures nothing: writes the report of the figures in DIR anew")
    args = parser.parse_args()
    if args.picture and not args.picture.is_file():
        parser.error(f"{args.picture}: no such file")
    return args


def main():
    args = arguments()
    is_whole = not (args.quick or args.peers or args.jobs or args.picture)
    out = args.out or (ROOT if is_whole else WORK / "report")
    figures = out / report.FIGURES
    if not args.report:
        enter_environment()
        from runner import session

        def keep(told):
            figures.parent.mkdir(parents=True, exist_ok=True)
            figures.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")

        # Servers are ended then, too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        session.everything(args.quick, args.peers, args.jobs, args.picture, keep)
    told = json.loads(figures.read_text())
    if "http" not in told:
        sys.exit(f"run.py: {figures}: the run that measured these was not finished")
    report.write(told, out)
    print(f"written: {out / 'BENCHMARKS.md'}")


if __name__ == "__main__":
    main()
