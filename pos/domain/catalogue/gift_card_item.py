"""The one item a gift card is sold as. It has no price: what it costs is what it is worth."""

from __future__ import annotations

from uuid import UUID

# Written by the migration that brought gift cards; a sale line of any location may name it.
GIFT_CARD_ITEM = UUID("019cf2a4-0000-7000-8000-000000000001")
GIFT_CARD = "gift_card"
