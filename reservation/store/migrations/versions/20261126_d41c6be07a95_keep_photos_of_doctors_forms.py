"""Keep photos of doctors' forms

Revision ID: d41c6be07a95
Revises: b7e20d5a91c4
"""

import sqlalchemy as sa
from alembic import op

from reservation.store.types import Instant

revision = "d41c6be07a95"
down_revision = "b7e20d5a91c4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doctor_form_photo",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("booking_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("unreadable_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_doctor_form_photo_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctor_form_photo")),
    )
    op.create_index("ix_doctor_form_photo_booking", "doctor_form_photo", ["booking_id"])


def downgrade() -> None:
    op.drop_index("ix_doctor_form_photo_booking", table_name="doctor_form_photo")
    op.drop_table("doctor_form_photo")
