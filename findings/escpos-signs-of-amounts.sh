#!/bin/sh
# python-escpos 3.1: the thousands separator of French amounts (U+202F) and the minus of typeset ones (U+2212) are printed as a
# question mark with every profile, so a discount of −1 200,00 reads ?1?200,00. A sign of Chinese is not: it leaves as two bytes
# without a change of the code page, and a printer of Latin letters prints two letters for it. Romanian ș is a question mark.
# Seen with default, TM-T88V, TM-T20II, POS-5890: “?1?200,00” and 2 bytes for 日. Fails when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-escpos==3.1
"$folder/venv/bin/python" - <<'PYTHON'
import re
import sys

from escpos.printer import Dummy

AMOUNT = "\u22121\u202f200,00"
seen = set()
for profile in ("default", "TM-T88V", "TM-T20II", "POS-5890"):
    sent = []
    for text in (AMOUNT, "日", "ș"):
        printer = Dummy(profile=profile)
        before = len(printer.output)
        printer.text(text)
        sent.append(printer.output[before:])
    # ESC t n chooses a code page; what stays is what the paper shows.
    paper = [re.sub(rb"\x1bt.", b"", one, flags=re.DOTALL) for one in sent]
    print(profile, *paper)
    seen.add((paper[0], len(paper[1]), paper[2]))
sys.exit(0 if seen == {(b"?1?200,00", 2, b"?")} else f"changed: {seen}")
PYTHON
echo "as described"
