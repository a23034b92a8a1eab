"""What a nightly job did at a location: `nightly_runs.outcome`."""

from __future__ import annotations

from pos.core.i18n.message import Message

NIGHT_EXPIRED = Message("night_expired", "Lots expired: %(lots)s. Gift cards expired: %(cards)s.")
NIGHT_BREAKAGE = Message("night_breakage", "Lots whose breakage changed: %(lots)s.")
NIGHT_REMINDED = Message("night_reminded", "Reminders sent: %(reminders)s.")
NIGHT_CLOSED = Message("night_closed", "Days closed: %(days)s. Months closed: %(months)s.")
NIGHT_SUMMED = Message("night_summed", "Days summed: %(days)s.")
NIGHT_HOLDS = Message("night_holds", "Every check holds.")
NIGHT_FAILS = Message("night_fails", "Checks that fail: %(checks)s.")
NIGHT_WAITS = Message("night_waits", "Waits: %(why)s")
NIGHT_FAILED = Message("night_failed", "Failed: %(error)s")
