"""Row-level security on consents, readings, contests and the figures of firms."""

from django.db import migrations

from techflow_service.platform.guarding import MAY_READ, OWN_FIRM, OWN_ORG, guard

GIVEN = f"{OWN_FIRM} OR {OWN_ORG}"
STEWARD = f"{OWN_FIRM} OR current_setting('app.role', true) = 'operator'"
"""Contests are answered by the platform's operator."""
ONLY_REVOKE = """
CREATE FUNCTION only_revoke() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL
       OR to_jsonb(NEW) - 'revoked_at' <> to_jsonb(OLD) - 'revoked_at' THEN
        RAISE EXCEPTION 'a consent changes once only: it is revoked'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_revoke BEFORE UPDATE ON platform_consent
FOR EACH ROW EXECUTE FUNCTION only_revoke();
"""
GUARDS = (
    MAY_READ,
    ONLY_REVOKE,
    guard("platform_consent", select=GIVEN, insert=OWN_FIRM, update=OWN_FIRM),
    guard("platform_reading", select=GIVEN, insert=OWN_ORG),
    guard("platform_consentevent", select=GIVEN, insert="true"),
    guard("platform_contest", select=STEWARD, insert=OWN_FIRM, update=STEWARD),
    guard("platform_contestevent", select=STEWARD, insert="true"),
    guard("platform_firm", select="may_read(firm_id, 'identity')"),
    guard("platform_standing", select="may_read(firm_id, 'grade')"),
    guard("platform_sheet", select="may_read(firm_id, part)"),
)


class Migration(migrations.Migration):
    """Closes the tables."""

    dependencies = [("platform", "0001_tables")]
    operations = [migrations.RunSQL("\n".join(GUARDS), migrations.RunSQL.noop)]
