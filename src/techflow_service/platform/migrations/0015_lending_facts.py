"""The database holds the figures of an assessment, a loan and a repayment."""

from django.db import migrations

from techflow_service.platform.lending_facts import FIGURES


class Migration(migrations.Migration):
    dependencies = [("platform", "0014_pace_first_passwords")]
    operations = [migrations.RunSQL(FIGURES, migrations.RunSQL.noop)]
