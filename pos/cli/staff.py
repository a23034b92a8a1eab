"""Commands about the people who work here."""

from __future__ import annotations

import secrets

import click

from pos.cli.common import app, main, or_stop, reading_app


@main.group()
def staff() -> None:
    """The people who work here. They are changed in the office, under Settings, Staff; this is for the server."""


@staff.command("list")
def list_staff() -> None:
    """Everybody: name, e-mail address, role, locations, and how each signs in."""
    with reading_app().app_context():
        from pos.core.database.base import reading
        from pos.domain.locations.queries import places
        from pos.domain.staff.team import team

        slugs = {place.id: place.slug for place in places(reading())}
        rows = team(reading())
        for one in rows:
            means = [("PIN", one.has_pin), ("password", one.has_password), ("second factor", one.has_second_factor)]
            click.echo(
                f"{one.name}  {one.email or '–'}  {one.role.value}  "
                f"{', '.join(sorted(slugs[key] for key in one.locations)) or '–'}  "
                f"{', '.join(name for name, has in means if has) or '–'}{'' if one.active else '  deactivated'}"
            )
        click.echo(f"{len(rows)} people.")


@staff.command("add")
@click.argument("name")
@click.option("--email", metavar="ADDRESS", help="The address they sign in to the office with.")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["receptionist", "therapist", "manager", "owner", "bookkeeper"]),
)
@click.option(
    "--location", "locations", multiple=True, metavar="SLUG", help="Where they work; all locations without it."
)
@click.option("--treats", is_flag=True, help="They give treatments.")
def add_staff(name: str, email: str | None, role: str, locations: tuple[str, ...], treats: bool) -> None:
    """Add somebody, without a PIN or password: the office sets or mails them; `pos staff reset` gives a first password."""
    with app().app_context():
        from pos.core.database.base import reading
        from pos.core.ids import new_id
        from pos.domain.locations.queries import place_by_slug, places
        from pos.domain.staff.permissions import Role
        from pos.services.staff.people import StaffTerms, add_person

        def add() -> None:
            chosen = [place_by_slug(reading(), one) for one in locations] or list(places(reading()))
            terms = StaffTerms(name, Role(role), frozenset(one.id for one in chosen), email, treats)
            add_person(staff_id=new_id(), terms=terms, person=None)

        or_stop(add)
        click.echo(f"{name} is added.")


@staff.command("reset")
@click.argument("email")
@click.option("--generate", is_flag=True, help="Make a password and print it, instead of asking for one.")
def reset_staff(email: str, generate: bool) -> None:
    """The last resort: a new password for EMAIL. The second factor is turned off and every sign-in ends."""
    with app().app_context():
        from pos.services.staff.last_resort import reset_sign_in

        password = (
            secrets.token_urlsafe(15)
            if generate
            else click.prompt("New password, at least 12 characters", hide_input=True, confirmation_prompt=True)
        )
        name = or_stop(lambda: reset_sign_in(email=email, password=password))
        click.echo(f"{name} signs in to the office with the new password; the second factor is off.")
        if generate:
            click.echo(f"Password: {password}")
