"""JAX: one compiled program per epoch, `lax.scan` over the batches. The short last batch is dropped (a scan needs
equal batches), so JAX does a little less work than the others."""

import peer

peer.limit_threads()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402


def initial_weights(sizes):
    """As PyTorch's `Linear`: uniform in ±1/√fan_in."""
    rng = np.random.default_rng(peer.SEED)
    draw = lambda bound, shape: jnp.asarray(rng.uniform(-bound, bound, shape), jnp.float32)  # noqa: E731
    return [
        (draw(fan_in**-0.5, (fan_in, fan_out)), draw(fan_in**-0.5, (fan_out,)))
        for fan_in, fan_out in zip(sizes, sizes[1:], strict=False)
    ]


def mean_loss(weights, x, y):
    *hidden, (w_out, b_out) = weights
    for w, b in hidden:
        x = jax.nn.relu(x @ w + b)
    log_p = jax.nn.log_softmax(x @ w_out + b_out)
    return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()


def sgd(rate):
    def update(weights, gradients, state):
        return jax.tree.map(lambda w, g: w - rate * g, weights, gradients), state

    return (lambda weights: ()), update


def adam(rate, beta1=0.9, beta2=0.999, eps=1e-8):
    def start(weights):
        zeros = jax.tree.map(jnp.zeros_like, weights)
        return zeros, zeros, jnp.zeros((), jnp.float32)

    def update(weights, gradients, state):
        m, v, t = state
        t = t + 1
        m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradients)
        v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradients)
        m_scale, v_scale = rate / (1 - beta1**t), 1 / (1 - beta2**t)
        step = lambda w, m, v: w - m_scale * m / (jnp.sqrt(v * v_scale) + eps)  # noqa: E731
        return jax.tree.map(step, weights, m, v), (m, v, t)

    return start, update


def main():
    task = peer.arguments()
    x, y = (jnp.asarray(part) for part in peer.load(task))
    batch = task["batch"]
    steps = len(x) // batch
    start, update = (sgd if task["optimizer"] == "sgd" else adam)(task["learning_rate"])

    @jax.jit
    def epoch(key, weights, state, x, y):
        order = jax.random.permutation(key, len(x))[: steps * batch].reshape(steps, batch)

        def step(carry, rows):
            weights, state = carry
            loss, gradients = jax.value_and_grad(mean_loss)(weights, x[rows], y[rows])
            return update(weights, gradients, state), loss

        (weights, state), losses = jax.lax.scan(step, (weights, state), order)
        return weights, state, losses.mean()

    key = jax.random.key(peer.SEED)
    weights = initial_weights(task["sizes"])
    state = start(weights)

    def play_round():
        nonlocal key, weights, state
        for _ in range(task["epochs"]):
            key, this = jax.random.split(key)
            weights, state, loss = epoch(this, weights, state, x, y)
        return float(jax.block_until_ready(loss)), steps * task["epochs"]

    peer.serve(play_round)


if __name__ == "__main__":
    main()
