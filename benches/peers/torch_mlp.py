"""PyTorch, eager: the whole f32 data set in memory, a batch taken by index, its fastest optimizer variant."""

import peer

peer.limit_threads()

import torch  # noqa: E402


def make_optimizer(task, parameters):
    if task["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=task["learning_rate"], fused=True)
    return torch.optim.Adam(parameters, lr=task["learning_rate"], fused=True)


def main():
    task = peer.arguments()
    torch.manual_seed(peer.SEED)
    torch.set_num_threads(peer.THREADS)
    x, y = (torch.from_numpy(part) for part in peer.load(task))
    layers = []
    for fan_in, fan_out in zip(task["sizes"], task["sizes"][1:], strict=False):
        layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers[:-1])
    optimizer = make_optimizer(task, net.parameters())
    loss_of = torch.nn.CrossEntropyLoss()

    def epoch():
        batches = torch.randperm(len(x)).split(task["batch"])
        total = torch.zeros(())
        for rows in batches:
            loss = loss_of(net(x[rows]), y[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(rows)
        return total.item() / len(x), len(batches)

    def play_round():
        epochs = [epoch() for _ in range(task["epochs"])]
        return epochs[-1][0], sum(steps for _, steps in epochs)

    peer.serve(play_round)


if __name__ == "__main__":
    main()
