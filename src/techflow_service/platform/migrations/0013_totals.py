"""Sums over the firms that agreed; they replace functions that summed anew each time."""

from django.db import migrations, models

from techflow_service.platform.booking import totals_sql
from techflow_service.platform.guarding import guard

TABLES = ("platform_consentmark", "platform_figuremark", "platform_total")
GONE = (
    "book_cells(bigint)",
    "book_largest(bigint, int)",
    "lent_cells(bigint)",
    "need_cells(bigint)",
)
SQL = (
    *(f"DROP FUNCTION IF EXISTS {one};" for one in GONE),
    totals_sql(),
    *(guard(table) for table in TABLES),
)


class Migration(migrations.Migration):
    dependencies = [("platform", "0012_file_jobs")]
    operations = [
        migrations.RunSQL("\n".join(SQL), migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                models.F("run"),
                models.OrderBy(models.F("debt_outstanding_lcy"), descending=True, nulls_last=True),
                models.F("firm_id"),
                condition=models.Q(("currency", "CNY"), ("debt_outstanding_lcy__gt", 0)),
                name="list_debt",
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                fields=["org", "until_at"],
                name="consent_ends",
                condition=models.Q(("revoked_at__isnull", True)),
            ),
        ),
    ]
