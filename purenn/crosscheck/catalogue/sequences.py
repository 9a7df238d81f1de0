"""Mistakes that only several steps show: what a program keeps between its steps, and loses.

An entry is a way of learning: it is told which step is the next and from which numbers it starts,
and says where that step ends.  What it remembers, it makes from the states it was given.  So it can
be followed along a program's own path, where rounding stays flat, or be run from the start where
only the end is known.

States are flat lists, all weights layer by layer and then all biases.

Sources: the manuals of PyTorch (SGD, Adam, AdamW, RMSprop, Adagrad) and Keras; D. Kingma, J. Ba,
Adam: A Method for Stochastic Optimization (2015).
"""
from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from purenn.crosscheck.questions.sequences import (
    Examples,
    SequenceCase,
    mini_batches,
    one_step,
)
from purenn.crosscheck.truth.blocks import RIGHT, Recipe, step
from purenn.elementary import sqrt
from purenn.linalg import Matrix, Vector, total


class Learner(NamedTuple):
    """A sequence case, and a program for its single steps."""

    case: SequenceCase
    batches: list[Examples]
    #: all weights, then all biases, before the first step
    start: Vector
    #: how many of them are weights
    weights: int
    recipe: Recipe


#: (step, from 0; state before it) -> state after it
Way = Callable[[int, Vector], Vector]


class SequenceMistake(NamedTuple):
    """An entry: what happens between the steps, what to do about it, and how it computes."""

    id: str
    sentence: str
    instead: str
    #: as programs make the mistake; each starts anew for a case
    ways: tuple[Callable[[Learner], Way], ...]
    #: whether it is in what the program keeps, not in which examples a step learns from
    keeps: bool = True
    #: how much further than others a program may be: dividing by roots makes noise larger
    slack: float = 1.0


def flattened(weights: list[Matrix], biases: list[Vector]) -> Vector:
    """All weights layer by layer, row by row, then all biases."""
    return [w for W in weights for row in W for w in row] + [b_j for b in biases for b_j in b]


def restored(state: Vector, sizes: list[int]) -> tuple[list[Matrix], list[Vector]]:
    """The weights and biases of a flat state.  Raises ValueError if it has another length."""
    if len(state) != total([(n + 1) * m for n, m in zip(sizes, sizes[1:])]):
        raise ValueError(f"{len(state)} numbers are not the state of a network {sizes}")
    weights, biases, k = [], [], 0
    for n, m in zip(sizes, sizes[1:]):
        weights.append([state[k + j * n:k + (j + 1) * n] for j in range(m)])
        k += m * n
    for m in sizes[1:]:
        biases.append(state[k:k + m])
        k += m
    return weights, biases


def learner(case: SequenceCase, recipe: Recipe = RIGHT) -> Learner:
    """The case as an entry needs it, its single steps done by the recipe."""
    start = flattened(case.weights, case.biases)
    return Learner(case, mini_batches(case), start, len(flattened(case.weights, [])), recipe)


def gradient(of: Learner, state: Vector, batch: Examples) -> Vector:
    """The mean gradient of a mini-batch's examples, without weight decay."""
    answer = step(one_step(of.case, *restored(state, of.case.sizes), batch), of.recipe)
    return flattened(answer["nabla_w"], answer["nabla_b"])


def descended(of: Learner, state: Vector, g: Vector, decays: float = 1, rate: float = 1) -> Vector:
    """The state after a step against g; ``decays`` is how often the weights decay in it."""
    single = one_step(of.case, [], [], of.batches[0])
    weights, biases = restored(state, of.case.sizes)
    gradient_w, gradient_b = restored(g, of.case.sizes)
    decay = of.recipe.decay(single) ** decays if decays != 1 else of.recipe.decay(single)
    rate_w, rate_b = [rate * eta for eta in of.recipe.rates(single)]
    return flattened(
        [of.recipe.update_w(W, g_w, decay, rate_w) for W, g_w in zip(weights, gradient_w)],
        [of.recipe.update_b(b, g_b, decay, rate_b) for b, g_b in zip(biases, gradient_b)])


def pull(of: Learner, state: Vector) -> Vector:
    """What a step's decay subtracts, over η: (λ/n) w for weights, 0 for biases."""
    decayed = descended(of, state, [0.0] * len(state))
    return [(old - new) / of.case.eta for old, new in zip(state, decayed)]


def combined(p: float, u: Vector, q: float, v: Vector) -> Vector:
    """p u + q v."""
    return [p * u_k + q * v_k for u_k, v_k in zip(u, v)]


def right_way(of: Learner) -> Way:
    """Every step as it should be."""
    return lambda t, state: descended(of, state, gradient(of, state, of.batches[t]))


# What is kept from the steps before.

def accumulating(weights: bool = True, biases: bool = True) -> tuple[Callable[[Learner], Way], ...]:
    """The gradient is added to that of the steps before, for weights, biases or both."""
    return tuple(remembering(1.0, 1.0, weights, biases, of_sums) for of_sums in (False, True))


def reset_by_epoch(of: Learner) -> Way:
    """The gradient is reset when an epoch begins, and not for each mini-batch."""
    kept = [0.0] * len(of.start)

    def way(t: int, state: Vector) -> Vector:
        first = t % len(of.case.mini_batch_sizes) == 0
        kept[:] = combined(0 if first else 1, kept, 1, gradient(of, state, of.batches[t]))
        return descended(of, state, kept)
    return way


def reset_in(last: bool) -> Callable[[Learner], Way]:
    """The gradient is reset in the last layer alone, or in all but the last."""
    def begun(of: Learner) -> Way:
        sizes = of.case.sizes
        marked = flattened([[[float(l == len(sizes) - 2)] * n for _ in range(m)]
                            for l, (n, m) in enumerate(zip(sizes, sizes[1:]))],
                           [[float(l == len(sizes) - 2)] * m for l, m in enumerate(sizes[1:])])
        kept = [0.0] * len(of.start)

        def way(t: int, state: Vector) -> Vector:
            g = gradient(of, state, of.batches[t])
            kept[:] = [g_k if bool(in_last) == last else v_k + g_k
                       for v_k, g_k, in_last in zip(kept, g, marked)]
            return descended(of, state, kept)
        return way
    return begun


def remembering(keep: float, add: float, weights: bool = True, biases: bool = True,
                of_sums: bool = False, decayed: bool = False) -> Callable[[Learner], Way]:
    """A step goes against v ← keep v + add g; where it isn't wanted, against g itself.

    v remembers mean gradients, with the decay term or without, or sums that each step divides by
    its own number of examples.
    """
    def begun(of: Learner) -> Way:
        v = [0.0] * len(of.start)

        def way(t: int, state: Vector) -> Vector:
            size = len(of.batches[t]) if of_sums else 1
            g = gradient(of, state, of.batches[t])
            if decayed:
                g = combined(1, g, 1, pull(of, state))
            v[:] = combined(keep, v, add * size, g)
            return descended(of, state, [
                v_k / size if (weights if k < of.weights else biases) else g_k
                for k, (v_k, g_k) in enumerate(zip(v, g))], decays=0 if decayed else 1)
        return way
    return begun


def nesterov(decay_inside: bool) -> Callable[[Learner], Way]:
    """Nesterov's momentum as libraries have it: the step goes against g + 0.9 v."""
    def begun(of: Learner) -> Way:
        v = [0.0] * len(of.start)

        def way(t: int, state: Vector) -> Vector:
            g = gradient(of, state, of.batches[t])
            if decay_inside:
                g = combined(1, g, 1, pull(of, state))
            v[:] = combined(0.9, v, 1, g)
            return descended(of, state, combined(1, g, 0.9, v), decays=0 if decay_inside else 1)
        return way
    return begun


def looking_ahead(of: Learner) -> Way:
    """Nesterov's momentum as papers have it: the gradient is taken where the velocity leads."""
    v = [0.0] * len(of.start)

    def way(t: int, state: Vector) -> Vector:
        ahead = combined(1, state, -0.9 * of.case.eta, v)
        v[:] = combined(0.9, v, 1, gradient(of, ahead, of.batches[t]))
        return descended(of, state, v)
    return way


def adam(corrected: bool, decay: str, epsilon: float = 1e-8, early: bool = False
         ) -> Callable[[Learner], Way]:
    """Adam with 0.9 and 0.999; the decay is in the gradient, in the step, or nowhere.

    Some libraries add ε early, to a root that is corrected afterwards.
    """
    def begun(of: Learner) -> Way:
        first, second = [0.0] * len(of.start), [0.0] * len(of.start)

        def way(t: int, state: Vector) -> Vector:
            g = gradient(of, state, of.batches[t])
            if decay == "gradient":
                g = combined(1, g, 1, pull(of, state))
            first[:] = combined(0.9, first, 1 - 0.9, g)
            second[:] = combined(0.999, second, 1 - 0.999, [g_k * g_k for g_k in g])
            c1, c2 = (1 - 0.9 ** (t + 1), 1 - 0.999 ** (t + 1)) if corrected else (1.0, 1.0)
            direction = [f / c1 / ((sqrt(s) + epsilon) / sqrt(c2) if early
                                   else sqrt(s / c2) + epsilon) for f, s in zip(first, second)]
            return descended(of, state, direction, decays=1 if decay == "step" else 0)
        return way
    return begun


def scaled_by_root(keep: float, add: float, inside: bool, epsilon: float, decay: str
                   ) -> Callable[[Learner], Way]:
    """RMSprop and AdaGrad: the gradient over the root of a sum or mean of its squares."""
    def begun(of: Learner) -> Way:
        squares = [0.0] * len(of.start)

        def way(t: int, state: Vector) -> Vector:
            g = gradient(of, state, of.batches[t])
            if decay == "gradient":
                g = combined(1, g, 1, pull(of, state))
            squares[:] = combined(keep, squares, add, [g_k * g_k for g_k in g])
            direction = [g_k / (sqrt(s + epsilon) if inside else sqrt(s) + epsilon)
                         for g_k, s in zip(g, squares)]
            return descended(of, state, direction, decays=1 if decay == "step" else 0)
        return way
    return begun


DECAYS = ("gradient", "step", "")


def late(of: Learner) -> Way:
    """The gradient of the mini-batch before is applied; the first step has none."""
    waiting = [[0.0] * len(of.start)]

    def way(t: int, state: Vector) -> Vector:
        waiting.append(gradient(of, state, of.batches[t]))
        return descended(of, state, waiting[t])
    return way


def late_from_the_new_state(of: Learner) -> Way:
    """The gradient of the mini-batch before, taken where the weights are now."""
    def way(t: int, state: Vector) -> Vector:
        g = gradient(of, state, of.batches[t - 1]) if t else [0.0] * len(state)
        return descended(of, state, g)
    return way


def growing_decay(of: Learner) -> Way:
    """The factor 1 − ηλ/n is multiplied into itself at every step."""
    return lambda t, state: descended(of, state, gradient(of, state, of.batches[t]), decays=t + 1)


def accumulated_pull(of: Learner) -> Way:
    """The decay term is added to a gradient that is not reset."""
    kept = [0.0] * len(of.start)

    def way(t: int, state: Vector) -> Vector:
        kept[:] = combined(1, kept, 1, pull(of, state))
        return descended(of, state, combined(1, gradient(of, state, of.batches[t]), 1, kept),
                         decays=0)
    return way


def late_by_its_own_size(of: Learner) -> Way:
    """The sum of the mini-batch before is divided by the size of this one."""
    sums = [[0.0] * len(of.start)]

    def way(t: int, state: Vector) -> Vector:
        size = len(of.batches[t])
        sums.append([size * g_k for g_k in gradient(of, state, of.batches[t])])
        return descended(of, state, [g_k / size for g_k in sums[t]])
    return way


def everything_accumulates(of: Learner) -> Way:
    """Gradient and decay term are added to what is left of both."""
    kept = [0.0] * len(of.start)

    def way(t: int, state: Vector) -> Vector:
        g = gradient(of, state, of.batches[t])
        kept[:] = combined(1, kept, 1, combined(1, g, 1, pull(of, state)))
        return descended(of, state, kept, decays=0)
    return way


def from_the_start(of: Learner) -> Way:
    """Every step starts from the weights and biases of the beginning."""
    way = right_way(of)
    return lambda t, state: way(t, of.start)


def gradient_at_the_start(of: Learner) -> Way:
    """Every gradient is that of the weights and biases of the beginning."""
    return lambda t, state: descended(of, state, gradient(of, of.start, of.batches[t]))


def first_step_only(weights: bool, biases: bool) -> Callable[[Learner], Way]:
    """After the first step the weights, or the biases, stay where they are."""
    def begun(of: Learner) -> Way:
        way = right_way(of)

        def stopped(t: int, state: Vector) -> Vector:
            after = way(t, state)
            return [old if t and (weights if k < of.weights else biases) else new
                    for k, (old, new) in enumerate(zip(state, after))]
        return stopped
    return begun


def first_epoch_only(of: Learner) -> Way:
    """Nothing changes after the first epoch."""
    way, first = right_way(of), len(of.case.mini_batch_sizes)
    return lambda t, state: way(t, state) if t < first else list(state)


# Which examples a step learns from.

def of_other_batches(choose: Callable[[Learner, int], Examples]) -> Callable[[Learner], Way]:
    """Each step learns from the examples that ``choose`` gives it (none: it changes nothing)."""
    def begun(of: Learner) -> Way:
        def way(t: int, state: Vector) -> Vector:
            batch = choose(of, t)
            return descended(of, state, gradient(of, state, batch)) if batch else list(state)
        return way
    return begun


def position(of: Learner, t: int) -> tuple[int, int]:
    """Where the mini-batch of a step begins among the case's examples, and how many it takes."""
    k = t % len(of.case.mini_batch_sizes)
    return sum(of.case.mini_batch_sizes[:k]), of.case.mini_batch_sizes[k]


def nominal(of: Learner) -> int:
    """The size that mini-batches have but for a last one that is smaller."""
    return of.case.mini_batch_sizes[0]


def first_again(of: Learner, t: int) -> Examples:
    return of.batches[0]


def all_so_far(of: Learner, t: int) -> Examples:
    start, size = position(of, t)
    return of.case.examples[:start + size]


def all_so_far_in_all_epochs(of: Learner, t: int) -> Examples:
    return [example for batch in of.batches[:t + 1] for example in batch]


def without_a_smaller_one(of: Learner, t: int) -> Examples:
    return of.batches[t] if len(of.batches[t]) >= nominal(of) else []


def filled_from_the_front(of: Learner, t: int) -> Examples:
    lacking = max(nominal(of) - len(of.batches[t]), 0)
    return of.batches[t] + of.case.examples[:lacking]


def filled_from_before(of: Learner, t: int) -> Examples:
    start, size = position(of, t)
    lacking = max(nominal(of) - size, 0)
    return of.case.examples[max(start - lacking, 0):start + size]


def of_targets(choose: Callable[[Examples, int], int], within: bool) -> Callable[..., Examples]:
    """Every x with another example's y, within its mini-batch or within all examples."""
    def chosen(of: Learner, t: int) -> Examples:
        start, size = position(of, t)
        pool = of.batches[t] if within else of.case.examples
        first = 0 if within else start
        return [(of.batches[t][e][0], pool[choose(pool, first + e)][1]) for e in range(size)]
    return chosen


def next_one(pool: Examples, e: int) -> int:
    return (e + 1) % len(pool)


def one_before(pool: Examples, e: int) -> int:
    return e - 1


def opposite(pool: Examples, e: int) -> int:
    return len(pool) - 1 - e


def from_behind(of: Learner, t: int) -> Examples:
    start, size = position(of, t)
    return of.case.examples[::-1][start:start + size]


def batches_from_behind(of: Learner, t: int) -> Examples:
    count = len(of.case.mini_batch_sizes)
    return of.batches[count - 1 - t % count]


def one_by_one(of: Learner) -> Way:
    """A step for each example, instead of one for the mini-batch."""
    def way(t: int, state: Vector) -> Vector:
        for example in of.batches[t]:
            state = descended(of, state, gradient(of, state, [example]))
        return state
    return way


# How far a step goes.

def by_nominal_size(of: Learner) -> Way:
    """The sum of the gradients is divided by the nominal size of a mini-batch."""
    def way(t: int, state: Vector) -> Vector:
        g = gradient(of, state, of.batches[t])
        share = len(of.batches[t]) / nominal(of)
        return descended(of, state, [share * g_k for g_k in g])
    return way


def rate_by_step(factor: Callable[[int, Learner], float], decay_too: bool = False
                 ) -> Callable[[Learner], Way]:
    """η times a factor that depends on the step."""
    def begun(of: Learner) -> Way:
        def way(t: int, state: Vector) -> Vector:
            g, c = gradient(of, state, of.batches[t]), factor(t, of)
            if not decay_too:
                return descended(of, state, g, rate=c)
            return descended(of, state, combined(1, g, 1, pull(of, state)), decays=0, rate=c)
        return way
    return begun


def fading(factor: Callable[[int, Learner], float]) -> tuple[Callable[[Learner], Way], ...]:
    return rate_by_step(factor), rate_by_step(factor, decay_too=True)


RESET = "Set the gradient to zero before each mini-batch."
PLAIN = "Plain gradient descent: w ← (1 − ηλ/n) w − (η/m) Σ ∂C/∂w, the same rule in every step."
OWN = "another optimizer than asked: "
FRESH = "Take the next mini-batch's own examples, each with its own target."

#: in the order in which they are proposed where several fit: first what public reports name most
LEARNING: tuple[SequenceMistake, ...] = (
    SequenceMistake(
        "gradient-not-reset", "the gradient is never reset: those of all mini-batches before are "
        "still in the sum (momentum with the factor 1 would give the same numbers)", RESET,
        accumulating()),
    SequenceMistake(
        "gradient-reset-by-epoch", "the gradient is reset when an epoch begins, and not for each "
        "mini-batch: those of the mini-batches before are still in the sum", RESET,
        (reset_by_epoch,)),
    SequenceMistake(
        "bias-gradient-not-reset", "the gradient of the biases is never reset: those of the "
        "mini-batches before are still in the sum", RESET, accumulating(weights=False)),
    SequenceMistake(
        "weight-gradient-not-reset", "the gradient of the weights is never reset: those of "
        "the mini-batches before are still in the sum", RESET, accumulating(biases=False)),
    SequenceMistake(
        "gradient-reset-in-one-layer", "the gradient is reset in the last layer alone, or in all "
        "but the last: elsewhere what is left of the mini-batches before is still in the sum",
        RESET, (reset_in(True), reset_in(False))),
    SequenceMistake(
        "last-batch-dropped", "the last mini-batch, which is smaller, is dropped: its step "
        "changes nothing", "Take the examples that are left over as a mini-batch of their own.",
        (of_other_batches(without_a_smaller_one),), keeps=False),
    SequenceMistake(
        "momentum", OWN + "each step has momentum, nine tenths of the velocity before are added",
        PLAIN, (remembering(0.9, 1.0), remembering(0.9, 1.0, of_sums=True),
                remembering(0.9, 1.0, decayed=True))),
    SequenceMistake(
        "nesterov", OWN + "each step has Nesterov's momentum with the factor 0.9", PLAIN,
        (nesterov(False), nesterov(True), looking_ahead)),
    SequenceMistake(
        "running-average", OWN + "each step follows a running average, 0.9 v + 0.1 g, of the "
        "gradients", PLAIN, (remembering(0.9, 1 - 0.9),)),
    SequenceMistake(
        "adam", OWN + "Adam (0.9, 0.999), in itself as it should be", PLAIN,
        tuple(adam(True, decay, epsilon, early) for decay in DECAYS for epsilon in (1e-8, 1e-7)
              for early in (False, True)), slack=1024.0),
    SequenceMistake(
        "adam-uncorrected", OWN + "Adam (0.9, 0.999), and that without its bias correction",
        PLAIN, tuple(adam(False, decay) for decay in DECAYS), slack=1024.0),
    SequenceMistake(
        "rmsprop", OWN + "RMSprop, the gradient over the root of a running mean of its squares",
        PLAIN, tuple(scaled_by_root(keep, 1 - keep, inside, epsilon, decay)
                     for keep in (0.9, 0.99) for inside in (False, True)
                     for epsilon in (1e-8, 1e-7) for decay in DECAYS), slack=1024.0),
    SequenceMistake(
        "adagrad", OWN + "AdaGrad, the gradient over the root of the sum of its squares", PLAIN,
        tuple(scaled_by_root(1.0, 1.0, inside, epsilon, decay) for inside in (False, True)
              for epsilon in (1e-10, 1e-8, 1e-7) for decay in DECAYS), slack=1024.0),
    SequenceMistake(
        "nominal-size", "the gradient of a smaller mini-batch is divided by the nominal size, not "
        "by the number of examples that it has", "Divide by the number of examples in this "
        "mini-batch.", (by_nominal_size,)),
    SequenceMistake(
        "last-batch-filled", "the last mini-batch, which is smaller, is filled up with examples "
        "that were used before", "Take the examples that are left over as a mini-batch of their "
        "own.", (of_other_batches(filled_from_the_front), of_other_batches(filled_from_before)),
        keeps=False),
    SequenceMistake(
        "first-batch-again", "every step learns from the first mini-batch again: the index is not "
        "advanced", FRESH, (of_other_batches(first_again),), keeps=False),
    SequenceMistake(
        "gradient-late", "every step applies the gradient of the mini-batch before: the step comes "
        "before backpropagation", "Run backpropagation first, then take the step.",
        (late, late_by_its_own_size, late_from_the_new_state)),
    SequenceMistake(
        "targets-shifted", "each example is paired with the target of the next one (or of the one "
        "before): x and y are shifted or shuffled apart", FRESH,
        tuple(of_other_batches(of_targets(choose, within)) for choose in (next_one, one_before)
              for within in (False, True)), keeps=False),
    SequenceMistake(
        "targets-backwards", "the targets are in reverse order, the inputs are not", FRESH,
        tuple(of_other_batches(of_targets(opposite, within)) for within in (False, True)),
        keeps=False),
    SequenceMistake(
        "all-so-far", "a mini-batch begins at the first example every time, and so holds all the "
        "examples so far: data[:k + m] instead of data[k:k + m]", FRESH,
        (of_other_batches(all_so_far), of_other_batches(all_so_far_in_all_epochs)), keeps=False),
    SequenceMistake(
        "order-reversed", "the examples are used in reverse order, the last one first", FRESH,
        (of_other_batches(from_behind), of_other_batches(batches_from_behind)), keeps=False),
    SequenceMistake(
        "start-restored", "every step starts from the weights of the beginning: what was learned "
        "is thrown away", "Go on from the weights that the step before has left.",
        (from_the_start,)),
    SequenceMistake(
        "gradient-at-start", "every gradient is computed with the weights of the beginning: "
        "backpropagation still reads a copy made before the first step",
        "Let forward and backward pass read the weights as they are now.",
        (gradient_at_the_start,)),
    SequenceMistake(
        "biases-once", "the biases are trained in the first step only, and never change "
        "afterwards", "Assign the new biases to what the network reads.",
        (first_step_only(False, True),)),
    SequenceMistake(
        "weights-once", "the weights are trained in the first step only, and never change "
        "afterwards", "Assign the new weights to what the network reads.",
        (first_step_only(True, False),)),
    SequenceMistake(
        "learning-once", "only the first step changes anything", "Assign the new weights and "
        "biases to what the network reads.", (first_step_only(True, True),)),
    SequenceMistake(
        "one-epoch", "only one epoch is learned from, not as many as the case asks for",
        "Go through the examples as often as epochs says.", (first_epoch_only,), keeps=False),
    SequenceMistake(
        "decay-grows", "the weight decay accumulates: 1 − ηλ/n is multiplied into itself, so that "
        "the second step decays twice, the third three times",
        "Multiply the weights by 1 − ηλ/n once in each step.",
        (growing_decay, accumulated_pull)),
    SequenceMistake(
        "decayed-gradient-not-reset", "the gradient is never reset, and the weight decay that is "
        "part of it accumulates with it", RESET, (everything_accumulates,)),
    SequenceMistake(
        "one-by-one", "there is a step for each example, not one for the mini-batch",
        "Take the mean gradient of the mini-batch, all from the same weights, and one step.",
        (one_by_one,), keeps=False),
    SequenceMistake(
        "rate-by-root", "the learning rate is divided by the root of the number of steps; η stays "
        "as it is given", PLAIN, fading(lambda t, of: 1 / sqrt(t + 1))),
    SequenceMistake(
        "rate-by-step", "the learning rate is divided by the number of steps so far; η stays as it "
        "is given", PLAIN, fading(lambda t, of: 1 / (t + 1))),
)
