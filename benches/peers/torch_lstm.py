"""PyTorch's `nn.LSTM`: 64 units, 64 sequences of 512 steps, one step of descent a round, on two threads.

As a peer it answers each `round` on stdin with one line of JSON. With `--against PROGRAM` (our side, the example
`peer_lstm` of rosenblatt-autodiff, built with `--release`) it runs that program in turn with itself and prints medians,
the median of the ratios of neighboring rounds, and the peak memory of both.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import peer

# As in the other peer.
STEPS, BATCH, UNITS, RATE = 512, 64, 64, 0.01


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--against")
    parser.add_argument("--rounds", type=int, default=21)
    return parser.parse_args()


def trainer():
    """A function that trains one step and returns the loss."""
    peer.limit_threads()
    import torch

    torch.set_num_threads(peer.THREADS)

    def numbers(shape, width):
        count = torch.Size(shape).numel()
        return ((torch.arange(count) * 7919 % 1013).float() / 1013 - 0.5).reshape(shape) * width

    model = torch.nn.LSTM(UNITS, UNITS)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(numbers(parameter.shape, 0.25))
    x, y = numbers((STEPS, BATCH, UNITS), 2.0), numbers((STEPS, BATCH, UNITS), 1.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x)[0], y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def serve():
    step = trainer()
    for line in sys.stdin:
        if line.strip() != "round":
            sys.exit(f"expected `round`, got `{line.strip()}`")
        start = time.perf_counter()
        loss = step()
        print(json.dumps({"seconds": time.perf_counter() - start, "loss": loss}), flush=True)


def start(command):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def play(process):
    time.sleep(0.2)  # threads of the other one go to sleep
    process.stdin.write("round\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def peak(process):
    """The most memory the process had, in MiB."""
    with open(f"/proc/{process.pid}/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def compare(program, rounds):
    ours, theirs = start([program]), start([sys.executable, __file__])
    play(ours), play(theirs)
    pairs = [(play(ours), play(theirs)) for _ in range(rounds)]
    median = lambda side: statistics.median(pair[side]["seconds"] for pair in pairs) * 1e3  # noqa: E731
    ratio = statistics.median(a["seconds"] / b["seconds"] for a, b in pairs)
    print(f"rosenblatt {median(0):.1f} ms, PyTorch {median(1):.1f} ms, median of ratios {ratio:.3f}")
    print(f"peak memory: rosenblatt {peak(ours):.0f} MiB, PyTorch {peak(theirs):.0f} MiB")
    print(f"loss: {pairs[-1][0]['loss']:.6f} and {pairs[-1][1]['loss']:.6f}; compiled in {pairs[0][0]['compile']:.3f} s")
    for process in (ours, theirs):
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    chosen = arguments()
    if chosen.against:
        compare(chosen.against, chosen.rounds)
    else:
        serve()
