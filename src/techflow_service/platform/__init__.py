"""The platform: who may see which firm, by whose consent, in a browser and by API.

Shell only: it reads tables, calls `techflow.flow` and shows. Named-firm figures lie in tables
under row-level security; web processes have a role that cannot get round it.
"""
