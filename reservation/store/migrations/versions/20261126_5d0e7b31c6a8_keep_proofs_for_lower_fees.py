"""Keep proofs for lower fees

Revision ID: 5d0e7b31c6a8
Revises: 5d1f0a7c2e94
"""

import sqlalchemy as sa
from alembic import op

from reservation.store.types import Instant

revision = "5d0e7b31c6a8"
down_revision = "5d1f0a7c2e94"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exemption",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("family_id", sa.String(length=32), nullable=False),
        sa.Column("municipality_id", sa.String(length=32), nullable=False),
        sa.Column("fee_class", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("seen_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["family.id"], name=op.f("fk_exemption_family_id_family")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_exemption_municipality_id_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemption")),
    )
    op.create_index(
        "ix_exemption_family", "exemption", ["family_id", "municipality_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_exemption_family", table_name="exemption")
    op.drop_table("exemption")
