"""Keep who was asked in the morning whether the child comes

Revision ID: b7e3c1d4f802
Revises: 5b0e8c41d2fa
"""

import sqlalchemy as sa
from alembic import op

from reservation.store.types import Instant

revision = "b7e3c1d4f802"
down_revision = "5b0e8c41d2fa"
branch_labels = None
depends_on = None

COLUMNS = ("reconfirm_asked_at", "reconfirm_called_at", "reconfirmed_at")


def upgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        for name in COLUMNS:
            batch_op.add_column(sa.Column(name, Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
