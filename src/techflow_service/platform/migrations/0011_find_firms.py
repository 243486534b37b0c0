"""Search of names that compares words first and asks for the consent of what matches."""

from django.db import migrations

# As the owner, past row-level security, which would judge every firm before a word is compared;
# so the function itself gives out only firms that the member may read.
FIND = """
CREATE FUNCTION find_firms(run bigint, words text, most integer) RETURNS SETOF varchar
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT found.firm_id FROM (
        SELECT standing.firm_id FROM platform_standing AS standing
        WHERE standing.run_id = run AND standing.search LIKE words OFFSET 0
    ) AS found
    WHERE may_read(found.firm_id, 'grade') LIMIT most
$$;
"""


class Migration(migrations.Migration):
    """One function."""

    dependencies = [("platform", "0010_studies")]
    operations = [migrations.RunSQL(FIND, "DROP FUNCTION find_firms")]
