"""Keep papers of enrolment and work that families have shown

Revision ID: e81b5c02d9f4
Revises: d20f6a91c4e7
"""

import sqlalchemy as sa
from alembic import op

from reservation.store.types import Instant

revision = "e81b5c02d9f4"
down_revision = "d20f6a91c4e7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("family_id", sa.String(length=32), nullable=False),
        sa.Column("child_id", sa.String(length=32), nullable=False),
        sa.Column("municipality_id", sa.String(length=32), nullable=False),
        sa.Column("paper", sa.String(length=12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("seen_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["family.id"], name=op.f("fk_certificate_family_id_family")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_certificate_child_id_child")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_certificate_municipality_id_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
    )
    op.create_index(
        "ix_certificate_family", "certificate", ["family_id", "municipality_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_certificate_family", table_name="certificate")
    op.drop_table("certificate")
