"""Know whether the guardians of a family work

Revision ID: d20f6a91c4e7
Revises: c41a9e07d35b
"""

import sqlalchemy as sa
from alembic import op

revision = "d20f6a91c4e7"
down_revision = "c41a9e07d35b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("family", schema=None) as batch_op:
        batch_op.add_column(sa.Column("guardians_work", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("family", schema=None) as batch_op:
        batch_op.drop_column("guardians_work")
