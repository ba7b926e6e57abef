"""The pictures: one that `make_assets` draws, and a painting from a Debian package or one of the user's own."""

import shutil
import subprocess
import zlib

from PIL import Image

from . import ROOT
from .jobs import COPIES

#: Every picture has these files; jobs name them.
FILES = ["baseline.jpg", "progressive.jpg", "lossy.webp", "rgb.png", "rgba.png"]
#: Sizes for the scaling, in megapixels.
MEGAPIXELS = [1, 4, 16, 64, 100]

PACKAGE, PAINTING = "mate-backgrounds", "Elephants_5640x3172.jpg"

Image.MAX_IMAGE_PIXELS = None


def not_ours(work, own):
    """A picture that we did not make: its name, its file, and where it is from; or why there is none."""
    if own:
        return "own", own, f"{own.name}, the user's own"
    folder = work / "elephants"
    if not list(folder.rglob(PAINTING)):
        if not shutil.which("apt-get"):
            return None, None, f"{PACKAGE} cannot be had: there is no apt-get"
        folder.mkdir(parents=True, exist_ok=True)
        made = subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, capture_output=True, text=True)
        packages = list(folder.glob("*.deb"))
        if made.returncode or not packages:
            told = made.stderr.strip().splitlines() or ["no message"]
            return None, None, f"{PACKAGE} cannot be downloaded: {told[-1]}"
        subprocess.run(["dpkg-deb", "-x", packages[0], folder], check=True)
        packages[0].unlink()
    return "elephants", next(folder.rglob(PAINTING)), f"{PAINTING} of Debian's {PACKAGE}, a painting with fine detail"


def draw(folder, megapixels):
    """Draws the harbour at these sizes: files `<megapixels>-baseline.jpg` and `-progressive.jpg`."""
    if all((folder / f"{size}-progressive.jpg").exists() for size in megapixels):
        return
    folder.mkdir(parents=True, exist_ok=True)
    for size in megapixels:
        print(f"drawing {size} megapixels")
        drawn = folder / "drawn"
        shutil.rmtree(drawn, ignore_errors=True)
        command = ["cargo", "run", "--quiet", "--release", "--locked", "--example", "make_assets", "--"]
        subprocess.run([*command, drawn, str(size)], cwd=ROOT, check=True)
        for kind in ["baseline", "progressive"]:
            next(drawn.glob(f"*-{kind}-*.jpg")).rename(folder / f"{size}-{kind}.jpg")
        drawn.rmdir()


def write_files(folder, image):
    """Writes a picture as all the files of `FILES`."""
    folder.mkdir(parents=True, exist_ok=True)
    rgb = image.convert("RGB")
    # Some convert by it, and some do not.
    rgb.info.pop("icc_profile", None)
    rgb.save(folder / "baseline.jpg", quality=85, subsampling="4:2:0")
    rgb.save(folder / "progressive.jpg", quality=85, subsampling="4:2:0", progressive=True)
    rgb.save(folder / "lossy.webp", quality=85)
    # Eight megapixels, as screens have them: what cameras make does not come as PNG.
    small = rgb.resize((3840, round(3840 * rgb.height / rgb.width)), Image.Resampling.LANCZOS)
    small.save(folder / "rgb.png")
    # Opaque in the middle, and softly nothing towards the corners.
    alpha = Image.radial_gradient("L").point(lambda v: max(0, min(255, (235 - v) * 4)))
    small.putalpha(alpha.resize(small.size, Image.Resampling.BICUBIC))
    small.save(folder / "rgba.png")


def prepare(work, own):
    """Makes what is missing of all pictures; returns what each is, and why one is missing."""
    folder = work / "pictures"
    draw(work / "drawn", [16, 1])
    sources = {"harbour": (work / "drawn" / "16-baseline.jpg", "drawn by make_assets")}
    name, file, told = not_ours(work, own)
    if file:
        sources[name] = (file, told)
    missing = {} if file else {"a picture that we did not draw": told}
    pictures = {}
    for name, (file, told) in sources.items():
        # Other pictures of the user's are other files.
        mark, content = folder / name / "made-of", f"{file} {file.stat().st_size} {FILES}"
        if not mark.exists() or mark.read_text() != content:
            write_files(folder / name, Image.open(file))
            mark.write_text(content)
        size = Image.open(folder / name / "baseline.jpg").size
        sizes = {entry: (folder / name / entry).stat().st_size for entry in FILES}
        pictures[name] = {"folder": str(folder / name), "size": size, "from": told, "bytes": sizes}
    return pictures, missing


def copies(file, folder):
    """Files of the same picture whose bytes differ in a comment; returns their names."""
    folder.mkdir(parents=True, exist_ok=True)
    content, names = file.read_bytes(), []
    for number in range(COPIES):
        names.append(f"{number}-{file.name}")
        copy = folder / names[-1]
        if not copy.exists() or copy.stat().st_mtime < file.stat().st_mtime:
            copy.write_bytes(commented(content, f"copy {number}".encode()))
    return names


def commented(content, text):
    """A JPEG or PNG file with a comment."""
    if content.startswith(b"\xff\xd8"):
        return content[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + content[2:]
    # After the signature and the header, which have 8 and 25 bytes.
    body = b"tEXtComment\0" + text
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return content[:33] + chunk + content[33:]
