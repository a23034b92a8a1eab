"""Commands about the people who work here."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from pos.cli.common import app, main, or_stop, reading_app
from pos.cli.language import say, told
from pos.core.messages.command import people as words

if TYPE_CHECKING:
    from uuid import UUID

    from pos.domain.staff.team import Member

_ROLES = click.Choice(["receptionist", "therapist", "manager", "owner", "bookkeeper"])


@main.group()
def staff() -> None:
    """The people who work here. They are changed in the office, under Settings, Staff; this is for the server.

    WHO is somebody's e-mail address, or their name where nobody else has it.
    """


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
            means = [
                (words.MEANS_PIN, one.has_pin),
                (words.MEANS_PASSWORD, one.has_password),
                (words.MEANS_SECOND_FACTOR, one.has_second_factor),
            ]
            deactivated = "" if one.active else f"  {told(words.IS_DEACTIVATED)}"
            click.echo(
                f"{one.name}  {one.email or '–'}  {one.role.value}  "
                f"{', '.join(sorted(slugs[key] for key in one.locations)) or '–'}  "
                f"{', '.join(told(name) for name, has in means if has) or '–'}{deactivated}"
            )
        say(words.PEOPLE_IN_ALL(count=len(rows)))


@staff.command("add")
@click.argument("name")
@click.option("--email", metavar="ADDRESS", help="The address they sign in to the office with.")
@click.option("--role", required=True, type=_ROLES)
@click.option(
    "--location", "locations", multiple=True, metavar="SLUG", help="Where they work; all locations without it."
)
@click.option("--treats", is_flag=True, help="They give treatments.")
def add_staff(name: str, email: str | None, role: str, locations: tuple[str, ...], treats: bool) -> None:
    """Add somebody, without a PIN or password: the office sets or mails them; `pos staff reset` gives a first password."""
    with app().app_context():
        from pos.core.database.base import reading
        from pos.core.ids import new_id
        from pos.domain.locations.queries import places
        from pos.domain.staff.permissions import Role
        from pos.services.staff.people import StaffTerms, add_person

        def add() -> None:
            chosen = _locations(locations) or frozenset(one.id for one in places(reading()))
            terms = StaffTerms(name, Role(role), chosen, email, treats)
            add_person(staff_id=new_id(), terms=terms, person=None)

        or_stop(add)
        say(words.PERSON_ADDED(name=name))


def _locations(slugs: tuple[str, ...]) -> frozenset[UUID]:
    from pos.core.database.base import reading
    from pos.domain.locations.queries import place_by_slug

    return frozenset(place_by_slug(reading(), slug).id for slug in slugs)


def _member(who: str) -> Member:
    """The person of an address or a name; raises NotFound, and Conflict where several have the name."""
    from pos.core.database.base import reading
    from pos.core.errors import Conflict, NotFound
    from pos.core.messages.people import NO_SUCH_PERSON, SEVERAL_PEOPLE_HAVE_NAME
    from pos.domain.staff.team import team

    wanted = who.strip().casefold()
    everybody = team(reading())
    found = [one for one in everybody if (one.email or "").casefold() == wanted] or [
        one for one in everybody if one.name.casefold() == wanted
    ]
    if not found:
        raise NotFound(NO_SUCH_PERSON)
    if len(found) > 1:
        raise Conflict(SEVERAL_PEOPLE_HAVE_NAME)
    return found[0]


@staff.command("edit")
@click.argument("who")
@click.option("--name", help="Another name.")
@click.option("--email", metavar="ADDRESS", help="Another address to sign in with; empty takes it away.")
@click.option("--role", type=_ROLES, help="Another role.")
@click.option(
    "--location", "locations", multiple=True, metavar="SLUG", help="Where they work from now on, instead of before."
)
@click.option("--treats/--no-treats", default=None, help="Whether they give treatments.")
@click.option("--tier", type=int, help="The number of their tier; 0 is the standard one.")
@click.option("--licence-number", metavar="NUMBER", help="Of a therapist; empty takes it away.")
@click.option("--npi", metavar="NUMBER", help="Ten digits, in the United States; empty takes it away.")
def edit_staff(who: str, locations: tuple[str, ...], role: str | None, **given: Any) -> None:
    """Change what is kept of WHO; what is not named stays. The last owner stays an owner."""
    changes = {name: value for name, value in given.items() if value is not None}
    if not (changes or locations or role):
        raise click.UsageError(told(words.NAME_WHAT_TO_CHANGE))
    with app().app_context():
        from pos.core.database.base import reading
        from pos.domain.staff.permissions import Role
        from pos.services.staff.people import change_person, terms_of

        def change() -> str:
            member = _member(who)
            terms = replace(terms_of(reading(), member.id), **changes)
            if role:
                terms = replace(terms, role=Role(role))
            if locations:
                terms = replace(terms, locations=_locations(locations))
            change_person(staff_id=member.id, terms=terms, person=None)
            return terms.name

        say(words.PERSON_CHANGED(name=or_stop(change)))


@staff.command("deactivate")
@click.argument("who")
def deactivate_staff(who: str) -> None:
    """Lock WHO out at once: every sign-in ends. The last owner is not locked out."""
    with app().app_context():
        from pos.services.staff.people import deactivate

        def lock_out() -> str:
            member = _member(who)
            deactivate(staff_id=member.id, person=None)
            return member.name

        say(words.PERSON_DEACTIVATED(name=or_stop(lock_out)))


@staff.command("activate")
@click.argument("who")
def activate_staff(who: str) -> None:
    """Let WHO work here again, with the PIN and password they had."""
    with app().app_context():
        from pos.services.staff.people import take_back

        def let_in() -> str:
            member = _member(who)
            take_back(staff_id=member.id, person=None)
            return member.name

        say(words.PERSON_ACTIVATED(name=or_stop(let_in)))


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
            else click.prompt(told(words.ASK_NEW_PASSWORD), hide_input=True, confirmation_prompt=True)
        )
        name = or_stop(lambda: reset_sign_in(email=email, password=password))
        say(words.SIGN_IN_RESET(name=name))
        if generate:
            say(words.PASSWORD_IS(password=password))
