"""How the CSV files of a location are written: by RFC 4180, or as spreadsheets set to a decimal comma open them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class CsvForm:
    """What stands between cells, and before decimals."""

    separator: str = ","
    decimal_mark: str = "."

    @property
    def is_rfc_4180(self) -> bool:
        """Whether programs read it as it is."""
        return self == RFC_4180


RFC_4180 = CsvForm()
# By the word that is kept of a location.
CSV_FORMS: Mapping[str, CsvForm] = MappingProxyType({"comma": RFC_4180, "semicolon": CsvForm(";", ",")})
