"""The jobs as command lines: each function returns the commands of a job, which write `out`."""


def render(program, catalogs, cores):
    def commands(job, out, _):
        return [[program, "--catalogs", catalogs, "--threads", str(cores), job["target"], "-o", out]]

    return commands


def vips(job, out, folder):
    quality = f"Q={job['quality']},strip"
    options = {"jpeg": f"[{quality}]", "webp": f"[{quality}]", "png": "[strip]", "png8": "[palette,strip]"}[job["format"]]
    saved = f"{out}{options}"
    if job["kind"] == "thumbnail":
        return [["vipsthumbnail", job["file"], "-s", f"{job['width']}x", "-o", saved]]
    if job["kind"] == "crop":
        small, size = folder / "small.v", f"{job['width']}x{job['height']}"
        thumbnail = ["vipsthumbnail", job["file"], "-s", size, "--smartcrop", "centre", "-o", small]
        return [thumbnail, ["vips", "sharpen", small, saved, "--sigma", "1"]]
    if job["kind"] == "tile":
        part = [str(job[side]) for side in ("left", "top", "width", "height")]
        return [["vips", "crop", job["file"], saved, *part]]
    return [["vips", "copy", job["file"], saved]]


def magick(job, out, _):
    width, height = job["width"], job["height"]
    # Decodes JPEG at a smaller size, twice what is wanted, as its documentation recommends.
    smaller = ["-define", f"jpeg:size={2 * width}x{2 * height or ''}"]
    steps = {
        "thumbnail": ["-filter", "Lanczos", "-resize", f"{width}x"],
        "crop": ["-filter", "Lanczos", "-resize", f"{width}x{height}^", "-gravity", "center"]
        + ["-extent", f"{width}x{height}", "-unsharp", "0x1+1+0"],
        "tile": ["-crop", f"{width}x{height}+{job['left']}+{job['top']}", "+repage"],
        "recode": [],
    }[job["kind"]]
    before = smaller if job["kind"] in ("thumbnail", "crop") else []
    # For PNG the number means something else.
    quality = ["-quality", str(job["quality"])] if job["format"] in ("jpeg", "webp") else []
    saved = f"PNG8:{out}" if job["format"] == "png8" else out
    return [["convert", *before, job["file"], *steps, "-strip", *quality, saved]]
