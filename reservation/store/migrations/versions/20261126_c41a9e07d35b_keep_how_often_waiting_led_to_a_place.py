"""Keep how often waiting led to a place

Revision ID: c41a9e07d35b
Revises: a4c8e1f07b23
"""

import sqlalchemy as sa
from alembic import op

from reservation.store.types import Instant

revision = "c41a9e07d35b"
down_revision = "a4c8e1f07b23"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(sa.Column("joined_rank", sa.Integer(), nullable=True))
    op.create_table(
        "facility_chance",
        sa.Column("facility_id", sa.String(length=32), nullable=False),
        sa.Column("counted_at", Instant(), nullable=False),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("base", sa.Float(), nullable=True),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facility.id"],
            name=op.f("fk_facility_chance_facility_id_facility"),
        ),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_facility_chance")),
    )


def downgrade() -> None:
    op.drop_table("facility_chance")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_column("joined_rank")
