#!/usr/bin/env python3
"""Make tests/data/report.png again, the picture at the top of README.md.

    python3 tools/make_picture.py

It trains on the small digits, takes three parts of the report's page as they are (the result, the
learning curves, a row of mistakes), and lets Chromium draw them.
"""
from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "tests" / "data" / "report.png"
WIDTH, HEIGHT = 1000, 940
#: Left out: the settings, the confusion matrix, the weights, all mistakes but a row.
STYLE = """<style>
main > section:nth-of-type(1), main > section:nth-of-type(3), main > section:nth-of-type(5),
details, footer, .pictures li:nth-child(n+9) { display: none }
</style></head>"""


def main() -> int:
    argparse.ArgumentParser(usage="python3 tools/make_picture.py", description=__doc__,
                            formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("make_picture.py: neither chromium nor google-chrome is there to draw the page",
              file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        subprocess.run([sys.executable, "-m", "purenn.train", "--small", "--quiet",
                        "--report", str(page)], cwd=ROOT, check=True)
        page.write_text(page.read_text(encoding="utf-8").replace("</head>", STYLE, 1),
                        encoding="utf-8")
        subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu",
                        "--hide-scrollbars", f"--user-data-dir={folder}/browser",
                        f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={PICTURE}",
                        page.as_uri()], check=True, stderr=subprocess.DEVNULL)
    print(f"wrote {PICTURE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
