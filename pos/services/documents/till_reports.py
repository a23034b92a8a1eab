"""Z reports and closed days and months as paper: frozen facts worded in the language of their place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from invoices.documents import REPORT_LABELS, Clinic, Column, ReportDocument, Section
from pos.core.database.base import reading
from pos.core.i18n.message import translated
from pos.core.i18n.translator import Translator, translator
from pos.domain.ledger.entries import account_name, chart_line
from pos.domain.ledger.models import Closing
from pos.domain.sales.tender_kinds import STORED, label_of
from pos.domain.staff.permissions import Permission
from pos.domain.till.models import ZReport
from pos.domain.till.rules import KINDS
from pos.reports.books.period_closings import closing_of
from pos.reports.books.tax_and_revenue_events import EVENTS
from pos.reports.sales.figures import label
from pos.services.documents.registry import Address, Printed, Reader, document
from pos.services.till.z_reports import z_of

SOLD_KINDS = {
    "variant": "Treatments",
    "add_on": "Add-ons",
    "retail": "Goods",
    "service_charge": "Service charges",
    "package": "Packages sold (owed)",
    "gift_card": "Gift cards sold (owed)",
}
CORRECTION_WORDS = {
    "refund": "Refunds",
    "refund_failed": "Refunds that failed",
    "void": "Voids",
    "gift_card_cash_out": "Gift cards paid out",
    "account_credit_payout": "Account credit paid out",
}


class TillWriter:
    """Words and amounts of one paper."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.w: Translator = translator(facts["locale"])
        self.facts = facts

    def money(self, minor: int) -> str:
        return self.w.amount(minor, self.facts["currency"])

    def moment(self, iso: str) -> str:
        return self.w.moment(datetime.fromisoformat(iso), self.facts["time_zone"])

    @staticmethod
    def number(number: int, facts: dict[str, Any]) -> str:
        """A paper's number; with the prefix of its receipts where an older copy of the database was restored."""
        return f"{number} ({restored})" if (restored := facts.get("restored")) else str(number)

    def section(
        self,
        heading: str,
        rows: Iterable[tuple[str, str, str]],
        total: tuple[str, str, str] | None = None,
        note: str = "",
        heads: tuple[str, str] | None = None,
    ) -> Section:
        """Words, how many, how much: three columns fit a roll and a sheet."""
        count, amount = heads or (self.w("Count"), self.facts["currency"])
        return Section(
            columns=(
                Column(heading=""),
                Column(heading=count, align="end"),
                Column(heading=amount, align="end"),
            ),
            rows=tuple(rows),
            heading=heading,
            note=note,
            total_rows=(total,) if total else (),
        )

    def tax_name(self, tax: dict[str, Any]) -> str:
        """What a tax is called."""
        return str(self.facts["second_tax_label" if tax.get("second") else "tax_label"])

    def tax(self, tax: dict[str, Any]) -> str:
        return f"{self.tax_name(tax)} {tax['percent']} %"

    def sums(self) -> Section:
        """What was sold. Gift cards are no sales and stand below the tax; papers frozen before counted them in."""
        f, w = self.facts, self.w
        cards = f.get("gift_cards_minor", 0)
        rows = [
            (w(label("gross")), str(f["sales"]), self.money(f["gross_minor"] - cards)),
            (w(label("discounts")), "", self.money(-f["discount_minor"])),
            (w(label("net")), "", self.money(f["net_minor"] - cards)),
        ]
        rows += [
            (
                w("%(tax)s of %(net)s", tax=self.tax(tax), net=self.money(tax["net_minor"])),
                "",
                self.money(tax["tax_minor"]),
            )
            for tax in f["taxes"]
        ]
        rows += [
            (
                w("%(tax)s %(percent)s %%, not due yet", tax=self.tax_name(tax), percent=tax["percent"]),
                "",
                self.money(tax["tax_minor"]),
            )
            for tax in f.get("not_due", ())
        ]
        if cards:
            rows.append((w("Gift cards sold (owed)"), "", self.money(cards)))
        return self.section(w("Sales"), rows, (w(label("total")), "", self.money(f["total_minor"])))

    def tenders(self) -> list[Section]:
        """Money received; what gift cards and account credit paid was received before, and stands apart.

        Papers frozen before have one sum of all means.
        """
        f, w = self.facts, self.w
        received = f.get("received_minor")
        rows = {t["kind"]: (w(label_of(t["kind"])), str(t["count"]), self.money(t["minor"])) for t in f["tenders"]}
        before = [row for kind, row in rows.items() if received is not None and kind in STORED]
        total = sum(t["minor"] for t in f["tenders"]) if received is None else received
        note = w("Tips of %(amount)s are in it and owed to therapists.", amount=self.money(f["tip_minor"]))
        if rounding := f.get("rounding_minor"):
            note += " " + w("Cash is rounded; that is %(amount)s of it.", amount=self.money(rounding))
        sums = w("Received") if received is None else w(label("takings")), "", self.money(total)
        found = [self.section(w("Paid by"), [row for row in rows.values() if row not in before], sums, note=note)]
        if before:
            note = w("This money was received before, when the card was sold or the credit was given.")
            found.append(self.section(w("Paid with what was received before"), before, note=note))
        return found

    def sold(self) -> Section:
        f, w = self.facts, self.w
        rows = [
            (w(SOLD_KINDS.get(s["kind"], s["kind"])), str(s["count"]), self.money(s["net_minor"])) for s in f["sold"]
        ]
        rows.append((w("Credits used (delivered)"), str(f["redeemed"]["count"]), self.money(f["redeemed"]["minor"])))
        return self.section(w("Sold and delivered, net"), rows)

    def taxes_back(self) -> list[tuple[str, str, str]]:
        """Tax of what was given back, by rate."""
        f, w = self.facts, self.w
        rows = [(w("of it %(tax)s", tax=self.tax(t)), "", self.money(t["tax_minor"])) for t in f["back_taxes"]]
        return rows + [
            (w("of it %(tax)s %(percent)s %%, not due yet", tax=self.tax_name(t), percent=t["percent"]), "",
             self.money(t["tax_minor"]))
            for t in f["back_not_due"]
        ]  # fmt: skip

    def all_taxes(self) -> list[Section]:
        """Tax by rate of every event and of all together; nothing where sales alone moved it, or the facts have none."""
        f, w = self.facts, self.w
        if not (f.get("back_taxes") or f.get("other")):
            return []
        parts = [(w("Sales and visits"), 1, f["taxes"], f.get("not_due", ()))]
        parts.append((w("Given back"), -1, f["back_taxes"], f["back_not_due"]))
        parts += [(w(EVENTS[one["event"]]), 1, one["taxes"], one["not_due"]) for one in f["other"]]

        def rows(what: str, sign: int, due: Any, later: Any) -> list[tuple[str, str, str]]:
            found = [
                (
                    f"{what} · {self.tax(t)}",
                    self.money(sign * t["net_minor"]),
                    self.money(sign * t["tax_minor"]),
                )
                for t in due
                if t["net_minor"] or t["tax_minor"]
            ]
            for t in later:
                tax = w("%(tax)s %(percent)s %%, not due yet", tax=self.tax_name(t), percent=t["percent"])
                found.append((f"{what} · {tax}", "", self.money(sign * t["tax_minor"])))
            return found

        section = self.section(
            w("Tax of all events"), [row for part in parts for row in rows(*part)], heads=(w("Base"), f["currency"])
        )
        sums = tuple(rows(w("In all"), 1, f["all_taxes"], f["all_not_due"]))
        found = [replace(section, total_rows=sums)]
        revenue = [
            (w(EVENTS[one["event"]]), str(one["count"]), self.money(one["revenue_minor"] + one["breakage_minor"]))
            for one in f["other"]
            if one["revenue_minor"] or one["breakage_minor"]
        ]
        if revenue:
            found.append(self.section(w("Revenue of other events"), revenue))
        return found

    def head(self, title: str, subtitle: str, at: str, sections: list[Section], footer: str) -> ReportDocument:
        f = self.facts
        return ReportDocument(
            language=f["locale"].replace("_", "-"),
            title=title,
            clinic=Clinic(
                name=f["clinic_name"],
                address=tuple(f["address_lines"]),
                tax_ids=tuple(number for number in (f["tax_id"], f.get("second_tax_id")) if number),
            ),
            issued_at=self.moment(at),
            issued_iso=at,
            sections=tuple(sections),
            labels={key: self.w(text) for key, text in REPORT_LABELS.items()},
            subtitle=subtitle,
            footer=footer,
        )


def _correction(p: TillWriter, c: dict[str, Any]) -> list[tuple[str, str, str]]:
    """One kind of correction: how many and how much, then by means. One refund by two means is one refund.

    Facts frozen before have no sum of all means; they are shown as they were printed then.
    """
    name = p.w(CORRECTION_WORDS[c["event"]])
    whole = c.get("minor")
    count = str(c["count"]) if whole is None else ""
    means = [(f"{name} · {p.w(label_of(kind))}", count, p.money(minor)) for kind, minor in c["means"].items()]
    return means if whole is None else [(name, str(c["count"]), p.money(whole)), *means]


def shift_about(p: TillWriter) -> Section:
    """Who opened the shift and when, the receipts of it, and what is parked."""
    f, w = p.facts, p.w
    receipts = f["receipts"]
    numbers = f"{receipts['first']} – {receipts['last']}" if receipts["first"] else "–"
    about = [
        (w("Opened by %(name)s", name=f["opened_by"]), "", p.moment(f["opened_at"])),
        (w("Receipts %(numbers)s", numbers=numbers), str(receipts["count"]), ""),
        (w("Parked tickets"), str(f["parked"]), ""),
    ]
    if tests := f.get("tests"):
        about.insert(2, (w("TEST sales, voided"), str(tests["count"]), p.money(tests["minor"])))
    if f["opening_note"]:
        about.append((w("Note at the opening: %(note)s", note=f["opening_note"]), "", ""))
    return p.section(w("Shift"), about, heads=("", ""))


def shift_sections(p: TillWriter) -> list[Section]:
    """What happened in a shift, with all its money."""
    f, w = p.facts, p.w
    given_back = [row for c in f["corrections"] for row in _correction(p, c)]
    if f.get("back_taxes"):
        given_back += p.taxes_back()
    moves = [
        (w(kind.words), str(f["movements"][name]["count"]), p.money(kind.direction * f["movements"][name]["minor"]))
        for name, kind in KINDS.items()
        if name in f["movements"]
    ]
    found = [shift_about(p), p.sums(), *p.tenders(), p.sold()]
    if given_back:
        found.append(p.section(w("Given back"), given_back))
    found += p.all_taxes()
    if moves:
        found.append(p.section(w("Cash that moved"), moves))
    return found


def _hashes(*named: tuple[str, str]) -> str:
    """The foot of a paper that is chained: each hash with its name on a line."""
    return "\n".join(f"{name} {found}" for name, found in named)


def z_document(report: ZReport) -> ReportDocument:
    """A Z report as it was frozen."""
    f = report.document
    p = TillWriter(f)
    w = p.w
    sections = shift_sections(p)
    cash = [
        (w("Float"), "", p.money(f["float_minor"])),
        (w("Expected"), "", p.money(f["expected_minor"])),
        (w("Counted"), "", p.money(f["counted_minor"])),
        (w("Left in the drawer"), "", p.money(f["left_minor"])),
        (w("To the bank"), "", p.money(f["banked_minor"])),
    ]
    pieces = [
        (f"{number} × {p.money(int(piece))}", "", p.money(int(piece) * number))
        for piece, number in sorted(f["counts"].items(), key=lambda item: -int(item[0]))
        if number
    ]
    notes = [w("Closed by %(name)s", name=f["closed_by"])]
    if f["approved_by"]:
        notes.append(w("Signed by %(name)s", name=f["approved_by"]))
    if f["closing_note"]:
        notes.append(f["closing_note"])
    sections.append(
        p.section(w("Drawer"), cash, (w("Over or short"), "", p.money(f["over_short_minor"])), note=" · ".join(notes))
    )
    if pieces:
        sections.append(p.section(w("Counted"), pieces))
    sections.append(
        p.section(
            w("Stripe and running total"),
            [
                (w("Expected from Stripe"), "", p.money(f["stripe_minor"])),
                (w("Running total of this drawer"), "", p.money(f["running_minor"])),
            ],
        )
    )
    footer = _hashes(
        (w("This Z"), report.hash),
        (w("The Z before"), report.previous_hash),
        (w("Head of the books, entry %(number)s", number=f["ledger_seq"]), f["ledger_head"]),
    )
    title = w("Z report %(number)s", number=p.number(f["number"], f))
    subtitle = f"{f['location']} · {f['desk']} · {w.day(date.fromisoformat(f['business_on']))}"
    return p.head(title, subtitle, f["closed_at"], sections, footer)


@document(
    "z",
    register=Address("/z/<uuid:z_id>", Permission.RUN_DRAWER, "80mm"),
    office=Address("/money/z/<uuid:z_id>", Permission.SEE_REPORTS),
)
def _z(z_id: UUID, reader: Reader) -> Printed:
    report = z_of(reading(), z_id, reader.location_ids)
    return Printed(z_document(report), f"Z-{report.number}")


def closing_document(closing: Closing) -> ReportDocument:
    """A closed day or month as it was frozen."""
    f = closing.document
    p = TillWriter(f)
    w = p.w
    z = [(f"{row['desk']} Z {p.number(row['number'], row)}", "", p.money(row["total_minor"])) for row in f["z"]]
    # Closings frozen before have no names of their own: those accounts are called what every chart calls them at first.
    names = {key: chart_line(key) for key in f["accounts"]} | f.get("account_names", {})
    accounts = sorted(
        (f"{names[key][0]} {translated(account_name(key, names[key][1]), w)}", p.money(debit), p.money(credit))
        for key, (debit, credit) in f["accounts"].items()
    )
    books = Section(
        columns=(
            Column(heading=w("Account")),
            Column(heading=w("Debit"), align="end"),
            Column(heading=w("Credit"), align="end"),
        ),
        rows=tuple(accounts),
        heading=w("Journal"),
    )
    all_receipts = w("All receipts with tax but tests, gift cards sold included, refunds not taken off")
    running = p.section(w("Running total"), [(all_receipts, "", p.money(closing.running_minor))])
    sections = [p.sums(), *p.tenders(), p.sold()]
    if f["refunds"]:
        cards = f.get("back_gift_cards_minor", 0)
        back = [(w(label_of(means)), "", p.money(minor)) for means, minor in f["back"].items()]
        back.append((w("of it net sales"), "", p.money(f["back_net_minor"] - cards)))
        if cards:
            back.append((w("of it gift cards"), "", p.money(cards)))
        back.append((w("of it tax"), "", p.money(f["back_tax_minor"])))
        if f.get("back_taxes"):
            back += p.taxes_back()
        whole = (w(label("refunds")), str(f["refunds"]), p.money(sum(f["back"].values())))
        sections.append(p.section(w("Given back"), [whole, *back]))
    sections += [*p.all_taxes(), p.section(w("Z reports"), z), books, running]
    footer = _hashes(
        (w("This closing"), closing.hash),
        (w("The closing before"), closing.previous_hash),
        (w("Head of the books, entry %(number)s", number=closing.ledger_seq), closing.ledger_head),
    )
    first = date.fromisoformat(f["from_on"])
    if closing.kind == "day":
        title, subtitle = w("Closing of the day, no. %(number)s", number=p.number(closing.number, f)), w.day(first)
    else:
        title = w("Closing of the month, no. %(number)s", number=p.number(closing.number, f))
        subtitle = f"{w.day(first)} – {w.day(date.fromisoformat(f['to_on']))}"
    return p.head(title, f"{f['location']} · {subtitle}", closing.closed_at.isoformat(), sections, footer)


@document("closing", office=Address("/money/closings/<uuid:closing_id>", Permission.SEE_REPORTS))
def _closing(closing_id: UUID, reader: Reader) -> Printed:
    closing = closing_of(reading(), closing_id, reader.location_ids)
    return Printed(closing_document(closing), f"closing-{closing.kind}-{closing.period_on.isoformat()}")
