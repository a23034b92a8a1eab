"""The modules that declare reports, in the order of the list in the office. A new report's module is added here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pos.reports.books import journal, rollforward  # noqa: F401  (imported for their declarations)
from pos.reports.registry import DECLARED, Report
from pos.reports.sales import sales_export, tips  # noqa: F401  (imported for their declarations)


def reports() -> Mapping[str, Report]:
    """Every declared report by its name."""
    return MappingProxyType(DECLARED)
