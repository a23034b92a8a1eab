"""Where a certified security device (TSE) would come in: what it signed of each bon. There is none, so nothing is signed.

KassenSichV asks for one at every electronic till. Whoever connects a device lets `signed` give what the device answered when
the bon was rung up, and stores it at that moment: a signature cannot be made afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pos.reports.bookkeeping.dsfinvk.bons import Bon


@dataclass(frozen=True, slots=True)
class Device:
    """A TSE, by the columns of tse.csv after TSE_ID."""

    serial: str
    algorithm: str
    time_format: str
    encoding: str
    public_key: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What a device signed of a bon, by the columns of transactions_tse.csv after TSE_ID."""

    device: Device
    number: int
    start: str
    end: str
    kind: str
    counter: int
    signature: str
    failure: str = ""
    data: str = ""


def signed(bons: Sequence[Bon]) -> dict[str, Signed]:
    """What was signed of some bons, by their BON_ID: nothing, for no device is connected."""
    del bons
    return {}
