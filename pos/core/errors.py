"""Errors that people read: a code for programs, a status for HTTP, a message of the catalogue, the field it concerns."""

from __future__ import annotations

from typing import Any, ClassVar

from pos.core.i18n.message import Message


class PosError(Exception):
    """Something was refused; `sentence` says what, `field` where, `extra` carries facts an interface may show.

    `sentence` is English text and knows its own code and values: `pos.core.i18n.message.translated` tells it in the
    language of its reader.

    Nothing has been changed when one of these leaves a unit of work.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, sentence: Message, *, field: str | None = None, **extra: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.extra = extra


class Invalid(PosError):
    """A value cannot be used as given."""

    code = "invalid"
    status = 422


class NotFound(PosError):
    """There is no such thing, or it belongs to somebody else: the answer is the same."""

    code = "not_found"
    status = 404


class NotAllowed(PosError):
    """The person is known but may not do this."""

    code = "not_allowed"
    status = 403


class NeedsApproval(PosError):
    """A second person must agree: their PIN, for exactly the action, thing and amount in `extra`."""

    code = "needs_approval"
    status = 403


class NeedsConfirmation(Invalid):
    """An amount is possible and unlikely: whoever typed it says that it is right, naming `amount_minor` of `extra`."""

    code = "needs_confirmation"


class SignInNeeded(PosError):
    """Nobody is signed in, or the sign-in has ended."""

    code = "sign_in_needed"
    status = 401


class SecondFactorNeeded(PosError):
    """Somebody is signed in whose role needs a second factor, and they have none yet: they set it up and do nothing else."""

    code = "second_factor_needed"
    status = 403


class Locked(PosError):
    """Too many wrong attempts; try again at the time named."""

    code = "locked"
    status = 429


class Conflict(PosError):
    """The state has moved on since the person looked."""

    code = "conflict"
    status = 409


class PossibleDuplicate(Conflict):
    """Somebody like this is there already: `clients` of `extra` lists who. A person chooses, or says that it is another."""

    code = "possible_duplicate"


class NoCreditLeft(Conflict):
    """The credit was used by somebody else a moment ago; the single price is in `extra`."""

    code = "no_credit_left"


class AlreadyUsedKey(Conflict):
    """The same key came with other content."""

    code = "key_reused"


class Unbalanced(PosError):
    """A journal entry does not sum to zero: a defect, never the user's fault."""

    code = "unbalanced"
    status = 500


class NotConfigured(PosError):
    """A setting is missing or wrong; the sentence names it and what to write there."""

    code = "not_configured"
    status = 503


class StorageUnavailable(PosError):
    """The database or its disk takes no writes now: it is full, read-only or away. Nothing was saved."""

    code = "storage_unavailable"
    status = 503
