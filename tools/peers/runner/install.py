"""Gets the peers from their registries; what cannot be had is told with the reason."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import ROOT, WORK, commands
from .workers import CommandWorker, LineWorker, Peer

WORKERS = Path(__file__).parent.parent / "workers"
CRATES = WORKERS / "crates"
#: Debian's packages, each with a program or file that shows that it is there.
DEBIAN = {
    "libvips-tools": "vipsthumbnail",
    "imagemagick": "convert",
    "nginx-light": "nginx",
    "libnginx-mod-http-image-filter": "/usr/lib/nginx/modules/ngx_http_image_filter_module.so",
    "iipimage-server": "/usr/lib/iipimage-server/iipsrv.fcgi",
    # To build oximg with.
    "cmake": "cmake",
    "nasm": "nasm",
}


#: What takes longer to install or to build is given up.
INSTALL_SECONDS = 1800


class Missing(Exception):
    """Why something is not there."""


def run(command, **options):
    """Runs a command; fails with the last line that it said."""
    try:
        made = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS, **options
        )
    except FileNotFoundError as error:
        raise Missing(f"there is no {command[0]}") from error
    except subprocess.TimeoutExpired as error:
        raise Missing(f"{' '.join(map(str, command[:3]))}: not done after {INSTALL_SECONDS} s") from error
    if made.returncode:
        told = (made.stderr.strip() or made.stdout.strip() or "no message").splitlines()
        # Cargo and others say what is wrong first and give details after it.
        wrong = [line for line in told if line.lower().startswith("error")] or told[-1:]
        raise Missing(f"{' '.join(map(str, command[:3]))}: {wrong[0]}")
    return made.stdout


def present(sign):
    return Path(sign).exists() if sign.startswith("/") else shutil.which(sign) is not None


def debian(*packages):
    """Installs packages of Debian; servers among them are not started."""
    wanted = [package for package in packages if not present(DEBIAN[package])]
    if not wanted:
        return
    if not shutil.which("apt-get"):
        raise Missing(f"there is no apt-get to install {' '.join(wanted)} with")
    if os.geteuid() != 0:
        raise Missing(f"to be installed by root: apt-get install {' '.join(wanted)}")
    policy = Path("/usr/sbin/policy-rc.d")
    is_ours = not policy.exists()
    if is_ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        update_lists()
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted], env=quietly)
    finally:
        if is_ours:
            policy.unlink()


@functools.cache
def update_lists():
    run(["apt-get", "update", "-qq", "-o", "Acquire::http::Timeout=20"])


def debian_version(package):
    try:
        return run(["dpkg-query", "-W", "-f", "${Version}", package])
    except Missing:
        return ""


def python(*packages):
    """Installs packages of PyPI, where this runs itself."""
    run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])


@functools.cache
def worker_program():
    """Builds our own worker."""
    command = ["cargo", "bench", "--bench", "peers", "--locked", "--no-run", "--message-format", "json"]
    lines = [json.loads(line) for line in run(command, cwd=ROOT).splitlines()]
    return next(line["executable"] for line in lines if line.get("executable") and line["target"]["name"] == "peers")


def example(name):
    run(["cargo", "build", "--quiet", "--release", "--locked", "--example", name], cwd=ROOT)
    return ROOT / "target" / "release" / "examples" / name


@functools.cache
def crates_program():
    """Builds the worker of the crates; returns it, and the crates' versions."""
    target = WORK / "crates"
    run(["cargo", "build", "--quiet", "--release", "--locked", "--target-dir", target], cwd=CRATES)
    locked = (CRATES / "Cargo.lock").read_text()
    versions = dict(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', locked))
    return target / "release" / "platemark-peers", versions


def platemark_worker(mode, cores=1):
    """Starts our own worker; `tools/peers/worker.rs` has the modes."""
    return LineWorker([worker_program(), str(WORK), mode, str(cores)], {})


def platemark():
    worker_program()

    def peer(name, mode, note):
        lone = mode == "cold"
        start = functools.partial(platemark_worker, mode)
        return Peer(name, start, is_parallel=not lone, has_threads=not lone, note=note)

    return [
        peer("platemark", "facts", "the source's digest and size are remembered, the decoder starts anew"),
        peer("platemark, known", "known", "what the decoder has learned of the source is remembered, too"),
        peer("platemark, cold", "cold", "a new engine for every request, which reads all of the source for its digest"),
    ]


def sharp():
    folder = WORK / "npm"
    if not (folder / "node_modules" / "sharp").exists():
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "sharp"])

    def start(cores):
        modules = {"NODE_PATH": str(folder / "node_modules")}
        # Threads that wait for the picture, and those of libvips.
        return LineWorker(["node", WORKERS / "sharp.mjs", str(cores)], modules | {"VIPS_CONCURRENCY": str(cores)})

    note = "makes codes for every JPEG, in a second pass, and sharpens lightness by a curve of its own"
    return [Peer("sharp", start, is_parallel=True, note=note)]


def pyvips():
    python("pyvips", "pyvips-binary")

    def start(cores):
        return LineWorker([sys.executable, WORKERS / "pyvips_worker.py"], {"VIPS_CONCURRENCY": str(cores)})

    return [Peer("pyvips", start, is_parallel=True, note="sharpens lightness by a curve of its own")]


def pillow():
    def start(_):
        return LineWorker([sys.executable, WORKERS / "pillow_worker.py"], {})

    return [Peer("Pillow", start)]


def crates():
    program, versions = crates_program()

    def peer(crate, version, **more):
        return Peer(crate, lambda _: LineWorker([program, crate], {}), version, has_threads=True, **more)

    image, zune, jpeg = (versions[name] for name in ("image", "zune-image", "jpeg-decoder"))
    with_others = f"{jpeg}, fast_image_resize {versions['fast_image_resize']}, jpeg-encoder {versions['jpeg-encoder']}"
    aliased = "resizes in linear light without averaging what it leaves out; its unsharp mask makes noise of the crop"
    not_here = "JPEG to JPEG, and nothing is sharpened"
    return [
        peer("image", image, lacks=("webp", "png8"), note="writes chroma at full size, which is nearer to the reference and larger"),
        peer("zune-image", f"{zune}, zune-imageprocs {versions['zune-imageprocs']}", lacks=("webp", "from-webp", "png8", "crop"), note=aliased),
        peer("jpeg-decoder", with_others, lacks=("png", "png-alpha", "webp", "from-webp", "png8", "crop"), note=not_here),
    ]


def crates_worker(part):
    """A worker of the crates' program that is no peer: `ssimulacra2` or `clients`."""
    program, _ = crates_program()
    return LineWorker([program, part], {})


def command_peers():
    """The makers of peers that are commands."""

    def ours():
        program = example("render")
        catalogs = WORK / "catalogs"
        catalogs.mkdir(parents=True, exist_ok=True)
        (catalogs / "default.ini").write_text(f"RootPath={WORK}\nMaxPix=60000,60000\n")
        return Peer("platemark render", lambda cores: CommandWorker(commands.render(program, catalogs, cores), {}))

    def vips():
        debian("libvips-tools")
        version = run(["vips", "--version"]).removeprefix("vips-").strip()
        start = lambda cores: CommandWorker(commands.vips, {"VIPS_CONCURRENCY": str(cores)})  # noqa: E731
        note = "the crop takes two processes; sharpens lightness by a curve of its own"
        return Peer("vips, vipsthumbnail", start, version, note=note)

    def magick():
        debian("imagemagick")
        version = re.search(r"ImageMagick (\S+)", run(["convert", "-version"])).group(1)
        start = lambda cores: CommandWorker(commands.magick, {"MAGICK_THREAD_LIMIT": str(cores)})  # noqa: E731
        return Peer("ImageMagick", start, version)

    makers = {"platemark": ours, "libvips-tools": vips, "imagemagick": magick}
    return {name: as_commands(make) for name, make in makers.items()}


def as_commands(make):
    def made():
        peer = make()
        peer.kind, peer.is_parallel = "command", True
        return [peer]

    return made


def all_peers(chosen):
    """Installs the chosen peers, or all; returns them, and why others are missing."""
    libraries = {"platemark": platemark, "sharp": sharp, "pyvips": pyvips, "pillow": pillow, "crates": crates}
    both = [gathered(makers, chosen) for makers in (libraries, command_peers())]
    return both[0][0] + both[1][0], both[0][1] | both[1][1]


def gathered(makers, chosen):
    """What the chosen makers make, by name, or all; and why others make nothing. Ours are never left out."""
    made, missing = [], {}
    for name, make in makers.items():
        is_ours = name.startswith("platemark")
        if chosen and name not in chosen and not is_ours:
            missing[name] = "not asked for"
            continue
        print(f"installing {name}", flush=True)
        try:
            made += make()
        except Missing as reason:
            if is_ours:
                raise
            missing[name] = str(reason)
    return made, missing
