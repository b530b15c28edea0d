"""Link siblings who want both places or none

Revision ID: 4c7a19e5b2d0
Revises: d41c6be07a95
"""

import sqlalchemy as sa
from alembic import op

revision = "4c7a19e5b2d0"
down_revision = "d41c6be07a95"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(sa.Column("together", sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_column("together")
