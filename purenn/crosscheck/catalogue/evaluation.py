"""Mistakes in what is said of a trained network: its predictions, how many are right, its cost.

Each entry makes the number that a program with the mistake reports, from the outputs and costs of
the final network.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from purenn.crosscheck.catalogue.sequences import Learner, restored
from purenn.crosscheck.questions.sequences import Examples, one_step
from purenn.crosscheck.truth.blocks import step
from purenn.elementary import exp
from purenn.linalg import Vector, argmax, total


class Seen(NamedTuple):
    """What a network says of a sequence case's examples."""

    learner: Learner
    #: the final state, and the states before each of the steps
    final: Vector
    before: list[Vector]
    outputs: list[Vector]
    costs: Vector
    #: the classes that the answer reports, if it does
    reported: list[Any] | None


class EvaluationMistake(NamedTuple):
    """An entry: the field it shows in, what happens, what to do, and what a program reports."""

    id: str
    field: str
    sentence: str
    instead: str
    #: as programs make the mistake; None where one would crash or has nothing to report
    reports: tuple[Callable[[Seen], Any], ...]


def class_of(a: Vector) -> int:
    """The class that an output stands for: 1 above ½ for a single neuron, else the largest."""
    return int(a[0] > 0.5) if len(a) == 1 else argmax(a)


def seen(learner: Learner, final: Vector, before: list[Vector],
         reported: list[Any] | None = None) -> Seen:
    """What the network of the final state says."""
    outputs, costs = said(learner, final, learner.case.examples)
    return Seen(learner, final, before, outputs, costs, reported)


def said(learner: Learner, state: Vector, examples: Examples) -> tuple[list[Vector], Vector]:
    """Outputs and costs of the examples by the network of a state."""
    answer = step(one_step(learner.case, *restored(state, learner.case.sizes), examples),
                  learner.recipe)
    return [layers[-1] for layers in answer["activations"]], answer["costs"]


def classes(outputs: list[Vector]) -> list[int]:
    return [class_of(a) for a in outputs]


def targets(of: Seen) -> list[Vector]:
    return [y for _, y in of.learner.case.examples]


def mean(v: Vector) -> float:
    return total(v) / len(v)


def agreeing(p: list[Any], q: list[Any]) -> int:
    """In how many places two lists of classes agree."""
    return len([1 for one, other in zip(p, q) if one == other])


def in_batches(of: Seen, v: list[Any]) -> list[list[Any]]:
    """A list with an entry for each example, cut into mini-batches."""
    found, k = [], 0
    for size in of.learner.case.mini_batch_sizes:
        found.append(v[k:k + size])
        k += size
    return found


def while_learning(of: Seen, after: bool) -> tuple[list[Vector], Vector]:
    """Outputs and costs of each example of the last epoch by the network of its own step."""
    states = [*of.before[1:], of.final] if after else of.before
    outputs, costs = [], []
    for state, batch in list(zip(states, of.learner.batches))[
            -len(of.learner.case.mini_batch_sizes):]:
        more, their_costs = said(of.learner, state, batch)
        outputs += more
        costs += their_costs
    return outputs, costs


def classes_while_learning(after: bool) -> Callable[[Seen], list[int]]:
    return lambda of: classes(while_learning(of, after)[0])


def correct_while_learning(after: bool) -> Callable[[Seen], int]:
    def count(of: Seen) -> int:
        epoch = of.learner.batches[-len(of.learner.case.mini_batch_sizes):]
        return agreeing(classes(while_learning(of, after)[0]),
                        classes([y for batch in epoch for _, y in batch]))
    return count


def cost_while_learning(after: bool, of_means: bool) -> Callable[[Seen], float]:
    def cost(of: Seen) -> float:
        costs = while_learning(of, after)[1]
        return mean([mean(part) for part in in_batches(of, costs)] if of_means else costs)
    return cost


def of_start(of: Seen) -> tuple[list[Vector], Vector]:
    """What the network before the first step says."""
    return said(of.learner, of.learner.start, of.learner.case.examples)


def above_half_before_the_sigmoid(of: Seen) -> list[int]:
    """With one output, the threshold ½ taken of its weighted input: a > 0.622…"""
    return [int(a[0] > 1 / (1 + exp(-0.5))) if len(a) == 1 else class_of(a) for a in of.outputs]


def over_examples(of: Seen) -> list[int]:
    """For each output neuron the example for which it is largest."""
    return [argmax(list(column)) for column in zip(*of.outputs)]


def one_hot_against_class(of: Seen) -> int:
    """How many numbers of all one-hot targets equal their example's predicted class."""
    return agreeing([c for c, y in zip(classes(of.outputs), targets(of)) for _ in y],
                    [y_j for y in targets(of) for y_j in y])


def rounded_entries(of: Seen) -> int:
    """How many single numbers of the rounded outputs agree with the targets."""
    return agreeing([float(a_j > 0.5) for a in of.outputs for a_j in a],
                    [y_j for y in targets(of) for y_j in y])


def whole_vectors(of: Seen) -> int:
    """How many rounded outputs agree with their whole target."""
    return agreeing([[float(a_j > 0.5) for a_j in a] for a in of.outputs], targets(of))


def by_argmax_alone(of: Seen) -> int:
    return agreeing([argmax(a) for a in of.outputs], [argmax(y) for y in targets(of)])


def correct(of: Seen) -> int:
    return agreeing(classes(of.outputs), classes(targets(of)))


def correct_of_last(of: Seen) -> int:
    last = of.learner.case.mini_batch_sizes[-1]
    return agreeing(classes(of.outputs)[-last:], classes(targets(of))[-last:])


def decay(of: Seen) -> float:
    """(λ/2n) Σ w² of the final network."""
    squares = total([w * w for w in of.final[:of.learner.weights]])
    return of.learner.case.lmbda * squares / (2 * of.learner.case.n)


def means_of_batches(of: Seen) -> float:
    return mean([mean(part) for part in in_batches(of, of.costs)])


AFTERWARDS = "Evaluate all examples with the final network, when all steps are done."
CLASS = ("The class is the index of the largest output of an example; with one output, 1 above ½ "
         "and else 0.")
COUNT = "Count the examples whose predicted class is their target's class."
MEAN = "Add up the costs of all examples and divide by their number; no weight decay."

EVALUATION: tuple[EvaluationMistake, ...] = (
    EvaluationMistake(
        "argmax-axis", "predictions", "the argmax is taken along the wrong axis: over the "
        "examples, for each output neuron, not over the output neurons of an example", CLASS,
        (over_examples,)),
    EvaluationMistake(
        "argmax-of-one", "predictions", "the class is the argmax of a single output, which is "
        "always 0", CLASS,
        (lambda of: [0] * len(of.outputs) if len(of.outputs[0]) == 1 else classes(of.outputs),)),
    EvaluationMistake(
        "class-from-1", "predictions", "classes are counted from 1", CLASS,
        (lambda of: [c + 1 for c in classes(of.outputs)],)),
    EvaluationMistake(
        "threshold-0", "predictions", "the threshold of a single output is 0, which a sigmoid is "
        "always above", CLASS,
        (lambda of: [1] * len(of.outputs) if len(of.outputs[0]) == 1 else classes(of.outputs),)),
    EvaluationMistake(
        "threshold-before-sigmoid", "predictions", "the threshold ½ is taken of the weighted input "
        "of a single output, not of its activation", CLASS, (above_half_before_the_sigmoid,)),
    EvaluationMistake(
        "predicted-before-learning", "predictions", "the examples are classified by the network as "
        "it was before the first step", AFTERWARDS, (lambda of: classes(of_start(of)[0]),)),
    EvaluationMistake(
        "class-inverted", "predictions", "the class is the smallest output, not the largest: "
        "the comparison is the wrong way round", CLASS,
        (lambda of: [1 - class_of(a) if len(a) == 1 else argmax([-a_j for a_j in a])
                     for a in of.outputs],)),
    EvaluationMistake(
        "targets-predicted", "predictions", "the classes reported are those of the targets",
        CLASS, (lambda of: classes(targets(of)),)),
    EvaluationMistake(
        "predicted-while-learning", "predictions", "each example is classified while the network "
        "learns, by the weights of its own step, not by the final ones", AFTERWARDS,
        (classes_while_learning(False), classes_while_learning(True))),
    EvaluationMistake(
        "one-hot-against-class", "correct", "the predicted classes are compared with the one-hot "
        "targets, not with their classes", COUNT,
        (one_hot_against_class, lambda of: 0, rounded_entries, whole_vectors)),
    EvaluationMistake(
        "correct-along-axis", "correct", "the argmax is taken along the wrong axis: over the "
        "examples, for each output neuron", COUNT,
        (lambda of: agreeing(over_examples(of),
                             [argmax(list(column)) for column in zip(*targets(of))]),)),
    EvaluationMistake(
        "correct-of-last-batch", "correct", "only the last mini-batch is counted", COUNT,
        (correct_of_last,)),
    EvaluationMistake(
        "wrong-ones-counted", "correct", "those that are wrong are counted, not those that are "
        "right", COUNT, (lambda of: len(of.outputs) - correct(of),)),
    EvaluationMistake(
        "correct-a-fraction", "correct", "the number is a fraction of all, or a percentage, not a "
        "count", COUNT, (lambda of: correct(of) / len(of.outputs),
                         lambda of: 100 * correct(of) / len(of.outputs))),
    EvaluationMistake(
        "always-correct", "correct", "the argmax of a single output is compared with that of a "
        "single target: both are always 0, so all count as right", CLASS, (by_argmax_alone,)),
    EvaluationMistake(
        "counted-before-learning", "correct", "those that the network got right before the first "
        "step are counted", AFTERWARDS,
        (lambda of: agreeing(classes(of_start(of)[0]), classes(targets(of))),)),
    EvaluationMistake(
        "counted-while-learning", "correct", "each example is counted while the network learns, by "
        "the weights of its own step, not by the final ones", AFTERWARDS,
        (correct_while_learning(False), correct_while_learning(True))),
    EvaluationMistake(
        "mean-of-batch-means", "mean_cost", "the mean cost is the mean of the mini-batches' means, "
        "in which the examples of a smaller mini-batch count more", MEAN, (means_of_batches,)),
    EvaluationMistake(
        "mean-cost-with-decay", "mean_cost", "the mean cost has the weight decay term in it", MEAN,
        (lambda of: mean(of.costs) + decay(of), lambda of: mean(of.costs) + 2 * decay(of))),
    EvaluationMistake(
        "cost-summed", "mean_cost", "the cost is the sum over the examples, not their mean", MEAN,
        (lambda of: total(of.costs),)),
    EvaluationMistake(
        "cost-of-last-batch", "mean_cost", "the cost is that of the last mini-batch alone", MEAN,
        (lambda of: mean(in_batches(of, of.costs)[-1]),)),
    EvaluationMistake(
        "cost-while-learning", "mean_cost", "each example's cost is taken while the network "
        "learns, by the weights of its own step, not by the final ones", AFTERWARDS,
        tuple(cost_while_learning(after, of_means)
              for after in (False, True) for of_means in (False, True))),
    EvaluationMistake(
        "cost-before-learning", "mean_cost", "the mean cost is that of the network before the "
        "first step", AFTERWARDS, (lambda of: mean(of_start(of)[1]),)),
    EvaluationMistake(
        "cost-by-nominal-size", "mean_cost", "the sum is divided by the number of mini-batches "
        "times their nominal size, not by the number of examples", MEAN,
        (lambda of: total(of.costs) / (len(of.learner.case.mini_batch_sizes)
                                       * of.learner.case.mini_batch_sizes[0]),)),
)
