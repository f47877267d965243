"""The distribution behind a forecast: the one that was kept, else the negative binomial of its mean and standard deviation."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backcourt.field.markets import MARKETS
from backcourt.field.pmf import Array, negative_binomial, over_push_under
from backcourt.publishing.rows import Forecast, SeenForecast
from backcourt.record.pmf_files import key_of, read_pmfs

_CHART_DECIMALS = 6
# A player's newest forecasts lie in the files of a few dates; a season's would not fit into memory.
_FILES_AT_ONCE = 20


class PublishedPmfs:
    """Reads kept distributions from a home; a file is read once while it is among the last few."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._files: dict[tuple[str, str], dict[str, list[float]] | None] = {}

    def pmf_of(self, forecast: Forecast | SeenForecast) -> Array | None:
        """The PMF [kmax + 1] of a forecast; None when the system abstained, or when the file that kept it is lost or was changed."""
        if forecast.mean is None or forecast.sd is None:
            return None
        if forecast.pmf_file is None or forecast.pmf_sha256 is None:
            mean, sd = np.array([forecast.mean]), np.array([forecast.sd])
            return np.asarray(negative_binomial(mean, sd * sd, MARKETS[forecast.market].kmax)[0])
        kept = self._file(forecast.pmf_file, forecast.pmf_sha256)
        found = kept.get(key_of(forecast.system, forecast.player_id)) if kept is not None else None
        return None if found is None else np.array(found, dtype=float)

    def p_over(self, forecast: Forecast, line: float) -> float | None:
        """P(result > line); None without a distribution."""
        pmf = self.pmf_of(forecast)
        # Kept as float32, masses sum to 1 within 1e-6 only.
        return None if pmf is None else float(np.clip(over_push_under(pmf[None, :], np.array([line]))[0][0], 0.0, 1.0))

    def _file(self, file: str, sha256: str) -> dict[str, list[float]] | None:
        if (file, sha256) not in self._files:
            if len(self._files) >= _FILES_AT_ONCE:
                del self._files[next(iter(self._files))]
            self._files[file, sha256] = read_pmfs(self._home, file, sha256)
        return self._files[file, sha256]


def chart(pmf: Array) -> list[float]:
    """A PMF for a picture: six decimals, without the zeros at its end."""
    rounded = np.round(pmf, _CHART_DECIMALS)
    last = int(np.flatnonzero(rounded)[-1])
    return [float(value) for value in rounded[: last + 1]]
