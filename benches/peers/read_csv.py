"""Reads a CSV file some times with pandas or polars and says what it took, for `cargo xtask bench reading`.

`read_csv.py pandas|polars FILE TIMES` prints one line of JSON: the least seconds of processor time and of wall time for one
reading, the most memory in use above what the program had before, and rows and columns.
"""

import json
import sys
import time


def status(key):
    """A line of the process's status, in KiB."""
    with open("/proc/self/status", encoding="utf-8") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key))


def reader(library):
    if library == "pandas":
        import pandas

        return pandas.read_csv
    import polars

    # It takes only empty cells for missing by itself.
    return lambda file: polars.read_csv(file, null_values=["NA"])


def main():
    library, file, times = sys.argv[1:]
    read = reader(library)
    before = status("VmRSS:")
    cpu, wall = float("inf"), float("inf")
    for _ in range(int(times)):
        started, used = time.perf_counter(), time.process_time()
        table = read(file)
        cpu = min(cpu, time.process_time() - used)
        wall = min(wall, time.perf_counter() - started)
        rows, columns = table.shape
        del table
    peak = (status("VmHWM:") - before) * 1024
    print(json.dumps({"cpu_seconds": cpu, "seconds": wall, "peak_bytes": peak, "rows": rows, "columns": columns}))


main()
