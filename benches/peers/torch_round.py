"""PyTorch, eager: the whole f32 data set in memory, a batch taken by index, its fastest optimizer variant."""

import peer

peer.limit_threads()

import torch  # noqa: E402


def make_optimizer(task, parameters):
    if task["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=task["learning_rate"], fused=True)
    return torch.optim.Adam(parameters, lr=task["learning_rate"], fused=True)


def network(task):
    """Linear layers and ReLU, or LeNet-5 with ReLU and max pooling."""
    nn = torch.nn
    if task["name"] == "lenet":
        block = lambda *conv, **options: [nn.Conv2d(*conv, **options), nn.ReLU(), nn.MaxPool2d(2)]  # noqa: E731
        dense = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
        image = nn.Unflatten(1, (1, 28, 28))
        return nn.Sequential(image, *block(1, 6, 5, padding=2), *block(6, 16, 5), nn.Flatten(), *dense)
    layers = []
    for fan_in, fan_out in zip(task["sizes"], task["sizes"][1:], strict=False):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def main():
    task = peer.arguments()
    torch.manual_seed(peer.SEED)
    torch.set_num_threads(peer.THREADS)
    x, y = (torch.from_numpy(part) for part in peer.load(task))
    net = network(task)
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
