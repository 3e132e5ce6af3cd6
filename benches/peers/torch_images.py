"""PyTorch, eager: Fashion-MNIST by the network and the recipe that `train fashion-mnist --epochs 10` chooses by itself.

Prints a line of JSON: `seconds` of the training with its evaluations, and the test `accuracy` of the epoch with the lowest
validation loss. `--seed N` draws other weights, batches and validation rows.
"""

import argparse
import gzip
import json
import math
import time

import peer

peer.limit_threads()

import torch  # noqa: E402
from torch import nn  # noqa: E402

EPOCHS, BATCH, RATE, WARM_UP, VALID = 10, 256, 0.01, 0.05, 12_000


def load(name):
    read = lambda file, skip: torch.frombuffer(  # noqa: E731
        bytearray(gzip.decompress((peer.FASHION_MNIST / file).read_bytes())[skip:]), dtype=torch.uint8
    )
    pixels = read(f"{name}-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    return pixels.float() / 255, read(f"{name}-labels-idx1-ubyte.gz", 8).long()


def block(inputs, outputs):
    return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.GELU(), nn.Dropout(0.2)]


def factor(step, total):
    rise = WARM_UP * total
    if step < rise:
        return (step + 1) / rise
    return (1 + math.cos(math.pi * (step - rise) / (total - rise))) / 2


def evaluate(net, x, y):
    """Mean loss and accuracy."""
    net.eval()
    with torch.no_grad():
        logits = net(x)
        loss = nn.functional.cross_entropy(logits, y).item()
    net.train()
    return loss, (logits.argmax(1) == y).float().mean().item()


def train(net, train, valid, test):
    x, y = train
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    total = EPOCHS * math.ceil(len(x) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: factor(step, total))
    best = (math.inf, 0.0)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(x)).split(BATCH):
            loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
        best = min(best, (evaluate(net, *valid)[0], evaluate(net, *test)[1]))
    return best[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    torch.manual_seed(parser.parse_args().seed)
    torch.set_num_threads(peer.THREADS)
    (x, y), test = load("train"), load("t10k")
    valid, rest = torch.randperm(len(x)).split([VALID, len(x) - VALID])
    net = nn.Sequential(*block(784, 256), *block(256, 128), nn.Linear(128, 10))
    start = time.perf_counter()
    accuracy = train(net, (x[rest], y[rest]), (x[valid], y[valid]), test)
    print(json.dumps({"seconds": time.perf_counter() - start, "accuracy": accuracy}))


if __name__ == "__main__":
    main()
