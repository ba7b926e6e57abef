"""Peers that are servers: how each is started, and what it is asked for a job."""

import json
import os
import socket
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path

from . import WORK, machine
from .install import debian, debian_version, example, gathered, run
from .jobs import QUALITY


@dataclass
class Server:
    name: str
    version: str
    #: `start(port, folder)` returns the processes of a server on that port for the files of that folder.
    start: object
    #: `path(job, name)` is what to ask for, or `None`.
    path: object
    note: str = ""
    #: It remembers something of every picture that it was asked for.
    remembers: bool = False


def in_background(command, env=None):
    """Starts a server, as the first process of a group of its own."""
    with open(WORK / "servers.log", "ab") as log:
        environment = os.environ | (env or {})
        return subprocess.Popen(
            list(map(str, command)),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def platemark():
    program = example("serve")

    def start(port, folder, *options):
        catalogs = WORK / "serve"
        catalogs.mkdir(exist_ok=True)
        (catalogs / "default.ini").write_text(f"RootPath={folder}\nMaxPix=60000,60000\n")
        return [in_background([program, "--catalogs", catalogs, "--listen", f"127.0.0.1:{port}", *options])]

    def fresh(port, folder):
        return start(port, folder, "--cache-bytes", 0, "--sidecar-bytes", 0)

    def known(port, folder):
        return start(port, folder, "--cache-bytes", 0, "--sidecar-bytes", 1 << 30)

    path = lambda job, name: job.target(name)  # noqa: E731
    told = {
        "platemark serve": (fresh, "every picture is made anew; digests and sizes of the sources are remembered"),
        "platemark serve, known": (known, "so is what the decoder has learned of the sources"),
        "platemark serve, stored": (start, "pictures are stored, as they are if nothing else is asked for"),
    }
    return [Server(name, "", start, path, note, remembers=True) for name, (start, note) in told.items()]


def oximg():
    home = WORK / "oximg"
    program = home / "bin" / "oximg"
    if not program.exists():
        debian("cmake", "nasm")
        print("building oximg, which takes a while", flush=True)
        run(
            ["cargo", "install", "--quiet", "--locked", "--root", home, "oximg"],
            env=os.environ | {"CARGO_TARGET_DIR": str(home / "target")},
        )
    told = json.loads((home / ".crates2.json").read_text())["installs"]

    def start(port, folder):
        env = {"IMAGES_DIR": str(folder), "PORT": str(port), "OXIMG_BIND": "127.0.0.1", "QUALITY": str(QUALITY)}
        return [in_background([program], env)]

    def path(job, name):
        return f"/resize/{job.width}/0/{name}" if job.kind == "thumbnail" else None

    note = "as it comes: decodes all pixels or half of luma, resizes in linear light, writes progressive JPEG by jpegli"
    return [Server("oximg", next(iter(told)).split()[1], start, path, note)]


def thumbor():
    # It may want other versions of what is measured.
    home = WORK / "thumbor"
    program, interpreter = home / "bin" / "thumbor", home / "bin" / "python"
    if not program.exists():
        venv.create(home, with_pip=True, clear=True)
        run([interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "thumbor"])
    version = run([interpreter, "-c", "import thumbor; print(thumbor.__version__)"]).strip()

    def start(port, folder):
        settings = {
            "LOADER": "thumbor.loaders.file_loader",
            "FILE_LOADER_ROOT_PATH": str(folder),
            "STORAGE": "thumbor.storages.no_storage",
            "ALLOW_UNSAFE_URL": True,
            "QUALITY": QUALITY,
            "PROGRESSIVE_JPEG": False,
            "MAX_PIXELS": 10**9,
        }
        config = WORK / "thumbor.conf"
        config.write_text("".join(f"{key} = {value!r}\n" for key, value in settings.items()))
        command = [program, "-p", port, "-i", "127.0.0.1", "-c", config, "--processes", machine.cores()]
        return [in_background(command)]

    def path(job, name):
        if job.kind == "thumbnail":
            return f"/unsafe/{job.width}x0/{name}"
        if job.kind == "crop":
            return f"/unsafe/{job.width}x{job.height}/filters:sharpen(1.0,1.0,false)/{name}"
        return f"/unsafe/{job.left}x{job.top}:{job.left + job.width}x{job.top + job.height}/{name}"

    return [Server("thumbor", version, start, path)]


NGINX = """
{module}
worker_processes {cores};
daemon off;
{user}
pid {work}/pid;
error_log {work}/errors.log error;
events {{}}
http {{
    access_log off;
    client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi; scgi_temp_path {work}/scgi;
    {more}
    server {{
        listen 127.0.0.1:{port};
        {locations}
    }}
}}
"""


def nginx_at(port, name, module, locations, more=""):
    """Starts nginx with a configuration of its own."""
    work = WORK / name
    work.mkdir(exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""
    text = NGINX.format(
        module=module, cores=machine.cores(), user=user, work=work, more=more, port=port, locations=locations
    )
    (work / "nginx.conf").write_text(text)
    return in_background(["nginx", "-p", work, "-c", work / "nginx.conf", "-e", work / "errors.log"])


def nginx():
    debian("nginx-light", "libnginx-mod-http-image-filter")
    version = f"{debian_version('nginx-light')}"

    def start(port, folder):
        common = f"alias {folder}/$file; image_filter_buffer 200M; image_filter_jpeg_quality {QUALITY};"
        locations = (
            f"location ~ ^/(?<w>[0-9]+)/(?<file>.+)$ {{ {common} image_filter resize $w -; }}\n"
            f"location ~ ^/crop/(?<file>.+)$ {{ {common} image_filter crop 300 300; image_filter_sharpen 100; }}"
        )
        module = "load_module /usr/lib/nginx/modules/ngx_http_image_filter_module.so;"
        return [nginx_at(port, "nginx", module, locations)]

    def path(job, name):
        return {"thumbnail": f"/{job.width}/{name}", "crop": f"/crop/{name}"}.get(job.kind)

    return [Server("nginx image filter", version, start, path)]


def iipsrv():
    debian("iipimage-server", "nginx-light", "libvips-tools")

    def start(port, folder):
        pyramids = WORK / "pyramids"
        pyramids.mkdir(exist_ok=True)
        for name in (folder / name for name in os.listdir(folder) if name.endswith("-baseline.jpg")):
            made = pyramids / f"{name.stem}.tif"
            if not made.exists() or made.stat().st_mtime < name.stat().st_mtime:
                options = ["--tile", "--pyramid", "--compression", "jpeg", "--Q", "90"]
                run(["vips", "tiffsave", name, made, *options, "--tile-width", "256", "--tile-height", "256"])
        env = {"FILESYSTEM_PREFIX": f"{pyramids}/", "JPEG_QUALITY": str(QUALITY), "MAX_IMAGE_CACHE_SIZE": "0"}
        env |= {"VERBOSITY": "0", "MAX_CVT": "60000", "LOGFILE": "/dev/null"}
        sockets = [free_port() for _ in range(machine.cores())]
        program = "/usr/lib/iipimage-server/iipsrv.fcgi"
        processes = [in_background([program, "--bind", f"127.0.0.1:{at}"], env) for at in sockets]
        upstream = "upstream iip {" + "".join(f" server 127.0.0.1:{at};" for at in sockets) + " }"
        location = (
            "location ~ ^/(?<image>.+)$ { fastcgi_param REQUEST_METHOD $request_method; "
            "fastcgi_param QUERY_STRING IIIF=$image; fastcgi_pass iip; }"
        )
        return [*processes, nginx_at(port, "iipsrv", "", location, upstream)]

    def path(job, name):
        if job.source != "baseline.jpg" or job.kind == "crop":
            return None
        region = f"{job.left},{job.top},{job.width},{job.height}" if job.kind == "tile" else "full"
        return f"/{Path(name).stem}.tif/{region}/{job.width},/0/default.jpg"

    note = "serves pyramids of tiles, which are made of the pictures beforehand"
    return [Server("iipsrv", debian_version("iipimage-server"), start, path, note)]


def all_servers(chosen):
    """Installs the chosen servers, or all; returns them, and why others are missing."""
    makers = {"platemark serve": platemark, "nginx": nginx, "iipsrv": iipsrv, "thumbor": thumbor, "oximg": oximg}
    return gathered(makers, chosen)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
