"""What every peer shares: tasks, data, and the conversation with the driver.

The driver (`cargo xtask bench peers`) writes `round` on stdin; the peer trains one round and answers with one line of
JSON: `seconds` of the training alone, the mean `loss` of the round's last epoch, and the `steps` it took. The process
stays alive between rounds, so that compiled code and memory stay warm, and sleeps while another engine runs.
"""

import argparse
import gzip
import json
import os
import sys
import time
from pathlib import Path

THREADS = 2
FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
SEED = 0

# One round: `epochs` passes over the rows, shuffled before each pass.
TASKS = {
    "fashion": {"sizes": (784, 256, 10), "batch": 256, "epochs": 1, "optimizer": "sgd", "learning_rate": 0.1},
    "lenet": {"batch": 64, "epochs": 1, "optimizer": "sgd", "learning_rate": 0.1},
    "tiny": {"sizes": (30, 64, 64, 2), "batch": 32, "epochs": 20, "optimizer": "adam", "learning_rate": 1e-3},
}


def limit_threads():
    """Two processors and two threads for every library; call it before importing one."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
        os.environ[name] = str(THREADS)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", choices=TASKS, required=True)
    parser.add_argument("--batch", type=int)
    chosen = parser.parse_args()
    task = dict(TASKS[chosen.task], name=chosen.task)
    if chosen.batch:
        task["batch"] = chosen.batch
    return task


def load(task):
    """Rows in f32 and labels in i64: pixels divided by 255, or table columns standardized."""
    import numpy as np

    if task["name"] in ("fashion", "lenet"):
        read = lambda name, skip: np.frombuffer(  # noqa: E731
            gzip.decompress((FASHION_MNIST / name).read_bytes()), np.uint8, offset=skip
        )
        pixels = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 784)
        return pixels.astype(np.float32) / np.float32(255), read("train-labels-idx1-ubyte.gz", 8).astype(np.int64)
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32), y.astype(np.int64)


def serve(play_round):
    """Answers each `round` with the time, loss and step count `play_round` gives, until stdin ends."""
    for line in sys.stdin:
        if line.strip() != "round":
            sys.exit(f"expected `round`, got `{line.strip()}`")
        start = time.perf_counter()
        loss, steps = play_round()
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "loss": loss, "steps": steps}), flush=True)
