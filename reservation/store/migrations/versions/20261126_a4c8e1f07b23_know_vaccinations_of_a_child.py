"""Know what a family says of a child's vaccinations

Revision ID: a4c8e1f07b23
Revises: 9e42c7d10b5f
"""

import sqlalchemy as sa
from alembic import op

revision = "a4c8e1f07b23"
down_revision = "9e42c7d10b5f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.add_column(sa.Column("vaccines", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.drop_column("vaccines")
