"""Changes of rules that wait for a second person: officers decide, reviewers look."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from reservation import clock
from reservation.domain.words import N_
from reservation.reads import rule_proposals as reads
from reservation.services.rule_proposals import Place
from reservation.web import roles, rule_proposals
from reservation.web.municipality import bp, defaults
from reservation.web.municipality.frame import tab
from reservation.web.staff import acts


@bp.get("/<municipality_code>/proposals")
def proposals(municipality_code: str) -> str:
    """All that wait, with what each would change."""
    found = reads.waiting(clock.now(), municipality_id=roles.here().municipality_id)

    def address(proposal_id: str) -> str:
        return url_for(
            "municipality.decide_proposal",
            municipality_code=municipality_code,
            proposal_id=proposal_id,
        )

    return render_template(
        "municipality/proposals.html",
        proposals=[*defaults.waiting(), *rule_proposals.shown(found, address)],
        key=acts.new_key(),
    )


tab("municipality.proposals", N_("きまりの確認"))


@bp.post("/<municipality_code>/proposals/<proposal_id>")
@roles.only("officer")
def decide_proposal(municipality_code: str, proposal_id: str) -> ResponseReturnValue:
    """Approve or reject one."""
    place = Place(municipality_id=roles.here().municipality_id)
    back = url_for("municipality.proposals", municipality_code=municipality_code)
    return rule_proposals.decide(proposal_id, place, roles.officer_by(), back)
