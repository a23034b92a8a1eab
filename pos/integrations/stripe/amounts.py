"""Between ISO 4217's minor units and the units Stripe counts in, which differ for a few currencies."""

from __future__ import annotations

from pos.core.money import exponent

# https://docs.stripe.com/currencies: counted without a point, where ISO may say otherwise (MGA) …
_WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
# … in thousandths of which the last digit must be 0 …
_THOUSANDTHS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
# … and everything else in hundredths, ISK and UGX too, though ISO gives them no minor unit.


def _stripe_exponent(currency: str) -> int:
    return 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2


def to_stripe(minor: int, currency: str) -> int:
    """Stripe's integer for an amount; raises ValueError when Stripe cannot take exactly this amount."""
    shift = _stripe_exponent(currency) - exponent(currency)
    amount, rest = (minor * 10**shift, 0) if shift >= 0 else divmod(minor, 10**-shift)
    if rest or (currency in _THOUSANDTHS and amount % 10):
        raise ValueError(f"Stripe cannot charge {minor} minor units of {currency} exactly")
    return int(amount)


def from_stripe(amount: int, currency: str) -> int:
    """ISO minor units of an amount Stripe names; raises ValueError for a fraction of one."""
    shift = exponent(currency) - _stripe_exponent(currency)
    minor, rest = (amount * 10**shift, 0) if shift >= 0 else divmod(amount, 10**-shift)
    if rest:
        raise ValueError(f"{amount} is a fraction of a minor unit of {currency}")
    return int(minor)
