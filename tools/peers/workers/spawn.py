"""Starts commands: {"commands": [[…], …], "repeat": n} in, {"ns": …, "peak": bytes of the largest process} out."""

import json
import os
import sys
import time


def execute(command):
    """Runs a command; returns its peak memory in bytes."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    ]
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise OSError(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_maxrss * 1024


print(json.dumps({"version": ""}), flush=True)
for text in sys.stdin:
    order = json.loads(text)
    try:
        start = time.perf_counter_ns()
        peak = max(execute(command) for _ in range(order["repeat"]) for command in order["commands"])
        answer = {"ns": time.perf_counter_ns() - start, "peak": peak}
    except OSError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
