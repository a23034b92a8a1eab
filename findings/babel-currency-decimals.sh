#!/bin/sh
# Babel 2.18.0: format_currency takes the decimals of a currency from CLDR, where ISO 4217 says two: a Serbian dinar, an
# Albanian lek and an Iraqi dinar lose theirs. Babel 2.19.0 gives the Serbian dinar its decimals back and takes them from the
# forint, the rupiah and the Colombian peso. A till whose lines have ISO decimals prints totals that do not look like their sum.
# Seen: 2.18.0 “1.235 RSD”, “1.235 ALL”, “1.234,56 HUF”; 2.19.0 “1.234,56 RSD”, “1.235 HUF”. Fails when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 2.18.0 2.19.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "babel==$version"
  "$folder/$version/bin/python" - "$version" <<'PYTHON'
import sys
from decimal import Decimal

from babel.numbers import format_currency

version = sys.argv[1]
amount = Decimal("1234.56")
digits = {}
for currency in ("EUR", "RSD", "ALL", "IQD", "HUF", "IDR", "COP"):
    shown = format_currency(amount, currency, locale="de_DE")
    digits[currency] = len(shown.partition(",")[2].split("\u00a0")[0])
    print(version, currency, shown)
expected = {"EUR": 2, "RSD": 2 if version == "2.19.0" else 0, "ALL": 0, "IQD": 0}
later = 0 if version == "2.19.0" else 2
expected |= {"HUF": later, "IDR": later, "COP": later}
sys.exit(0 if digits == expected else f"changed: {digits} instead of {expected}")
PYTHON
done
echo "as described"
