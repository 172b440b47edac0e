"""How often something happened, and how often it may happen: a share with its Clopper–Pearson interval."""

from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import beta

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rate:
    """A share of independent repeats.

    Args:
        hits: How often it happened.
        n: Out of how many; 0 for none yet.
    """

    hits: int
    n: int

    @property
    def share(self) -> float | None:
        """Hits in n; None without any repeat."""
        return self.hits / self.n if self.n else None

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Return the two-sided Clopper–Pearson interval of the true share; it never covers less than it says.

        Source: Clopper, Pearson 1934 (doi:10.1093/biomet/26.4.404).

        >>> [round(end, 3) for end in Rate(10, 200).interval()]
        [0.024, 0.09]
        """
        tail = (1 - confidence) / 2
        low = float(beta.ppf(tail, self.hits, self.n - self.hits + 1)) if self.hits else 0.0
        high = float(beta.ppf(1 - tail, self.hits + 1, self.n - self.hits)) if self.hits < self.n else 1.0
        return low, high

    def to_dict(self) -> dict[str, Any]:
        """Return the share and its 95 % interval as plain data."""
        return {**asdict(self), "share": self.share, "interval": list(self.interval())}

    def __str__(self) -> str:
        if self.share is None:
            return "no repeat yet"
        low, high = self.interval()
        return f"{self.hits} of {self.n} ({self.share:.1%}; 95 % interval {low:.1%} to {high:.1%})"
