"""The pace of callers, for all web processes; since when a first password is someone's."""

from django.db import migrations, models

from techflow_service.platform.api.pace import PACE
from techflow_service.platform.guarding import guard


class Migration(migrations.Migration):
    dependencies = [("platform", "0013_totals")]
    operations = [
        migrations.RunSQL(PACE + guard("platform_pace"), migrations.RunSQL.noop),
        migrations.AddField(
            model_name="person",
            name="password_given_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
