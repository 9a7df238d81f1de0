"""The catalogue: mistakes that people make, and conventions that are no mistakes.

Each entry says what it is, what to do, where in the reference to look, and how a program with it
computes (see recipe.py).  They stand in files by the block of the step that they act in, in the
order of the computation; within a file the commonest come first, and its head says by what count.
Where nothing tells two entries apart, the one that stands first is named first.

Sources: the listing in "Musings over Backpropagation" that purenn began from, and M. Nielsen's
``network2.py``; 46 programs that people teach with and 38 reports of mistakes; the manuals of
PyTorch (BCELoss, CrossEntropyLoss, SGD, Adam), Keras (epsilon) and FANN; S. Fahlman, An Empirical
Study of Learning Speed (1988); Y. LeCun and others, Efficient BackProp (1998); A. Karpathy, A
Recipe for Training Neural Networks (2019).
"""
from __future__ import annotations

from purenn.crosscheck.catalogue import (
    back,
    convention,
    cost,
    derivative,
    error,
    forward,
    gradient,
    step,
)

#: (what the entries are about, the entries)
GROUPS = (("Mistakes of the forward pass", forward.ENTRIES),
          ("Mistakes in the costs", cost.ENTRIES),
          ("Mistakes in the output error δ", error.ENTRIES),
          ("Mistakes in the derivatives", derivative.ENTRIES),
          ("Mistakes on the way back", back.ENTRIES),
          ("Mistakes in the gradients", gradient.ENTRIES),
          ("Mistakes in the step", step.ENTRIES),
          ("Conventions of numbers, to be named with --convention", convention.ENTRIES))

CONVENTIONS = convention.ENTRIES

MISTAKES = [entry for _, entries in GROUPS for entry in entries if not entry.convention]
