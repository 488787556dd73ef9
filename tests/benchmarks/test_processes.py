"""CPU and memory of processes."""

import os
import subprocess
import sys

from usage_ledger.benchmarks.processes import CpuMeter, rss_mb

BURN = "import time\nwhile time.process_time() < 0.2: pass\n{then}"


def test_children_that_ended_are_counted():
    meter = CpuMeter({"us": os.getpid()})
    subprocess.run([sys.executable, "-c", BURN.format(then="")], check=True)
    assert meter.spent_s()["us"] >= 0.15


def test_children_that_run_are_counted():
    meter = CpuMeter({"us": os.getpid()})
    script = BURN.format(then="print(flush=True); input()")
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        spent = meter.spent_s()["us"]
        child.communicate(b"\n")
    assert spent >= 0.15


def test_memory_is_that_of_the_process():
    before = rss_mb(os.getpid())
    held = b"x" * 50_000_000
    assert rss_mb(os.getpid()) >= before + 40
    del held
