#!/usr/bin/env python3
"""Write purenn/crosscheck/vectors/cases.json and answers.json anew.

Run it when a case, an entry of the catalogue or a tolerance has changed; it takes 15 seconds.
``python3 -m purenn.crosscheck cases`` and ``answers`` write the same files, but ``cases`` looks up
in cases.json which entries a case is there for, and here that is computed.
"""
from __future__ import annotations

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from purenn.crosscheck.questions.cases import cases_content
from purenn.crosscheck.questions.collection import built_in
from purenn.crosscheck.vectors.contents import (
    FOLDER,
    answers_with_tolerances,
    as_document,
    reasons,
)
from purenn.store.files import write_whole


def main() -> None:
    argparse.ArgumentParser(description=__doc__,
                            formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    cases = built_in()
    for name, content in (("cases.json", cases_content(cases, reasons(cases))),
                          ("answers.json", answers_with_tolerances(cases))):
        document = as_document(content)
        write_whole(str(FOLDER / name), document)
        print(f"{name}: {len(cases)} cases, {len(document)} bytes")


if __name__ == "__main__":
    main()
