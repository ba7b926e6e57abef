"""Pillow: what its documentation recommends for each job."""

import io

import line
import PIL
from PIL import Image, ImageFilter, ImageOps, features

Image.MAX_IMAGE_PIXELS = None
LANCZOS = Image.Resampling.LANCZOS


def encoded(image, job):
    out = io.BytesIO()
    if job["format"] == "jpeg":
        image.save(out, "JPEG", quality=job["quality"])
    elif job["format"] == "webp":
        image.save(out, "WEBP", quality=job["quality"])
    elif job["format"] == "png8":
        image.quantize(256).save(out, "PNG")
    else:
        image.save(out, "PNG")
    return out.getvalue()


def thumbnail(job):
    image = Image.open(job["file"])
    # Decodes JPEG at a smaller size, as far as it loses little; colours are weighed by alpha.
    image.thumbnail((job["width"], 1 << 24), LANCZOS, reducing_gap=2.0)
    return encoded(image, job)


def crop(job):
    image = Image.open(job["file"])
    size = (job["width"], job["height"])
    image.draft("RGB", (2 * size[0], 2 * size[1]))
    fitted = ImageOps.fit(image, size, LANCZOS)
    return encoded(fitted.filter(ImageFilter.UnsharpMask(radius=1, percent=100, threshold=0)), job)


def tile(job):
    left, top = job["left"], job["top"]
    return encoded(Image.open(job["file"]).crop((left, top, left + job["width"], top + job["height"])), job)


def recode(job):
    return encoded(Image.open(job["file"]), job)


kinds = {"thumbnail": thumbnail, "crop": crop, "tile": tile, "recode": recode}
line.serve(f"{PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}", kinds)
