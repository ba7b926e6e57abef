"""The protocol of workers: a job a line comes in, what it took goes out.

In: {"kind": "thumbnail", "file": …, "width": 400, …, "format": "jpeg", "quality": 80, "out": file or null, "repeat": n}
Out: {"ns": time of all repetitions together, "bytes": length of the output} or {"error": why}

The first line out says what is at work: {"version": …}. Files are read and outputs are made anew each time.
"""

import json
import sys
import time


def serve(version, jobs):
    """Does jobs until the input ends; `jobs` has a function for each kind, which returns the output's bytes."""
    print(json.dumps({"version": version}), flush=True)
    for text in sys.stdin:
        line = json.loads(text)
        try:
            work = jobs[line["kind"]]
            start = time.perf_counter_ns()
            for _ in range(line["repeat"]):
                output = work(line)
            taken = time.perf_counter_ns() - start
            if line["out"]:
                with open(line["out"], "wb") as file:
                    file.write(output)
            answer = {"ns": taken, "bytes": len(output)}
        except Exception as error:  # whatever a peer fails with is its answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
