"""Run a command and print, as its last line, what it cost: exit code, wall, CPU, peak memory.

A process of its own, because Linux counts into a child's peak what its parent was as large as when it began.
"""
# ruff: noqa: INP001, T201 - a script, and what it prints is what it is for

import json
import os
import subprocess
import sys
import time

if __name__ == "__main__":
    began = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    cost = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}
    print(json.dumps({"code": os.waitstatus_to_exitcode(status), **cost}))
