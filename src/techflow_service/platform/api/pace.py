"""How often one caller may ask: counted in the database, for all web processes together."""

from typing import Any

from django.conf import settings
from django.db import connection

PACE = """
CREATE UNLOGGED TABLE platform_pace (
    caller text PRIMARY KEY, minute bigint NOT NULL, n integer NOT NULL) WITH (fillfactor = 50);
CREATE FUNCTION seconds_to_wait(who text, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    at numeric := extract(epoch FROM clock_timestamp());
    counted integer;
BEGIN
    INSERT INTO platform_pace AS pace (caller, minute, n) VALUES (who, floor(at / 60), 1)
    ON CONFLICT (caller) DO UPDATE SET minute = EXCLUDED.minute,
        n = CASE WHEN pace.minute = EXCLUDED.minute THEN pace.n + 1 ELSE 1 END
    RETURNING n INTO counted;
    IF counted = 1 AND random() < 0.02 THEN
        DELETE FROM platform_pace WHERE caller IN (SELECT caller FROM platform_pace
            WHERE minute < floor(at / 60) - 1 LIMIT 1000 FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN CASE WHEN counted > most THEN ceil(60 - at % 60) ELSE 0 END;
END $$;
"""
"""Not logged: a crash of the database forgets the running minute, and nothing is flushed to disk
for a count. Callers of earlier minutes are forgotten now and then."""


def seconds_to_wait(request: Any) -> int:
    """Count a call; a key counts for itself.

    To be asked before the transaction of the request: within it, calls of one caller would wait for
    each other, and a call that is refused would not have counted.

    Returns:
        Seconds the caller must wait; 0 for none.
    """
    if request.bearer:
        caller = f"key:{request.bearer.key_id}"
    elif request.membership:
        caller = f"person:{request.membership.person_id}"
    else:
        caller = f"address:{request.META.get('REMOTE_ADDR', '')}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT seconds_to_wait(%s, %s)", [caller, settings.API_CALLS_A_MINUTE])
        return int(cursor.fetchone()[0])
