#!/usr/bin/env python3
"""Write the questions and answers in purenn/crosscheck/vectors/ anew.

Run it when a case, an entry of the catalogue or a tolerance has changed; it takes 15 seconds.
``python3 -m purenn.crosscheck cases`` and ``answers``, without and with ``--sequences``, write the
same files, but ``cases`` looks up in cases.json which entries a case is there for, and here that
is computed.
"""
from __future__ import annotations

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from purenn.crosscheck.questions.cases import cases_content
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.questions.sequences import built_in_sequences, sequences_content
from purenn.crosscheck.vectors.contents import (
    FOLDER,
    answers_with_tolerances,
    as_document,
    reasons,
    sequence_answers,
)
from purenn.store.files import write_whole


def main() -> None:
    argparse.ArgumentParser(description=__doc__,
                            formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    cases, sequences = built_in(), built_in_sequences()
    for name, content in (("cases.json", cases_content(cases, reasons(cases))),
                          ("answers.json", answers_with_tolerances(cases)),
                          ("sequences.json", sequences_content(sequences)),
                          ("sequence-answers.json", sequence_answers(sequences))):
        document = as_document(content)
        write_whole(str(FOLDER / name), document)
        print(f"{name}: {len(document)} bytes")


if __name__ == "__main__":
    main()
