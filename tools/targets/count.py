"""Counts the instructions of each kernel at each level: count.py PROGRAM [RUNNER ...]

PROGRAM is the example `count` of tools/targets, built with optimisation. RUNNER runs it and prints `Collected : N` at the end, N being the
instructions of the whole run: callgrind by default, or QEMU with the plugin of count/insns.c. A kernel's own are those of a
run of three rounds less those of a run of one, halved: what starts the program and makes the picture cancels out.

    (cd tools/targets && cargo build --release --example count)
    python3 tools/targets/count.py tools/targets/target/release/examples/count

For NEON, with the environment of .ci/targets, which builds a standard library:

    gcc -shared -fPIC -O2 -o /tmp/libinsns.so tools/targets/count/insns.c
    python3 tools/targets/count.py PROGRAM qemu-aarch64 -L /usr/aarch64-linux-gnu -plugin /tmp/libinsns.so
"""

import re
import subprocess
import sys

program, *runner = sys.argv[1:]
start = [word for word in runner if word != "-plugin" and not word.endswith(".so")]
runner = runner or ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]

listed = subprocess.run([*start, program], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
levels, kernels = listed[0].split(), [line.split("\t") for line in listed[1:]]


def count(kernel, level, times):
    run = subprocess.run([*runner, program, kernel, level, str(times)], check=True, capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", run.stderr).group(1))


print("| kernel | " + " | ".join(levels) + " |")
print("|---|" + "---|" * len(levels))
for kernel, pixels, kind in kernels:
    cells = []
    for level in levels:
        if kind == "levels" or level == "scalar":
            instructions = (count(kernel, level, 3) - count(kernel, level, 1)) / 2
            cells.append(f"{instructions / int(pixels):.2f}")
        else:
            cells.append("")
    print(f"| {kernel} | " + " | ".join(cells) + " |", flush=True)
