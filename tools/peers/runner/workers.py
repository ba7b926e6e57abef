"""Peers that run beside us: a process that does a job for every line it is sent, or one process for every job."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from . import WORK

#: Starts commands.
SPAWN = Path(__file__).parent.parent / "workers" / "spawn.py"
#: A job that takes longer is given up, in seconds.
PATIENCE = 300


class Unable(Exception):
    """A peer says that it cannot do a job, or fails at it."""


class LineWorker:
    """A process that stays; see `workers/line.py`."""

    def __init__(self, command, env):
        self.process = subprocess.Popen(
            command, env=os.environ | env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.version = self._answer().get("version", "")

    def send(self, line):
        try:
            self.process.stdin.write(json.dumps(line) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise Unable(f"the process ended: {error}") from error

    def receive(self):
        try:
            answer = alarmed(self._answer)
        except TimeoutError as error:
            # A late answer would be taken for that of the next job.
            self.process.kill()
            raise Unable(str(error)) from error
        if "error" in answer:
            raise Unable(answer["error"])
        return answer

    def run(self, line):
        self.send(line)
        return self.receive()

    def _answer(self):
        text = self.process.stdout.readline()
        if not text:
            raise Unable(f"the process ended with {self.process.wait()}")
        return json.loads(text)

    def peak_memory(self):
        """The most memory the process has had so far, in bytes; pages of mapped files count."""
        for entry in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if entry.startswith("VmHWM:"):
                return int(entry.split()[1]) * 1024
        raise Unable("the system does not tell the peak memory")

    def close(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class CommandWorker(LineWorker):
    """A command for every job: what it takes is the whole of its processes, which another process starts.

    The system counts the memory of the process that starts another to the peak of that one: it has to be a small one.
    """

    def __init__(self, commands, env):
        super().__init__([sys.executable, "-I", "-S", SPAWN], env)
        self.commands = commands
        self.peak = 0
        self.folder = WORK / "commands" / f"{os.getpid()}-{self.process.pid}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def send(self, line):
        out = self.folder / f"out.{line['format'].replace('jpeg', 'jpg')}"
        out.unlink(missing_ok=True)
        commands = [[str(word) for word in command] for command in self.commands(line, out, self.folder)]
        super().send({"commands": commands, "repeat": line["repeat"]})
        self.pending = out, line["out"]

    def receive(self):
        answer = super().receive()
        self.peak = max(self.peak, answer["peak"])
        out, wanted = self.pending
        if not out.exists():
            raise Unable("there is no output")
        if wanted:
            shutil.copyfile(out, wanted)
        return answer | {"bytes": out.stat().st_size}

    def peak_memory(self):
        return self.peak

    def close(self):
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Peer:
    """Something that does jobs."""

    #: As the report names it.
    name: str
    #: Starts a worker: `start(cores)`, with so many threads for one picture.
    start: object
    version: str = ""
    #: `library` or `command`; they are compared with their kind.
    kind: str = "library"
    #: It uses several threads for one picture if it is told to.
    is_parallel: bool = False
    #: One worker does several jobs at the same time, if a line asks for `threads`.
    has_threads: bool = False
    #: What a reader has to know.
    note: str = ""
    #: Kinds of jobs that it does not have.
    lacks: tuple = field(default=())

    def can(self, job):
        return job.kind not in self.lacks and job.key not in self.lacks


def alarmed(work, seconds=PATIENCE):
    """Runs something that may hang."""

    def ring(*_):
        raise TimeoutError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        return work()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
