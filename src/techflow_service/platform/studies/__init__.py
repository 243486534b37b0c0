"""Jobs of the owner: what pages show of book, pools, market and policies, worked out once."""
