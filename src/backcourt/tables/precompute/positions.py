"""Position groups, and how strongly what a defence allows them is drawn to nothing."""

from __future__ import annotations

POSITION_GROUPS = ("guard", "forward", "center")

# At these weights (in appearances) later residuals have a slope of 1 on the shrunk value: regular seasons 2021-22 to 2024-25, at least
# 10 appearances before. An opponent is worth about half a point to a guard, and most of what is seen after ten games is noise.
ALLOWANCE_PRIOR_APPEARANCES = {"points": 65, "rebounds": 140, "assists": 60, "threes": 135, "pra": 45}
MARKETS = tuple(ALLOWANCE_PRIOR_APPEARANCES)
