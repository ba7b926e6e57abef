#!/usr/bin/env python3
"""Measures Platemark beside what one would use instead, and writes BENCHMARKS.md.

usage: benches/peers/run.py [--quick] [options]

Installs the peers from their registries: PyPI (where it runs itself: an environment of its own), npm, crates.io, and
Debian if it runs as root. Nothing is installed but there and below target/peers. What cannot be had is listed with the
reason. Needs Python 3.11 with venv and pip, and cargo; node and npm for sharp.
"""

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def enter_environment():
    """Runs this again with a Python that has numpy and Pillow."""
    home = ROOT / "target" / "peers" / "python"
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


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="under five minutes once all is installed; coarse figures")
    parser.add_argument(
        "--peers",
        metavar="A,B",
        help="only these: sharp, pyvips, pillow, crates, libvips-tools, "
        "imagemagick, and the servers nginx, iipsrv, thumbor, oximg",
    )
    parser.add_argument("--jobs", metavar="A,B", help="only these, by their keys in runner/jobs.py")
    parser.add_argument(
        "--picture",
        metavar="FILE",
        type=Path,
        help="a JPEG of yours, of 2112×1512 pixels or more, instead of the one from Debian",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="where the report goes; default: the repository, or "
        "target/peers/report if --quick, --peers, --jobs or --picture is given",
    )
    parser.add_argument(
        "--report", action="store_true", help="measures nothing: writes the report of the figures in DIR"
    )
    return parser.parse_args()


def main():
    args = arguments()
    enter_environment()
    sys.path.insert(0, str(HERE))
    from runner import measured, report

    is_whole = not (args.quick or args.peers or args.jobs or args.picture)
    out = args.out or (ROOT if is_whole else ROOT / "target" / "peers" / "report")
    figures = out / report.FIGURES
    if not args.report:
        split = lambda text: text and text.split(",")  # noqa: E731
        told = measured.everything(args.quick, split(args.peers), split(args.jobs), args.picture)
        figures.parent.mkdir(parents=True, exist_ok=True)
        figures.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    report.write(json.loads(figures.read_text()), out)
    print(f"written: {out / 'BENCHMARKS.md'}")


if __name__ == "__main__":
    main()
