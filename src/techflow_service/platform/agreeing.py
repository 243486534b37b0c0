"""Firms that agreed, where they are few: what reads the first rows in an order begins with them."""

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

FEW_MAX = 2_000
"""Beyond, going through an index in order meets enough firms that agreed soon."""
FEW = """
SELECT array_agg(firm_id) FROM (
    SELECT firm_id FROM platform_consent
    WHERE org_id = nullif(current_setting('app.org', true), '')::bigint
      AND purpose = current_setting('app.purpose', true)
      AND revoked_at IS NULL AND since_at <= now() AND until_at > now() LIMIT %s) AS live
WHERE coalesce(current_setting('app.firm', true), '') = ''
"""


def few() -> Q:
    """Condition that rows are of the firms that agreed, where those are few; else none.

    It only spares the database walking through rows that are not for the member: which ones may be
    read, row-level security decides as ever.
    """
    with connection.cursor() as cursor:
        cursor.execute(FEW, [FEW_MAX + 1])
        (found,) = cursor.fetchone()
    if found is None or len(found) > FEW_MAX:
        return Q()
    return Q(firm_id__in=RawSQL("SELECT unnest(%s::text[])", [found]))
