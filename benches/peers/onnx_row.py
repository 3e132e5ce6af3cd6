"""ONNX Runtime with bound buffers, one thread: one row of a network at a time.

As a peer it answers each `round` on stdin with one line of JSON. With `--against PROGRAM` (our side, the example
`peer_row` of rosenblatt-autodiff, built with `--release`) it runs that program in turn with itself and prints the
medians, and the median of the ratios of neighboring rounds.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import peer

# As in the other peer.
PREDICTIONS = 5_000


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", choices=peer.TASKS, required=True)
    parser.add_argument("--against")
    parser.add_argument("--rounds", type=int, default=21)
    return parser.parse_args()


def numbers(count):
    """Weights and inputs that both peers can make."""
    import numpy as np

    return (np.arange(count) * 7919 % 1013).astype(np.float32) / np.float32(1013) - np.float32(0.5)


def model(sizes):
    """The network as an ONNX file in memory: Gemm and Relu."""
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes, tensors, h = [], [], "x"
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        last = i + 2 == len(sizes)
        tensors.append(numpy_helper.from_array(numbers(fan_out * fan_in).reshape(fan_out, fan_in), f"{i}.weight"))
        tensors.append(numpy_helper.from_array(numbers(fan_out), f"{i}.bias"))
        z = "y" if last else f"z{i}"
        nodes.append(helper.make_node("Gemm", [h, f"{i}.weight", f"{i}.bias"], [z], transB=1))
        if not last:
            h = f"h{i}"
            nodes.append(helper.make_node("Relu", [z], [h]))
    value = lambda name, size: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size])  # noqa: E731
    graph = helper.make_graph(nodes, "row", [value("x", sizes[0])], [value("y", sizes[-1])], tensors)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(made)
    return made.SerializeToString()


def predictor(sizes):
    """A function that predicts the bound row, and the array it writes to."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model(sizes), options, providers=["CPUExecutionProvider"])
    x, y = numbers(sizes[0]).reshape(1, -1), np.zeros((1, sizes[-1]), np.float32)
    binding = session.io_binding()
    binding.bind_input("x", "cpu", 0, np.float32, x.shape, x.ctypes.data)
    binding.bind_output("y", "cpu", 0, np.float32, y.shape, y.ctypes.data)
    # The binding holds addresses only: the arrays live as long as the function.
    return lambda keep=(x, y): session.run_with_iobinding(binding), y


def play_round(predict, y):
    start = time.perf_counter()
    for _ in range(PREDICTIONS):
        predict()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "predictions": PREDICTIONS, "first": float(y[0, 0])}


def compare(ours, predict, y, rounds):
    """Rounds in turn; the first of each is not counted."""
    times = []
    for _ in range(rounds + 1):
        ours.stdin.write("round\n")
        ours.stdin.flush()
        mine = json.loads(ours.stdout.readline())
        theirs = play_round(predict, y)
        if abs(mine["first"] - theirs["first"]) > 1e-3 * max(1, abs(theirs["first"])):
            sys.exit(f"the outputs differ: {mine['first']} and {theirs['first']}")
        times.append((mine["seconds"] / mine["predictions"], theirs["seconds"] / PREDICTIONS))
    return times[1:]


def main():
    peer.limit_threads()
    chosen = arguments()
    predict, y = predictor(peer.TASKS[chosen.task]["sizes"])
    if not chosen.against:
        for line in sys.stdin:
            if line.strip() != "round":
                sys.exit(f"expected `round`, got `{line.strip()}`")
            print(json.dumps(play_round(predict, y)), flush=True)
        return
    command = [chosen.against, "--task", chosen.task]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as ours:
        times = compare(ours, predict, y, chosen.rounds)
        ours.stdin.close()
    mine, theirs = ([pair[i] * 1e6 for pair in times] for i in (0, 1))
    ratio = statistics.median(a / b for a, b in times)
    print(
        f"{chosen.task}: ours {statistics.median(mine):.2f} µs (least {min(mine):.2f}), "
        f"onnxruntime {statistics.median(theirs):.2f} µs (least {min(theirs):.2f}), ours / theirs {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
