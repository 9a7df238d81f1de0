"""A feedforward network, and backpropagation: all derivatives of its cost in one backward pass.

THE NETWORK.  Layer 0 is the input.  Every later layer l computes from the layer before it

    z^l_j = Σ_k w^l_jk a^(l−1)_k + b^l_j        its weighted inputs,      a^0 = x
    a^l_j = σ(z^l_j)                            its activations,          a^L = the output

where w^l_jk is the weight from neuron k of layer l − 1 to neuron j of layer l, b^l_j is a bias and
σ is the layer's activation function.  The cost C says how far a^L is from the target y.

THE QUESTION.  To learn is to move every weight and bias a little against its derivative ∂C/∂w^l_jk
or ∂C/∂b^l_j.  How are these found?  One could change each weight by a little and run the network
again: one forward pass for each of thousands of weights.  The chain rule needs only two passes.

WHAT TO CARRY.  A weight w^l_jk influences the cost in one way only: through z^l_j.  So does the
bias b^l_j.  If the derivative with respect to z^l_j is known, which is called the error

    δ^l_j = ∂C/∂z^l_j,

then the weights and the bias of that neuron are one application of the chain rule away.  That is
why δ is the thing to carry from layer to layer: one number a neuron, instead of one a weight.

(BP1) THE LAST LAYER.  C depends on z^L through a^L = σ(z^L).  By the chain rule

    δ^L_j = ∂C/∂a^L_j σ′(z^L_j),

which costs.py works out for each cost: (a − y) ⊙ σ′(z), or just a − y where σ′ cancels.  (Softmax,
where every output depends on every z, takes a sum instead: see activations.py and costs.py.)

(BP2) FROM LAYER TO LAYER.  The neuron k of layer l influences C through every neuron j of layer
l + 1, because z^(l+1)_j = Σ_i w^(l+1)_ji σ(z^l_i) + b^(l+1)_j, where one of the i is k: so
∂z^(l+1)_j/∂z^l_k = w^(l+1)_jk σ′(z^l_k).  The chain rule adds up all paths:

    δ^l_k = Σ_j ∂C/∂z^(l+1)_j ∂z^(l+1)_j/∂z^l_k = (Σ_j δ^(l+1)_j w^(l+1)_jk) σ′(z^l_k),

as vectors δ^l = ((W^(l+1))ᵀ δ^(l+1)) ⊙ σ′(z^l).  Here is where the transpose comes from: on the
way forward the sum runs over k, the second index of w_jk, and a row of W meets the vector a; on
the way back it runs over j, the first, and a column of W meets the vector δ.  The same weights,
read in the other direction.

(BP3) THE BIASES.  ∂z^l_j/∂b^l_j = 1, so ∂C/∂b^l_j = δ^l_j.

(BP4) THE WEIGHTS.  ∂z^l_j/∂w^l_jk = a^(l−1)_k, so ∂C/∂w^l_jk = δ^l_j a^(l−1)_k: the error at the
head of the connection times the activation at its tail.  All these products of an entry of one
vector and an entry of another make up a matrix, the outer product δ^l (a^(l−1))ᵀ.  Its rank is at
most one: the two vectors say everything, and the matrix is formed only on request.

THE PRICE.  The forward pass uses each weight once, in a multiplication by an activation
(z = W a + b).  The backward pass uses each weight at most once, in a multiplication by an error
(BP2): it costs about as much as the forward pass, however many derivatives there are.  Forming
all of them (BP4), one product each, costs as much again.

Sources: D. Rumelhart, G. Hinton, R. Williams, Learning representations by back-propagating errors,
Nature 323 (1986); the names and labels are those of M. Nielsen, Neural Networks and Deep Learning,
ch. 2.  In the code, weights[0] and biases[0] belong to the first layer after the input.
"""
from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from operator import index

from purenn import checks
from purenn.activations import OUTPUTS, Activation, ReLU, Sigmoid, Softmax, Tanh
from purenn.costs import COSTS, Cost, CrossEntropyCost
from purenn.elementary import is_negative, sqrt
from purenn.floats import gaussians
from purenn.linalg import (
    Matrix,
    Number,
    Sparse,
    Target,
    Vector,
    add_outer,
    affine,
    argmax,
    nonzero,
    transpose_times,
    vectorized_result,
    zeros,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar


class Gradient(namedtuple("Gradient", "weights biases")):
    """∂C/∂w and ∂C/∂b, in the shapes of a network's weights and biases."""

    __slots__ = ()


class Layer(namedtuple("Layer", "z a nonzero")):
    """What a forward pass leaves behind in a layer, for the backward pass to use.

    z and a are vectors, and nonzero holds the indices k with a[k] ≠ 0.
    """

    __slots__ = ()

    @property
    def sparse(self) -> Sparse:
        return self.a, self.nonzero


class Network:
    """A feedforward network with sizes[0] inputs, sizes[-1] outputs and hidden layers between.

    ``weights[l]`` is a matrix of shape sizes[l+1] × sizes[l] and ``biases[l]`` a vector of length
    sizes[l+1]; both may be assigned, with numbers of any kind.  What is assigned is copied, because
    training changes the network's own lists.  A target ``y`` is a vector of length sizes[-1], or
    an int that stands for its one-hot vector.  All random numbers, here and in training, come from
    ``rng``.

    The output activation is the cost's usual one unless another is given.  Raises ValueError if
    there are fewer than two sizes, if one is not a positive int, if the hidden neurons' activation
    is softmax, or if the cost does not go with the output's; so does assigning weights or biases
    of another shape.
    """

    # Training, evaluation and saving have modules of their own; __init__.py attaches them.
    update_mini_batch: ClassVar[Callable[..., None]]
    SGD: ClassVar[Callable[..., Any]]  # sgd.Monitors, which this module does not know
    total_cost: ClassVar[Callable[..., Number]]
    accuracy: ClassVar[Callable[..., int]]
    save: ClassVar[Callable[[Network, str], None]]

    def __init__(self, sizes: Sequence[int], cost: Cost = CrossEntropyCost,
                 hidden: Activation = Sigmoid, seed: int = 0,
                 output: Activation | None = None) -> None:
        from random import Random  # imported here so that `import purenn` stays fast

        self.sizes = checks.check_sizes(sizes)
        self.cost = checks.named(cost, Cost, COSTS)
        self.hidden = checks.named(hidden, Activation, OUTPUTS)
        self.output = checks.named(output or self.cost.outputs[0], Activation, OUTPUTS)
        self.rng = Random(checks.whole_number("the seed", seed, 0))
        checks.check_functions(self.cost, self.hidden, self.output)
        if self.hidden is ReLU:
            self.he_weight_initializer()
        else:
            self.default_weight_initializer()

    @property
    def weights(self) -> list[Matrix]:
        return self._weights

    @weights.setter
    def weights(self, weights: list[Matrix]) -> None:
        checks.check_weights(weights, self.sizes)
        self._weights = [[list(row) for row in W] for W in weights]

    @property
    def biases(self) -> list[Vector]:
        return self._biases

    @biases.setter
    def biases(self, biases: list[Vector]) -> None:
        checks.check_biases(biases, self.sizes)
        self._biases = [list(b) for b in biases]

    def default_weight_initializer(self) -> None:
        """Draw weights with mean 0 and standard deviation 1/√n_in, biases with 1, from Gaussians.

        With n_in inputs near 1 a neuron's weighted input then has the standard deviation √2,
        however many inputs there are, and its sigmoid is not saturated (Nielsen, ch. 3).
        """
        self._draw(lambda n_in: 1 / sqrt(n_in), bias_deviation=1)

    def large_weight_initializer(self) -> None:
        """Draw weights and biases from a Gaussian of mean 0 and deviation 1 (Nielsen, ch. 1)."""
        self._draw(lambda n_in: 1, bias_deviation=1)

    def he_weight_initializer(self) -> None:
        """Draw weights with standard deviation √(2/n_in); biases are zero.

        ReLU neurons pass on half of what they get; the 2 makes up for it, so that signals neither
        fade nor grow from layer to layer (K. He et al., Delving Deep into Rectifiers, 2015).
        """
        self._draw(lambda n_in: sqrt(2 / n_in), bias_deviation=0)

    def _draw(self, deviation: Callable[[int], float], bias_deviation: float) -> None:
        gauss = gaussians(self.rng).__next__
        shapes = list(zip(self.sizes[1:], self.sizes))
        self.biases = [[bias_deviation * gauss() for _ in range(m)] for m, n in shapes]
        self.weights = [[[deviation(n) * gauss() for _ in range(n)] for _ in range(m)]
                        for m, n in shapes]

    def forward(self, x: Vector) -> list[Layer]:
        """One forward pass: the state of every layer, the input included (its z is empty).

        Raises ValueError if x is not a list of sizes[0] numbers.
        """
        return self.forward_all([x])[0]

    def forward_all(self, xs: Sequence[Vector]) -> list[list[Layer]]:
        """A forward pass for each input, all of them layer by layer; see ``forward``."""
        for x in xs:
            checks.check_vector("the input", x, self.sizes[0])
        passes = [[Layer([], x, nonzero(x))] for x in xs]
        activations = [self.hidden] * (len(self.weights) - 1) + [self.output]
        for W, b, activation in zip(self.weights, self.biases, activations):
            zs = affine(W, b, [layers[-1].sparse for layers in passes])
            for layers, z in zip(passes, zs):
                a = activation.forward(z)
                layers.append(Layer(z, a, nonzero(a)))
        return passes

    def feedforward(self, x: Vector) -> Vector:
        """The network's output for the input x."""
        return self.forward(x)[-1].a

    def errors(self, layers: list[Layer], y: Target) -> list[Vector]:
        """One backward pass: δ of every layer after the input, from what ``forward`` returned."""
        top, y = layers[-1], self.target(y)
        checks.check_sum("the target", y, self.cost)
        delta = self.cost.delta(top.z, top.a, y, self.output)                          # (BP1)
        deltas = [delta]
        for l in range(len(self.weights) - 1, 0, -1):
            back = transpose_times(self.weights[l], delta)  # weights[l] leads from layers[l] upward
            delta = self.hidden.backward(back, layers[l].z)                            # (BP2)
            deltas.append(delta)
        deltas.reverse()
        return deltas

    def backprop(self, x: Vector, y: Target) -> Gradient:
        """The gradient of the cost of one example (weight decay is no part of it)."""
        layers = self.forward(x)
        gradient = Gradient(weights=[zeros(len(W), len(W[0])) for W in self.weights],
                            biases=self.errors(layers, y))                             # (BP3)
        for nabla_w, delta, below in zip(gradient.weights, gradient.biases, layers):
            add_outer(nabla_w, 1, [(delta, below.sparse)])                             # (BP4)
        return gradient

    def example_cost(self, layers: list[Layer], y: Target) -> Number:
        """The cost of one example, from what ``forward`` returned."""
        return self.cost.fn(layers[-1].z, layers[-1].a, self.target(y))

    def target(self, y: Target) -> Vector:
        """The target y as a vector.

        Raises ValueError if it is not a list of sizes[-1] numbers, or is an int but not a class.
        """
        if checks.is_class(y):
            if self.sizes[-1] == 1 and self.output is not Softmax:
                return [checks.whole_number("the class", index(y), 0, most=1)]
            return vectorized_result(index(y), self.sizes[-1])
        checks.check_vector("the target", y, self.sizes[-1])
        return y

    @property
    def has_classes(self) -> bool:
        """Whether the outputs stand for classes: several do, and one that goes from no to yes."""
        return self.sizes[-1] > 1 or self.output in (Sigmoid, Tanh)

    def class_of(self, v: Vector) -> int:
        """The class that an output or a target stands for: the index of its largest entry, or, if
        it has only one, whether that lies above the middle."""
        return argmax(v) if len(v) > 1 else int(is_negative(self.middle(v) - v[0]))

    def middle(self, v: Vector) -> Number:
        """σ(0), as a number of the vector's kind: half way between no and yes."""
        return self.output.forward([0 * v[0]])[0]
