"""The refund policies: every figure of the domain, as arithmetic."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.core.money import Rates, cumulative_share
from pos.domain.credits.rules.refund_policies import (
    Owned,
    Preview,
    Step,
    may_withdraw,
    preview,
    single_price_with_tax,
)

# Ten for 900.00 as in docs/rules.md: (net, tax) at sale, percent, whether the price includes it.
A1 = (818_18, 81_82, "10", True)
A2 = (750_00, 150_00, "20", True)
A3 = (900_00, 90_00, "10", False)


def owned(
    sold: tuple[int, int, str, bool],
    policy: str,
    *,
    credits: int = 10,
    used: int = 3,
    given_away: int = 0,
    single: int = 100_00,
    fee: int = 0,
) -> Owned:
    """A package of which `used` sessions were redeemed and `given_away` transferred to somebody."""
    net, tax, percent, inclusive = sold
    gone = used + given_away
    return Owned(
        policy=policy,
        credits=credits,
        left=credits - gone,
        net_minor=net,
        tax_minor=tax,
        liability_minor=net - cumulative_share(net, gone, credits),
        single_minor=[single] * gone,
        tax_percent=Decimal(percent),
        tax_inclusive=inclusive,
        fee_minor=fee,
    )


def split(found: Preview) -> tuple[int, int, int]:
    """Total, net and tax."""
    return found.total_minor, found.net_minor, found.tax_minor


@pytest.mark.parametrize(
    ("sold", "figures"),
    [(A1, (630_00, 572_73, 57_27)), (A2, (630_00, 525_00, 105_00)), (A3, (693_00, 630_00, 63_00))],
    ids=["A1", "A2", "A3"],
)
def test_refund_policy_pro_rata_gives_worked_figures(
    sold: tuple[int, int, str, bool], figures: tuple[int, int, int]
) -> None:
    found = preview(owned(sold, "pro_rata"))
    assert split(found) == figures
    assert found.extra_revenue_minor == 0
    assert not found.as_credit


@pytest.mark.parametrize(
    ("sold", "figures", "extra", "in_the_end"),
    [
        (A1, (600_00, 545_45, 54_55), 27_28, (272_73, 27_27)),
        (A2, (600_00, 500_00, 100_00), 25_00, (250_00, 50_00)),
        (A3, (660_00, 600_00, 60_00), 30_00, (300_00, 30_00)),
    ],
    ids=["A1", "A2", "A3"],
)
def test_refund_policy_single_price_gives_worked_figures(
    sold: tuple[int, int, str, bool], figures: tuple[int, int, int], extra: int, in_the_end: tuple[int, int]
) -> None:
    package = owned(sold, "single_price")
    found = preview(package)
    assert split(found) == figures
    assert found.extra_revenue_minor == extra
    recognised = package.net_minor - package.liability_minor
    assert (recognised + found.extra_revenue_minor, package.tax_minor - found.tax_minor) == in_the_end


def test_refund_policy_store_credit_equals_pro_rata_as_credit() -> None:
    found = preview(owned(A1, "store_credit"))
    assert split(found) == (630_00, 572_73, 57_27)
    assert found.as_credit


def test_refund_policy_buy_five_get_one_gives_worked_figures() -> None:
    after_five = {"credits": 6, "used": 5, "single": 85_00}
    untaxed = (425_00, 0, "0", False)
    assert preview(owned(untaxed, "pro_rata", **after_five)).total_minor == 70_83
    assert preview(owned(untaxed, "single_price", **after_five)).total_minor == 0


def test_refund_policy_statutory_withdrawal_deducts_visit_only_if_requested() -> None:
    """Hard case 1: bought 1 June, one used 5 June, withdrawn 12 June."""
    untaxed = (900_00, 0, "0", False)
    package = owned(untaxed, "single_price", used=1)
    assert preview(package, statutory=True, begun_on_request=True).total_minor == 810_00
    whole = preview(package, statutory=True)
    assert whole.total_minor == 900_00
    # The session that was used is free, so its revenue is taken back.
    assert whole.extra_revenue_minor == -90_00
    assert whole.steps[-1].text.startswith("Sessions used: %(count)s, free")


@pytest.mark.parametrize(
    ("online", "country", "today", "may"),
    [
        (True, "DE", date(2026, 6, 12), True),
        (True, "DE", date(2026, 6, 15), True),
        (True, "DE", date(2026, 6, 16), False),
        (True, "GB", date(2026, 6, 1), True),
        (False, "DE", date(2026, 6, 12), False),
        (True, "US", date(2026, 6, 12), False),
        (True, "DE", date(2026, 5, 31), False),
    ],
)
def test_withdrawal_right_depends_on_channel_country_and_days(
    online: bool, country: str, today: date, may: bool
) -> None:
    assert may_withdraw(online=online, country=country, bought_on=date(2026, 6, 1), today=today) is may


def test_refund_policy_more_used_than_paid_is_zero() -> None:
    """Hard case 2: ten for 700.00, list 100.00, eight used."""
    untaxed = (700_00, 0, "0", False)
    found = preview(owned(untaxed, "single_price", used=8))
    assert split(found) == (0, 0, 0)
    assert found.credits == 2
    assert found.extra_revenue_minor == 140_00
    assert [step.minor for step in found.steps] == [700_00, -800_00, 100_00]


def test_refund_policy_transferred_credits_are_excluded() -> None:
    """Hard case 10: ten, three used, two given away; her 180.00 of liability is not touched."""
    untaxed = (900_00, 0, "0", False)
    pro_rata = preview(owned(untaxed, "pro_rata", given_away=2))
    assert (pro_rata.total_minor, pro_rata.credits, pro_rata.liability_minor) == (450_00, 5, 450_00)
    single = preview(owned(untaxed, "single_price", given_away=2))
    assert (single.total_minor, single.extra_revenue_minor) == (400_00, 50_00)


def test_refund_policy_fee_is_deducted_and_listed() -> None:
    found = preview(owned(A1, "single_price", fee=25_00))
    assert found.total_minor == 575_00
    assert [step.minor for step in found.steps] == [900_00, -300_00, -25_00]


def test_refund_policy_earlier_refund_is_deducted() -> None:
    package = owned(A1, "pro_rata", used=0)
    assert preview(package).total_minor == 900_00
    again = preview(replace(package, given_back_minor=850_00))
    assert again.total_minor == 50_00
    assert again.steps[-1].text == "Given back before"


def test_refund_policy_no_earlier_refund_has_no_step() -> None:
    assert preview(owned(A1, "pro_rata", used=0)).steps == (
        Step("Paid for the package", 900_00),
        Step("Sessions used: %(count)s of %(of)s", 0, count=0, of=10),
    )
    assert preview(owned(A1, "single_price", used=0)).steps == (Step("Paid for the package", 900_00),)
    assert preview(owned(A1, "single_price", used=0), statutory=True).steps == (Step("Paid for the package", 900_00),)


def test_refund_policy_steps_explain_each_policy() -> None:
    assert preview(owned(A3, "pro_rata")).steps == (
        Step("Paid for the package", 990_00),
        Step("Sessions used: %(count)s of %(of)s", -297_00, count=3, of=10),
    )
    assert preview(owned(A3, "single_price", fee=25_00)).steps == (
        Step("Paid for the package", 990_00),
        Step("Sessions used: %(count)s, at the single price of %(each)s", -330_00, count=3, each_minor=110_00),
        Step("Fee named in the terms", -25_00),
    )
    (paid, free) = preview(owned(A3, "pro_rata"), statutory=True).steps
    assert (paid.minor, free.minor, free.count) == (990_00, 0, 3)


def test_refund_policy_step_without_sessions_counts_none() -> None:
    for line in preview(owned(A1, "single_price", used=0, fee=25_00)).steps:
        assert (line.count, line.of, line.each_minor) == (0, 0, 0)


def test_refund_policy_without_fee_deducts_none() -> None:
    """A package of which nothing was used or given back before, its terms naming no fee: all that was paid."""
    package = Owned("single_price", 10, 10, 900_00, 0, 900_00, [], Decimal(0), tax_inclusive=False)
    assert preview(package).total_minor == package.paid_minor == 900_00
    assert preview(package).steps == (Step("Paid for the package", 900_00),)
    assert (package.fee_minor, package.given_back_minor) == (0, 0)


def test_refund_policy_sessions_of_different_prices_are_summed_in_one_step() -> None:
    """Two of 100.00 and one of 140.00 were used, with 10 % on top."""
    package = replace(owned(A3, "single_price"), single_minor=[100_00, 100_00, 140_00])
    found = preview(package)
    assert found.total_minor == 990_00 - 374_00
    assert found.steps[1] == Step("Sessions used: %(count)s, at their single prices", -374_00, count=3)


def test_refund_policy_fee_reduces_to_zero_and_no_further() -> None:
    untaxed = (700_00, 0, "0", False)
    exactly = preview(owned(untaxed, "single_price", used=6, fee=100_00))
    assert exactly.total_minor == 0
    assert exactly.steps[-1].text == "Fee named in the terms"
    beyond = preview(owned(untaxed, "single_price", used=6, fee=100_01))
    assert beyond.total_minor == 0
    assert beyond.steps[-1] == Step("Nothing is left to give back; nothing is charged", 1)


def test_refund_policy_fully_refunded_before_gives_nothing() -> None:
    package = owned(A1, "pro_rata", used=0)
    again = preview(replace(package, given_back_minor=900_00))
    assert split(again) == (0, 0, 0)
    assert again.steps[-1] == Step("Given back before", -900_00)
    too_much = preview(replace(package, given_back_minor=900_01))
    assert split(too_much) == (0, 0, 0)
    partly = preview(replace(package, given_back_minor=450_00))
    assert split(partly) == (450_00, 409_09, 40_91)  # of net and tax as they were paid


def test_refund_policy_statutory_overrides_store_credit() -> None:
    """Paid 990.00 with tax, three used: money comes back, all of it or what the seven are worth."""
    package = owned(A3, "store_credit")
    begun = preview(package, statutory=True, begun_on_request=True)
    assert (begun.policy, begun.as_credit, split(begun)) == ("statutory", False, (693_00, 630_00, 63_00))
    whole = preview(package, statutory=True)
    assert (whole.policy, whole.as_credit, split(whole)) == ("statutory", False, (990_00, 900_00, 90_00))
    # Without the law, a request to begin early changes nothing.
    assert preview(package, begun_on_request=True) == preview(package)
    assert preview(package).policy == "store_credit"


def test_refund_policy_pro_rata_net_equals_liability() -> None:
    """Seven sessions owe 572.72 here, a cent less than their part of the net: the cent is tax, and no revenue moves."""
    package = replace(owned(A1, "pro_rata"), liability_minor=572_72)
    assert split(preview(package)) == (630_00, 572_72, 57_28)
    assert preview(package).extra_revenue_minor == 0
    # Where the liability cannot be part of the sum, it is split as it was paid.
    for owed in (630_01, 630_00 - 81_83):
        assert split(preview(replace(package, liability_minor=owed)))[1:] == (572_73, 57_27)
    assert split(preview(replace(package, liability_minor=630_00)))[1:] == (630_00, 0)
    assert split(preview(replace(package, liability_minor=630_00 - 81_82)))[1:] == (548_18, 81_82)


def test_refund_policy_free_package_gives_nothing() -> None:
    for policy in ("pro_rata", "single_price", "store_credit"):
        found = preview(owned((0, 0, "8", False), policy, used=0))
        assert (split(found), found.credits, found.extra_revenue_minor) == ((0, 0, 0), 10, 0)


def test_refund_policy_single_price_includes_tax_as_paid() -> None:
    assert single_price_with_tax(100_00, Rates(Decimal(8)), tax_inclusive=False) == 108_00
    assert single_price_with_tax(100_00, Rates(Decimal(8)), tax_inclusive=True) == 100_00


def test_refund_preview_is_immutable() -> None:
    package = owned(A1, "pro_rata")
    found = preview(package)
    assert (package.used, package.paid_minor, found.credits) == (3, 900_00, 7)
    for fact, name in ((package, "left"), (found, "net_minor"), (found.steps[0], "minor")):
        with pytest.raises(FrozenInstanceError):
            setattr(fact, name, 0)


def test_refund_policy_unknown_raises() -> None:
    with pytest.raises(ValueError, match="no refund policy"):
        preview(owned(A1, "generous"))


@given(
    policy=st.sampled_from(["pro_rata", "single_price", "store_credit"]),
    net=st.integers(0, 10**9),
    percent=st.sampled_from(["0", "5.5", "8", "19", "20", "27"]),
    inclusive=st.booleans(),
    credits=st.integers(1, 60),
    used=st.integers(0, 60),
    single=st.integers(0, 10**7),
    fee=st.integers(0, 10**6),
    given_back=st.integers(0, 10**9),
    statutory=st.booleans(),
    on_request=st.booleans(),
)
def test_refund_policy_any_input_stays_between_zero_and_paid_and_is_explained(
    policy: str,
    net: int,
    percent: str,
    inclusive: bool,
    credits: int,
    used: int,
    single: int,
    fee: int,
    given_back: int,
    statutory: bool,
    on_request: bool,
) -> None:
    used = min(used, credits)
    tax = round(net * Decimal(percent) / 100)
    package = Owned(
        policy=policy,
        credits=credits,
        left=credits - used,
        net_minor=net,
        tax_minor=tax,
        liability_minor=net - cumulative_share(net, used, credits),
        single_minor=[single] * used,
        tax_percent=Decimal(percent),
        tax_inclusive=inclusive,
        fee_minor=fee,
        given_back_minor=min(given_back, net + tax),
    )
    found = preview(package, statutory=statutory, begun_on_request=on_request)
    assert 0 <= found.total_minor <= package.paid_minor - package.given_back_minor
    assert 0 <= found.net_minor <= net
    assert 0 <= found.tax_minor <= tax
    assert sum(step.minor for step in found.steps) == found.total_minor


def in_parts(policy: str, *, used: int = 3) -> Owned:
    """Ten for 900.00 with 10 % on top, 440.00 of the 990.00 paid: 400.00 net and 40.00 tax."""
    sessions = [100_00] * used
    return Owned(
        policy, 10, 10 - used, 400_00, 40_00, 400_00 - used * 90_00, sessions, Decimal(10), False, unpaid_minor=550_00
    )


def test_refund_policy_instalments_give_amount_paid_beyond_used_sessions() -> None:
    found = preview(in_parts("pro_rata"))
    assert split(found) == (143_00, 130_00, 13_00)
    assert found.steps == (
        Step("Paid of the price of %(each)s", 440_00, each_minor=990_00),
        Step("Sessions used: %(count)s of %(of)s", -297_00, 3, 10),
    )
    assert split(preview(in_parts("single_price"))) == (110_00, 100_00, 10_00)


def test_refund_policy_tax_exempt_sessions_count_without_tax() -> None:
    """Two of three used sessions were free of tax: 100.00 twice and 110.00."""
    found = preview(replace(in_parts("single_price"), exempt=2))
    assert found.steps[1] == Step("Sessions used: %(count)s, at their single prices", -310_00, 3)
    assert found.total_minor == 130_00


def test_refund_policy_tax_at_redemption_returns_tax_not_due() -> None:
    """Two for 450.00 with 10 % inside, one used: 20.46 is due and stays so, 20.45 comes back and a cent of revenue."""
    found = preview(
        Owned("pro_rata", 2, 1, 409_09, 40_91, 204_54, [250_00], Decimal(10), tax_inclusive=True, not_due_minor=20_45)
    )
    assert split(found) == (225_00, 204_55, 20_45)
    assert found.extra_revenue_minor == -1


def test_refund_policy_tax_not_due_beyond_rounding_is_split_as_sold() -> None:
    """After an earlier refund the amount is far from the sessions left: it is split as it was sold."""
    sold = Owned(
        "pro_rata", 2, 1, 409_09, 40_91, 204_54, [250_00], Decimal(10), tax_inclusive=True,
        given_back_minor=350_00, not_due_minor=20_45,
    )  # fmt: skip
    assert split(preview(sold)) == (100_00, 90_91, 9_09)
