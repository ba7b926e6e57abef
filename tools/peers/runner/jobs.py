"""What is measured: each job is done by every peer that can, on every picture."""

from dataclasses import asdict, dataclass

from . import WORK

#: Quality of all JPEG and WebP output, JPEG with halved chroma where the peer can be told.
QUALITY = 80
#: Sources that a server is asked for in turns, so that none is made once for several.
COPIES = 32
#: Where the tile is cut out, in pixels of the source; pictures are large enough for it.
TILE = {"left": 1600, "top": 1000, "width": 512, "height": 512}


@dataclass(frozen=True)
class Job:
    """A job on one of a picture's files."""

    key: str
    #: As the report names it.
    title: str
    #: Which file of the picture: see `pictures.FILES`.
    source: str
    #: `thumbnail` (to `width`), `crop` (cover a box, sharpen), `tile` or `recode`.
    kind: str
    width: int = 0
    height: int = 0
    left: int = 0
    top: int = 0
    #: `jpeg`, `webp`, `png` with alpha, or `png8`: PNG with a palette of at most 256 colours.
    format: str = "jpeg"

    def target(self, name):
        """The request that is this job, for a file of that path below the default catalog's `RootPath`."""
        fmt = {
            "jpeg": f"fmt=jpeg&qlt={QUALITY}",
            "webp": f"fmt=webp&qlt={QUALITY}",
            "png": "fmt=png-alpha",
            "png8": "fmt=png8",
        }[self.format]
        geometry = {
            "thumbnail": f"wid={self.width}",
            # The radius is the standard deviation.
            "crop": f"wid={self.width}&hei={self.height}&fit=crop&op_usmR=1,1",
            "tile": f"scl=1&rect={self.left},{self.top},{self.width},{self.height}",
            "recode": "scl=1",
        }[self.kind]
        return f"/is/image/{name}?{geometry}&resMode=sharp2&{fmt}"

    @property
    def suffix(self):
        """How the name of the output ends; some commands choose the format by it."""
        return {"jpeg": ".jpg", "webp": ".webp", "png": ".png", "png8": ".png"}[self.format]

    def line(self, file, out=None, repeat=1, threads=1):
        """The job as workers take it; see `workers/line.py`."""
        order = asdict(self) | {"file": str(file), "out": out and str(out), "repeat": repeat, "threads": threads}
        return order | {"quality": QUALITY, "target": self.target(file.relative_to(WORK))}


JOBS = [
    Job("thumbnail", "400 px from baseline JPEG", "baseline.jpg", "thumbnail", 400),
    Job("progressive", "400 px from progressive JPEG", "progressive.jpg", "thumbnail", 400),
    Job("png", "400 px from PNG, RGB", "rgb.png", "thumbnail", 400),
    Job("png-alpha", "400 px PNG from PNG, RGBA", "rgba.png", "thumbnail", 400, format="png"),
    Job("webp", "400 px WebP from JPEG", "baseline.jpg", "thumbnail", 400, format="webp"),
    Job("from-webp", "400 px from WebP", "lossy.webp", "thumbnail", 400),
    Job("png8", "400 px PNG8", "baseline.jpg", "thumbnail", 400, format="png8"),
    Job("page", "1600 px from baseline JPEG", "baseline.jpg", "thumbnail", 1600),
    Job("crop", "300×300 crop, sharpened", "baseline.jpg", "crop", 300, 300),
    Job("tile", "512-pixel tile at full size", "baseline.jpg", "tile", **TILE),
    Job("recode", "all of it again at full size", "baseline.jpg", "recode"),
]
BY_KEY = {job.key: job for job in JOBS}
