"""Know where a guardian works

Revision ID: 9e42c7d10b5f
Revises: b7e3c1d4f802
"""

import sqlalchemy as sa
from alembic import op

revision = "9e42c7d10b5f"
down_revision = "b7e3c1d4f802"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("family", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("works_in", sa.String(length=6), server_default=sa.text("''"), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("family", schema=None) as batch_op:
        batch_op.drop_column("works_in")
