"""Checks that no dependency needs a newer compiler than Cargo.toml's rust-version: msrv.py [VERSION]

It reads `cargo metadata`, whose packages state their own rust-version, with all features and for all targets. Dependencies
of tests and benches are left out: hosts do not build them. VERSION stands for that of Cargo.toml.
"""

import json
import subprocess
import sys


def number(version):
    return [int(part) for part in (version.split("-")[0] + ".0.0").split(".")[:3]]


command = ["cargo", "metadata", "--format-version", "1", "--all-features", "--locked"]
metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
root = metadata["resolve"]["root"]
ours = sys.argv[1] if len(sys.argv) > 1 else packages[root]["rust_version"]

seen, left = {root}, [root]
while left:
    for dependency in nodes[left.pop()]["deps"]:
        is_built = any(kind["kind"] != "dev" for kind in dependency["dep_kinds"])
        if is_built and dependency["pkg"] not in seen:
            seen.add(dependency["pkg"])
            left.append(dependency["pkg"])

others = [packages[id] for id in seen - {root}]
stating = [package for package in others if package["rust_version"]]
newer = sorted(
    f"{package['name']} {package['version']} needs Rust {package['rust_version']}"
    for package in stating
    if number(package["rust_version"]) > number(ours)
)
for line in newer:
    print(line)
print(f"{len(newer)} of {len(others)} dependencies need a newer Rust than {ours}; {len(stating)} state what they need")
sys.exit(1 if newer or not stating else 0)
