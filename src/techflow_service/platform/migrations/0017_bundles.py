"""Sums in smaller pieces, added up in bundles: a change costs an eighth of the firms it did."""

from django.db import migrations

from techflow_service.platform.booking import pieces_sql


class Migration(migrations.Migration):
    dependencies = [("platform", "0016_lending_arrears")]
    operations = [migrations.RunSQL(pieces_sql(), migrations.RunSQL.noop)]
