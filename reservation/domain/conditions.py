"""The open ends a booking may carry, in words (answers.md §1.5)."""

from __future__ import annotations

from reservation.domain.words import N_

WORDS: dict[str, str] = {
    "registration": N_("利用登録の承認"),
    "diagnosis": N_("受診と診断名のご連絡"),
    "doctor_form": N_("医師連絡票の提出"),
    "interview": N_("面談"),
    "certificate_enrolment": N_("在園証明書の提示"),
    "certificate_work": N_("就労証明書の提示"),
}
"""By the code of values.Condition. None of them says what the child has."""

FORM = N_("%(name)sの提出")
"""The doctor's form by the name it has in the town (``doctor_form.name``)."""
