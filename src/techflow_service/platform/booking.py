"""SQL of the books of a member: sums over the firms that agreed, as one set, never firm by firm.

Row-level security asks of each row whether it may be read; over a hundred thousand rows that takes
a second. These functions join the consents once and give back sums and no firm, but for the names
of the largest, which the asker may read one by one anyway.
"""

AGREED = """firm_id IN (
        SELECT consent.firm_id FROM platform_consent AS consent
        WHERE consent.org_id = nullif(current_setting('app.org', true), '')::bigint
          AND consent.purpose = current_setting('app.purpose', true)
          AND '{}' = ANY (consent.parts)
          AND consent.revoked_at IS NULL
          AND consent.since_at <= now() AND consent.until_at > now())"""
"""Firms that agreed to a part; written into each query, so that it is joined as a set."""
GRADE, PLAN = AGREED.format("grade"), AGREED.format("plan")
BOOK = f"""
CREATE FUNCTION book_cells(asked bigint) RETURNS TABLE (
    kind text, name text, firms_n bigint, debt_cny float8, limit_cny float8, square float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT CASE WHEN grouping(s.verdict) = 0 THEN 'verdict' WHEN grouping(s.grade) = 0 THEN 'grade'
                WHEN grouping(s.region_code) = 0 THEN 'region'
                WHEN grouping(s.sector) = 0 THEN 'sector' ELSE 'all' END,
           coalesce(s.verdict, s.grade, s.region_code, s.sector, ''),
           count(*),
           sum(s.debt_outstanding_lcy) FILTER (WHERE s.currency = 'CNY'),
           sum(s.limit_lcy) FILTER (WHERE s.currency = 'CNY'),
           sum(s.debt_outstanding_lcy ^ 2) FILTER (WHERE s.currency = 'CNY')
    FROM platform_standing AS s
    WHERE s.run_id = asked AND s.{GRADE}
    GROUP BY GROUPING SETS ((), (s.verdict), (s.grade), (s.region_code), (s.sector))
$$;
"""  # noqa: S608 - our words
LARGEST = f"""
CREATE FUNCTION book_largest(asked bigint, most int)
RETURNS TABLE (firm_id text, name text, grade text, debt_cny float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT s.firm_id, s.name, s.grade, s.debt_outstanding_lcy
    FROM platform_standing AS s
    WHERE s.run_id = asked AND s.{GRADE} AND s.currency = 'CNY' AND s.debt_outstanding_lcy > 0
    ORDER BY s.debt_outstanding_lcy DESC, s.firm_id LIMIT most
$$;
"""  # noqa: S608 - our words
LENT = f"""
CREATE FUNCTION lent_cells(asked bigint) RETURNS TABLE (
    year int, loans_n bigint, defaulted_n bigint, outstanding_cny float8, bad_cny float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT l.year, sum(l.loans_n)::bigint, sum(l.defaulted_n)::bigint,
           sum(l.outstanding_cny), sum(l.bad_cny)
    FROM platform_lent AS l
    WHERE l.run_id = asked AND l.{GRADE} GROUP BY l.year ORDER BY l.year
$$;
"""  # noqa: S608 - our words
NEEDS = f"""
CREATE FUNCTION need_cells(asked bigint) RETURNS TABLE (
    status text, firms_n bigint, plan_cny float8, asked_cny float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT n.plan_status, count(*), sum(n.plan_cny), sum(n.asked_cny)
    FROM platform_need AS n
    WHERE n.run_id = asked AND n.{PLAN} GROUP BY n.plan_status ORDER BY 2 DESC
$$;
"""  # noqa: S608 - our words
FUNCTIONS = BOOK + LARGEST + LENT + NEEDS
