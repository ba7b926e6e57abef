"""How near outputs are to what a full decode and a Lanczos filter give: PSNR, SSIM and SSIMULACRA2.

References are made by Pillow from all pixels of the source, in the values as they are stored and in linear light,
because peers do it either way: an output is held to the reference that it is nearest to.
"""

import contextlib

import numpy as np
from PIL import Image

from .workers import Unable

#: SSIM and SSIMULACRA2 of larger pictures are those of this part in the middle.
MIDDLE = 1600
LANCZOS = Image.Resampling.LANCZOS


def opened(file):
    image = Image.open(file)
    return image.convert("RGBA" if "A" in image.getbands() else "RGB")


def linear(values):
    """sRGB, from 0 to 1, to light."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def display(values):
    """Light to sRGB."""
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


def resized(image, size, box, in_light):
    """Resized in floating point, colours weighed by alpha; values from 0 to 255."""
    planes = [np.asarray(plane, np.float32) / 255 for plane in image.split()]
    alpha = planes.pop() if image.mode == "RGBA" else None
    if in_light:
        planes = [linear(plane).astype(np.float32) for plane in planes]
    weighed = [plane * alpha for plane in planes] if alpha is not None else planes

    def scaled(plane):
        return np.asarray(Image.fromarray(plane).resize(size, LANCZOS, box=box))

    out = [scaled(plane) for plane in weighed]
    if alpha is None:
        return np.stack([display(plane) if in_light else plane for plane in out], axis=-1) * 255
    opacity = scaled(alpha)
    colours = [np.divide(plane, opacity, out=np.zeros_like(plane), where=opacity > 1 / 512) for plane in out]
    colours = [display(plane) if in_light else plane for plane in colours]
    return np.stack([*colours, opacity], axis=-1) * 255


def sharpened(pixels, sigma=1.0, amount=1.0):
    """An unsharp mask."""
    reach = np.arange(-4, 5)
    weights = np.exp(-(reach**2) / (2 * sigma**2))
    weights /= weights.sum()
    blurred = pixels
    for axis in (0, 1):
        padded = np.pad(blurred, [(4, 4) if i == axis else (0, 0) for i in range(3)], mode="edge")
        length = pixels.shape[axis]
        blurred = sum(w * np.take(padded, range(i, i + length), axis=axis) for i, w in enumerate(weights))
    return pixels + amount * (pixels - blurred)


def references(job, file):
    """What a job may give: pairs of whether it was resized in linear light, and the pixels."""
    image = opened(file)
    if job.kind == "recode":
        return [(False, np.asarray(image))]
    if job.kind == "tile":
        box = (job.left, job.top, job.left + job.width, job.top + job.height)
        return [(False, np.asarray(image.crop(box)))]
    if job.kind == "crop":
        size, boxes = (job.width, job.height), cover(image.size, (job.width, job.height))
    else:
        size, boxes = (job.width, max(1, round(image.height * job.width / image.width))), [None]
    made = [(in_light, resized(image, size, box, in_light)) for in_light in (False, True) for box in boxes]
    if job.kind == "crop":
        made = [(in_light, sharpened(pixels)) for in_light, pixels in made]
    return [(in_light, np.clip(np.rint(pixels), 0, 255).astype(np.uint8)) for in_light, pixels in made]


def cover(size, wanted):
    """The parts that may be meant by the middle of a picture that covers a box.

    It is the middle itself, or what is cut out of the picture after it was resized: there it begins at a whole pixel,
    and its sides are whole numbers.
    """
    scale = min(size[0] / wanted[0], size[1] / wanted[1])
    exact = [((size[i] - wanted[i] * scale) / 2, (size[i] + wanted[i] * scale) / 2) for i in (0, 1)]
    choices = []
    for i in (0, 1):
        resized_side = round(size[i] / scale)
        pixel, excess = size[i] / resized_side, resized_side - wanted[i]
        starts = {excess // 2, (excess + 1) // 2}
        choices.append([exact[i], *((start * pixel, (start + wanted[i]) * pixel) for start in sorted(starts))])
    boxes = {(x[0], y[0], x[1], y[1]) for x in choices[0] for y in choices[1]}
    within = [(max(0.0, l), max(0.0, t), min(r, size[0]), min(b, size[1])) for l, t, r, b in boxes]  # noqa: E741
    return sorted(within)


def on_white(pixels):
    if pixels.shape[2] == 3:
        return pixels.astype(np.float32)
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return pixels[..., :3] * alpha + 255 * (1 - alpha)


def psnr(a, b):
    error = np.mean((a - b) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def ssim(a, b):
    """Of luma, with the usual window of 11×11 Gaussian weights."""
    weights = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    weights /= weights.sum()

    def blurred(plane):
        for axis in (0, 1):
            length = plane.shape[axis] - 10
            plane = sum(w * np.take(plane, range(i, i + length), axis=axis) for i, w in enumerate(weights))
        return plane

    a, b = (pixels @ np.array([0.299, 0.587, 0.114]) for pixels in (a, b))
    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    both = blurred(a * b) - mean_a * mean_b
    one, two = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    map_ = (2 * mean_a * mean_b + one) * (2 * both + two)
    return float(np.mean(map_ / ((mean_a**2 + mean_b**2 + one) * (var_a + var_b + two))))


def middle(pixels):
    height, width = pixels.shape[:2]
    top, left = max(0, height - MIDDLE) // 2, max(0, width - MIDDLE) // 2
    return pixels[top : top + MIDDLE, left : left + MIDDLE]


def score(output, candidates, folder, judge):
    """The scores of an output file; `judge` compares two PNG files by SSIMULACRA2, or is `None`.

    Fails if the output is no picture of that size.
    """
    made = on_white(np.asarray(opened(output)))
    wanted = [(in_light, on_white(pixels)) for in_light, pixels in candidates]
    height, width = wanted[0][1].shape[:2]
    if max(abs(made.shape[0] - height), abs(made.shape[1] - width)) > 1:
        raise ValueError(f"{made.shape[1]}×{made.shape[0]} pixels instead of {width}×{height}")
    if made.shape[:2] != (height, width):
        # Some round a side otherwise.
        as_wanted = opened(output).resize((width, height), Image.Resampling.BICUBIC)
        made = on_white(np.asarray(as_wanted))
    nearness, in_light, nearest = max(
        ((psnr(made, pixels), light, pixels) for light, pixels in wanted), key=lambda c: c[0]
    )
    told = {"psnr": min(nearness, 99.0), "in_light": in_light}
    made, nearest = middle(made), middle(nearest)
    told["ssim"] = ssim(made, nearest)
    if judge:
        files = {"reference": folder / "reference.png", "picture": folder / "picture.png"}
        for name, pixels in [("reference", nearest), ("picture", made)]:
            Image.fromarray(np.rint(pixels).astype(np.uint8)).save(files[name], compress_level=1)
        # Without it the picture has no such score, and is not to blame.
        with contextlib.suppress(Unable):
            told["ssimulacra2"] = judge.run({key: str(file) for key, file in files.items()}).get("score")
    return told
