"""Use a room otherwise for a day

Revision ID: c3d9a41f70be
Revises: ea94049ce258
"""

import sqlalchemy as sa
from alembic import op

revision = "c3d9a41f70be"
down_revision = "ea94049ce258"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("day", schema=None) as batch_op:
        batch_op.add_column(sa.Column("room_uses", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("day", schema=None) as batch_op:
        batch_op.drop_column("room_uses")
