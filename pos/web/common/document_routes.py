"""The routes of the declared documents: a page and a PDF for each, behind the permission it declares."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from flask.blueprints import Blueprint, BlueprintSetupState

from pos.services.client_records.note_export import note_export
from pos.services.documents.registry import Address, Interface, Printable, Reader, documents
from pos.services.documents.renderer import html_page, render_pool, sheet_of
from pos.web.common.pdf_responses import document_response, html_answer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff

LocationIds = Callable[[], frozenset[UUID]]


def _note(address: Address, key: UUID, what: str) -> None:
    if address.personal:
        note_export(client_id=key, what=what, staff_id=current_staff().person.id)


def _page(found: Printable, address: Address, reader: Callable[[], Reader], **subject: Any) -> Response:
    """The document as a page of its own, which needs no Pango."""
    (key,) = subject.values()
    _note(address, key, "html")
    printed = found.build(key, reader())
    return html_answer(html_page(printed.document, printed.paper or address.paper))


def _file(found: Printable, address: Address, reader: Callable[[], Reader], **subject: Any) -> Response:
    """The document on paper: `format` is 80mm, a4 or letter."""
    (key,) = subject.values()
    _note(address, key, "pdf")
    printed = found.build(key, reader())
    sheet = sheet_of(printed.document.kind, request.args.get("format", printed.paper or address.paper))
    page = url_for(f".{found.name}_page", **subject)
    return document_response(lambda: render_pool().render(printed.document, sheet), printed.name, page)


def add_documents(bp: Blueprint, interface: Interface, location_ids: LocationIds) -> None:
    """Give a blueprint the two routes of every document declared for its interface."""

    def reader() -> Reader:
        return Reader(interface, location_ids())

    def attach(state: BlueprintSetupState) -> None:
        for found in documents().values():
            if address := found.addresses.get(interface):
                for ending, kind, view in ((".html", "page", _page), (".pdf", "file", _file)):
                    guarded = requires(address.permission, chain_wide=address.personal)(
                        partial(view, found, address, reader)
                    )
                    state.add_url_rule(address.rule + ending, f"{found.name}_{kind}", guarded, methods=["GET"])

    bp.record(attach)
