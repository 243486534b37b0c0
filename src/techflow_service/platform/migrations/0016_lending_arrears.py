"""The database holds arrears and classes of loans, and that no step comes without its row."""

from django.db import migrations

from techflow_service.platform.lending_arrears import arrears_sql


class Migration(migrations.Migration):
    dependencies = [("platform", "0015_lending_facts")]
    operations = [migrations.RunSQL(arrears_sql(), migrations.RunSQL.noop)]
