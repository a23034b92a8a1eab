"""A receipt printer on the network: lines of text as ESC/POS bytes, sent to its raw port.

The code page of each sign is chosen by python-escpos (the extra `hardware`); the layout is ours, and so is the connection:
that of the library opens at the first write and waits a minute.
"""

from __future__ import annotations

import socket
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from invoices.roll_text import RollLine
from pos.core.errors import NotConfigured, PosError
from pos.core.messages.till import PRINTER_OF_58_MM, PRINTER_OF_80_MM, PRINTER_SILENT, PRINTING_NOT_INSTALLED

# Letters that no accent explains, where a printer has no code page for them.
_BASE = str.maketrans("ŁłĐđØøıßÆæŒœÞþ", "LlDdOoisAaOoTt")
_HEARD_FOR = 0.5  # seconds; many printers never close the connection
_CUT_AFTER = 4  # blank lines, so that the last one is beyond the blade


class PrinterSilent(PosError):
    """The printer did not take the document; what was sold is not touched. No fault of ours: it is off, or out of paper."""

    code = "printer_silent"
    status = 409


@dataclass(frozen=True, slots=True)
class PrinterModel:
    """A kind of printer: how many characters a line has, its profile in python-escpos, whether it draws QR codes."""

    name: str
    columns: int
    profile: str
    has_codes: bool = True


MODELS = {
    "epson_t88": PrinterModel("Epson TM-T88", 42, "TM-T88V"),
    "epson_t20": PrinterModel("Epson TM-T20, TM-m30", 48, "TM-T20II"),
    "other_80": PrinterModel(PRINTER_OF_80_MM, 48, "default"),
    "other_58": PrinterModel(PRINTER_OF_58_MM, 32, "POS-5890", has_codes=False),
}


def require_installed() -> None:
    """Raise NotConfigured where the extra is not installed."""
    try:
        import escpos  # noqa: F401 - an extra; most clinics print by the browser
    except ImportError:
        raise NotConfigured(PRINTING_NOT_INSTALLED) from None


def _printable(printer: Any, text: str) -> str:
    """Text with every sign the printer has no code page for replaced by its base letter, or by a question mark."""
    has = printer.magic.encoder.find_suitable_encoding
    found = []
    for sign in text:
        # Beyond the scripts of Europe the library answers with bytes of two, which these printers take for two signs.
        if sign.isascii() or (sign < "\u2e80" and has(sign)):
            found.append(sign)
            continue
        base = "".join(one for one in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(one))
        base = base.translate(_BASE)
        found.append(base if base.isascii() else "?")
    return "".join(found)


def encode(lines: Sequence[RollLine], model: str, *, pulse: bool = False) -> bytes:
    """The bytes that print lines and cut; `pulse` opens the drawer first. Raises NotConfigured without the extra.

    No lines and a pulse open the drawer alone. The drawer is asked on pin 2: the cable of nearly all of them.
    """
    require_installed()
    from escpos.printer import Dummy

    printer = Dummy(profile=MODELS[model].profile)
    printer.hw("INIT")
    if pulse:
        printer.cashdraw(2)
    for line in lines:
        if line.code and MODELS[model].has_codes:
            printer.set(align="center")
            printer.qr(line.text, native=True, size=5)
        else:
            align = "center" if line.centred else "left"
            printer.set(
                align=align,
                bold=line.bold,
                double_height=line.large,
                double_width=False,
                normal_textsize=not line.large,
            )
            printer.text(_printable(printer, line.text) + "\n")
    if lines:
        printer.print_and_feed(_CUT_AFTER)
        printer.cut(feed=False)
    output: bytes = printer.output
    return output


def _hear_out(connection: socket.socket) -> None:
    """Read what a printer says of itself until it closes, or for half a second.

    A connection that is closed with unread bytes is reset, and the end of the job may be lost with it.
    """
    connection.settimeout(_HEARD_FOR)
    try:
        while connection.recv(1024):
            pass
    except OSError:
        return  # it said nothing more in time, or closed in its own manner: the job was read


def send(host: str, port: int, content: bytes, name: str, *, seconds: float = 3.0) -> None:
    """Hand bytes to a printer; raises PrinterSilent where it is off, away, or does not take them within the time."""
    try:
        with socket.create_connection((host, port), timeout=seconds) as connection:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            _hear_out(connection)
    except OSError:
        raise PrinterSilent(PRINTER_SILENT(name=name)) from None
