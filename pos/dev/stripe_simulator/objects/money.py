"""Currencies, smallest charges and fees of the simulated account."""

from __future__ import annotations

from pos.dev.stripe_simulator.errors import ApiError

# Currencies Stripe counts in whole units, and those it counts in thousandths. ISK and UGX are counted in hundredths.
_WHOLE = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
_THOUSANDTHS = frozenset("bhd jod kwd omr tnd".split())
_OTHERS = frozenset(
    "aed ars aud azn bam bdt bgn bob brl cad chf cny cop crc czk dkk dop dzd egp eur fjd gbp gel ghs gtq hkd hnl huf "
    "idr ils inr isk kes kzt lkr mad mdl mkd mop mur mxn myr ngn nok npr nzd pen php pkr pln qar ron rsd sar sek sgd "
    "thb try twd tzs uah ugx usd uyu uzs zar".split()
)
SUPPORTED = _WHOLE | _THOUSANDTHS | _OTHERS

_SMALLEST = {
    "usd": 50, "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
    "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
LARGEST = 99_999_999


def digits(currency: str) -> int:
    """Digits after the point as Stripe counts them."""
    return 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2


def shown(amount: int, currency: str) -> str:
    """An amount for the simulator's pages: `24.16 USD`."""
    places = digits(currency)
    whole, part = divmod(abs(amount), 10**places)
    text = f"{whole:,}" + (f".{part:0{places}d}" if places else "")
    return f"{'−' if amount < 0 else ''}{text} {currency.upper()}"


def check_currency(currency: str, param: str = "currency") -> str:
    """The currency in lower case; raises ApiError when Stripe does not take it."""
    if currency.lower() not in SUPPORTED:
        raise ApiError(400, f"Invalid currency: {currency}. Stripe does not support it.", param=param)
    return currency.lower()


def check_amount(amount: int, currency: str, param: str = "amount") -> int:
    """The amount; raises ApiError below the currency's smallest charge or above eight digits."""
    smallest = _SMALLEST.get(currency, 1)
    if amount < smallest:
        raise ApiError(
            400, f"Amount must be at least {shown(smallest, currency)}", code="amount_too_small", param=param
        )
    if amount > LARGEST:
        raise ApiError(
            400, f"Amount must be no more than {shown(LARGEST, currency)}", code="amount_too_large", param=param
        )
    return amount


def fee(amount: int, *, present: bool) -> int:
    """What Stripe keeps: 2.7 % + 5 at a reader, 2.9 % + 30 online, rounded half up."""
    thousandths, fixed = (27, 5) if present else (29, 30)
    return min(amount, (amount * thousandths + 500) // 1000 + fixed)
