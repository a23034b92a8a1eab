"""The mail layout renders with what it says it needs, escapes, and has a plain counterpart."""

from __future__ import annotations

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined

from tests.support.paths import ROOT

TEMPLATES = ROOT / "pos" / "templates"
HTML = """{% extends "mail/_layout.html" %}{% block subject_line %}Your receipt{% endblock %}
{% block content %}{{ paragraph("Hello <b>") }}{{ rows([("Paid", "900.00")]) }}
{{ action("See it", "https://clinic.example/r") }}{% endblock %}"""
TEXT = """{% extends "mail/_layout.txt" %}{% block content %}Hello & thank you{% endblock %}"""


def render(name: str, *, autoescape: bool) -> str:
    loader = ChoiceLoader([DictLoader({"a.html": HTML, "a.txt": TEXT}), FileSystemLoader(TEMPLATES)])
    jinja = Environment(loader=loader, undefined=StrictUndefined, autoescape=autoescape)
    return jinja.get_template(name).render(page_lang="en-US", site_name="Maple Street Clinic")


def test_mail_html_escapes_values_and_needs_no_stylesheet() -> None:
    mail = render("a.html", autoescape=True)
    assert "Hello &lt;b&gt;" in mail
    assert "900.00" in mail
    assert 'href="https://clinic.example/r"' in mail
    assert "var(" not in mail
    assert "<link" not in mail
    assert "<img" not in mail


def test_mail_text_is_plain() -> None:
    assert render("a.txt", autoescape=False).split() == "Hello & thank you -- Maple Street Clinic".split()
