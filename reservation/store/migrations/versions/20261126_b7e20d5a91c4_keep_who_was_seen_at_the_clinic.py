"""Keep who was seen at the clinic

Revision ID: b7e20d5a91c4
Revises: d7c05e9b3a41
"""

import sqlalchemy as sa
from alembic import op

revision = "b7e20d5a91c4"
down_revision = "d7c05e9b3a41"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("examined", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_column("examined")
