"""How far work behind the pages has come. Names no firm."""

from django.db import models


class Progress(models.Model):
    """Of one job of the queue."""

    job_id = models.BigIntegerField(primary_key=True)
    done_n = models.IntegerField()
    total_n = models.IntegerField()
    told_at = models.DateTimeField()
