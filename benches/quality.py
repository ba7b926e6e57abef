#!/usr/bin/env python3
"""Compares renditions with Pillow's of the same request: full decode, same filter, same geometry.

usage: benches/quality.py FOLDER [--filter bilin|bicub|sharp2] [--keep DIR]

Needs Pillow and numpy, and target/release/examples/render. Prints the PSNR in dB of every picture of FOLDER for four
requests asked for as PNG; the last two columns are not scaled or small. Exits with 1 if any is below the promise:
40 dB where pictures are scaled, 48 dB where they are not.
"""

import argparse
import io
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image, ImageOps

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILTERS = {"bilin": Image.Resampling.BILINEAR, "bicub": Image.Resampling.BICUBIC, "sharp2": Image.Resampling.LANCZOS}


def half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def opened(path):
    """The picture upright, as RGB or RGBA."""
    image = ImageOps.exif_transpose(Image.open(path))
    alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    return image.convert("RGBA" if alpha else "RGB")


def resized(image, size, kernel):
    if image.mode == "RGBA":
        return image.convert("RGBa").resize(size, kernel).convert("RGBA")
    return image.resize(size, kernel)


def on_white(image, size, at):
    """Placed on white; parts outside are cut off."""
    out = Image.new("RGB", size, "white")
    out.paste(image.convert("RGB"), at, image.getchannel("A") if image.mode == "RGBA" else None)
    return out


def scaled_by(image, num, den, kernel):
    size = (max(1, half_up(image.width * num, den)), max(1, half_up(image.height * num, den)))
    return resized(image, size, kernel)


def by_width(image, kernel):
    small = image if image.width <= 400 else scaled_by(image, 400, image.width, kernel)
    return on_white(small, small.size, (0, 0))


def cropped(image, kernel):
    # The larger of the two ratios, neither above 1.
    num, den = (300, image.width) if image.width < image.height else (300, image.height)
    small = scaled_by(image, min(num, den), den, kernel)
    at = (half_up(300 - small.width, 2), half_up(300 - small.height, 2))
    return on_white(small, (300, 300), at)


def thumbnail(image, kernel):
    small = scaled_by(image, 100, max(image.size), kernel)
    at = (half_up(100 - small.width, 2), half_up(100 - small.height, 2))
    return on_white(small, (100, 100), at)


def tile(image, _):
    box = image.crop((300, 200, 300 + 256, 200 + 256)) if image.width > 300 and image.height > 200 else None
    if box is None:
        return Image.new("RGB", (256, 256), "white")
    inside = image.crop((300, 200, min(556, image.width), min(456, image.height)))
    return on_white(inside, (256, 256), (0, 0))


REQUESTS = [
    ("wid=400", by_width, 40),
    ("wid=300&hei=300&fit=crop", cropped, 40),
    ("req=tmb", thumbnail, 40),
    ("scl=1&rect=300,200,256,256", tile, 48),
]


def psnr(a, b):
    if a.size != b.size:
        return -1.0
    difference = np.asarray(a, float) - np.asarray(b, float)
    mean = (difference * difference).mean()
    return 99.0 if mean == 0 else min(99.0, 10 * np.log10(255 * 255 / mean))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--filter", choices=FILTERS, default="sharp2")
    parser.add_argument("--keep", type=pathlib.Path, help="write both renditions of everything into this folder")
    options = parser.parse_args()
    low = False
    with tempfile.TemporaryDirectory() as catalogs:
        ini = f"RootPath={options.folder.resolve()}\nDefaultExt=\nMaxPix=0,0\n"
        pathlib.Path(catalogs, "default.ini").write_text(ini)
        print(f"{'PSNR in dB':52}", *(f"{query:>28}" for query, _, _ in REQUESTS))
        for path in sorted(options.folder.iterdir()):
            if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
                continue
            source, row = opened(path), []
            for query, reference, promise in REQUESTS:
                out = pathlib.Path(catalogs, "out.png")
                request = f"/is/image/{path.name}?{query}&fmt=png&resMode={options.filter}"
                render = [ROOT / "target/release/examples/render", "--catalogs", catalogs, request, "-o", out]
                subprocess.run(render, check=True, stdout=subprocess.DEVNULL)
                ours = Image.open(io.BytesIO(out.read_bytes())).convert("RGB")
                theirs = reference(source, FILTERS[options.filter])
                value = psnr(ours, theirs)
                low |= value < promise
                row.append(f"{value:28.1f}")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    name = f"{path.stem}-{REQUESTS.index((query, reference, promise))}"
                    ours.save(options.keep / f"{name}-ours.png")
                    theirs.save(options.keep / f"{name}-pillow.png")
            print(f"{path.name:52}", *row)
    sys.exit(1 if low else 0)


if __name__ == "__main__":
    main()
