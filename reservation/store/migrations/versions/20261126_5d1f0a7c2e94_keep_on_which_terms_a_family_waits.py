"""Keep on which terms a family waits

Revision ID: 5d1f0a7c2e94
Revises: c3d9a41f70be
"""

import sqlalchemy as sa
from alembic import op

from reservation.store.types import Instant

revision = "5d1f0a7c2e94"
down_revision = "c3d9a41f70be"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("wakes", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("takes_until", Instant(), nullable=True))
        batch_op.add_column(
            sa.Column("near", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_column("near")
        batch_op.drop_column("takes_until")
        batch_op.drop_column("wakes")
