"""Keys of orders as a browser carries them: signed, so that nobody can mint or guess one."""

from __future__ import annotations

from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from pos.core.app_context import settings
from pos.core.errors import NotFound
from pos.core.messages.sales import NO_SUCH_ORDER


def _serializer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt=f"shop-{purpose}")


def _read(purpose: str, token: str) -> UUID | None:
    try:
        return UUID(_serializer(purpose).loads(token))
    except (BadSignature, ValueError, TypeError, AttributeError):
        return None


def form_key(order_id: UUID) -> str:
    """The key of an order that is still to be placed, for the form."""
    return str(_serializer("form").dumps(order_id.hex))


def order_of_form(key: str) -> UUID | None:
    """The order a form was made for; None for a key that is not ours."""
    return _read("form", key)


def order_token(order_id: UUID) -> str:
    """What stands in the address of an order's page; whoever has it is the buyer."""
    return str(_serializer("order").dumps(order_id.hex))


def order_of_token(token: str) -> UUID:
    """The order behind an address; raises NotFound for a token that is not ours."""
    order_id = _read("order", token)
    if order_id is None:
        raise NotFound(NO_SUCH_ORDER)
    return order_id
