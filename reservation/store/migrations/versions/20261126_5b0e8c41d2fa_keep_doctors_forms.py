"""Keep doctors' forms

Revision ID: 5b0e8c41d2fa
Revises: 5d0e7b31c6a8
"""

import sqlalchemy as sa
from alembic import op

from reservation.store.types import Instant

revision = "5b0e8c41d2fa"
down_revision = "5d0e7b31c6a8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doctor_form",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("facility_id", sa.String(length=32), nullable=False),
        sa.Column("child_id", sa.String(length=32), nullable=False),
        sa.Column("episode_id", sa.String(length=32), nullable=False),
        sa.Column("illness", sa.String(length=40), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("isolated", sa.Boolean(), nullable=False),
        sa.Column("clinic", sa.Text(), nullable=True),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("rest", sa.Text(), nullable=True),
        sa.Column("tests", sa.Text(), nullable=True),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("entered_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_doctor_form_facility_id_facility")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_doctor_form_child_id_child")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_doctor_form_episode_id_episode")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_doctor_form_entered_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctor_form")),
        sa.UniqueConstraint("facility_id", "id", name=op.f("uq_doctor_form_facility_id_id")),
    )
    op.create_index(
        "ix_doctor_form_child", "doctor_form", ["facility_id", "child_id", "entered_at"]
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("isolated", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_column("isolated")
    op.drop_index("ix_doctor_form_child", table_name="doctor_form")
    op.drop_table("doctor_form")
