"""Staff accounts from the command line: the first manager of a facility, an officer."""

import click
from email_validator import EmailNotValidError, validate_email

from reservation import clock
from reservation.cli.application import application
from reservation.reads import roles
from reservation.services import audit, staff_accounts
from reservation.services.staff_accounts import AT_FACILITY, AT_MUNICIPALITY, ROLES, Post


@click.group()
def staff() -> None:
    """Accounts of people who work at a facility or in the office."""


@staff.command()
@click.option("--mail", required=True, help="Where the invitation goes, and the name to sign in.")
@click.option("--name", required=True, help="The name that colleagues read.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--facility", help="Code of the facility, for staff and manager.")
@click.option("--municipality", help="Code of the municipality, for reviewer and officer.")
def add(mail: str, name: str, role: str, facility: str | None, municipality: str | None) -> None:
    """Give a person a role; prints the link with which they set password and second factor."""
    try:
        validate_email(mail, check_deliverability=False)
    except EmailNotValidError as error:
        raise click.UsageError(f"{mail} is no mail address") from error
    with application() as app:
        post = _post(role, facility, municipality)
        by = audit.account(None)
        invited = staff_accounts.invite(mail, name, post, by, None, clock.now)
        base = app.extensions["settings"].base_url.rstrip("/")
        if invited.token:
            click.echo(f"{base}/staff/invite/{invited.token}")
        else:
            click.echo(f"{mail} has an account already; the role was added.")


def _post(role: str, facility: str | None, municipality: str | None) -> Post:
    if role in AT_FACILITY:
        found = roles.facilities_called(facility or "", municipality)
        if len(found) != 1:
            why = "is not known" if not found else "is in several: name --municipality too"
            raise click.UsageError(f"facility {facility or '(none named)'} {why}")
        return Post(role=role, facility_id=found[0])
    if role in AT_MUNICIPALITY:
        town = roles.municipality_called(municipality or "")
        if town is None:
            raise click.UsageError(f"municipality {municipality or '(none named)'} is not known")
        return Post(role=role, municipality_id=town)
    return Post(role=role)
