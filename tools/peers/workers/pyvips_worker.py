"""pyvips with the libvips of its binary wheel."""

import line
import pyvips

# A job is done anew each time.
pyvips.cache_set_max(0)


def encoded(image, job):
    if job["format"] == "jpeg":
        return image.jpegsave_buffer(Q=job["quality"], keep="none")
    if job["format"] == "webp":
        return image.webpsave_buffer(Q=job["quality"], keep="none")
    return image.pngsave_buffer(palette=job["format"] == "png8", keep="none")


def thumbnail(job):
    return encoded(pyvips.Image.thumbnail(job["file"], job["width"], height=10_000_000), job)


def crop(job):
    image = pyvips.Image.thumbnail(job["file"], job["width"], height=job["height"], crop="centre")
    return encoded(image.sharpen(sigma=1), job)


def tile(job):
    image = pyvips.Image.new_from_file(job["file"], access="sequential")
    return encoded(image.crop(job["left"], job["top"], job["width"], job["height"]), job)


def recode(job):
    return encoded(pyvips.Image.new_from_file(job["file"], access="sequential"), job)


vips = ".".join(str(pyvips.version(part)) for part in range(3))
kinds = {"thumbnail": thumbnail, "crop": crop, "tile": tile, "recode": recode}
line.serve(f"{pyvips.__version__}, libvips {vips}", kinds)
