"""Runs a WASI program under wasmtime: wasi.py PROGRAM ROOT SCRATCH [ARGUMENT...]; it may use both folders, under these names."""

import sys

import wasmtime

program, root, scratch, *rest = sys.argv[1:]
config = wasmtime.WasiConfig()
config.argv = ["targets", "root", "scratch", *rest]
config.preopen_dir(root, "root")
config.preopen_dir(scratch, "scratch")
config.inherit_stdout()
config.inherit_stderr()
engine = wasmtime.Engine()
linker = wasmtime.Linker(engine)
linker.define_wasi()
store = wasmtime.Store(engine)
store.set_wasi(config)
instance = linker.instantiate(store, wasmtime.Module.from_file(engine, program))
try:
    instance.exports(store)["_start"](store)
except wasmtime.ExitTrap as exit:
    sys.exit(exit.code)
