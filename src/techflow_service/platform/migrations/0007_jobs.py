"""Progress of jobs; work of the owner is not for web processes to order."""

from django.db import migrations, models

from techflow_service.platform.guarding import guard

NOT_OWNER = "queue_name <> 'owner'"
GUARD = guard(
    "procrastinate_jobs", select="true", insert=NOT_OWNER, update=NOT_OWNER, delete=NOT_OWNER
)


class Migration(migrations.Migration):
    """A table for progress, and the guard of the queue."""

    dependencies = [
        ("platform", "0006_guard_requests"),
        ("procrastinate", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="Progress",
            fields=[
                ("job_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("done_n", models.IntegerField()),
                ("total_n", models.IntegerField()),
                ("told_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
