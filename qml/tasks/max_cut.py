"""MaxCut on small graphs, with every cut known: an optimisation problem, and no data to learn from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qml.errors import SpecError

MAX_NODES = 16


@dataclass(frozen=True)
class MaxCut:
    """A graph whose nodes are put on two sides so that as many edges as possible run between them.

    Attributes:
        n_nodes: From 2 to 16.
        edges: Pairs of nodes, each once.

    Raises:
        SpecError: If there are too many nodes to try every cut, no edges, or an edge is none.

    >>> ring = MaxCut(4, ((0, 1), (1, 2), (2, 3), (0, 3)))
    >>> ring.best, ring.cuts[:4].tolist()
    (4, [0, 2, 2, 2])
    """

    n_nodes: int
    edges: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not 2 <= self.n_nodes <= MAX_NODES:
            raise SpecError(f"every cut is tried, so n_nodes must be from 2 to {MAX_NODES}; got {self.n_nodes}.")
        known = {tuple(sorted(edge)) for edge in self.edges}
        if not known or len(known) < len(self.edges) or any(a == b or a < 0 or b >= self.n_nodes for a, b in known):
            raise SpecError(
                f"edges must be different pairs of different nodes from 0 to {self.n_nodes - 1}; got {self.edges}."
            )

    @cached_property
    def cuts(self) -> NDArray[np.int64]:
        """Edges cut by each of the 2**n_nodes assignments; node 0 is the most significant bit."""
        codes = np.arange(2**self.n_nodes)
        sides = (codes[:, None] >> np.arange(self.n_nodes)[::-1]) & 1
        cuts: NDArray[np.int64] = sum(sides[:, a] ^ sides[:, b] for a, b in self.edges)  # type: ignore[assignment]  # edges exist
        return cuts

    @property
    def best(self) -> int:
        """The largest cut; the smallest is 0, with all nodes on one side."""
        return int(self.cuts.max())


def random_regular(rng: np.random.Generator, n_nodes: int, degree: int = 3) -> MaxCut:
    """Draw a random regular graph.

    >>> len(random_regular(np.random.default_rng(0), 10).edges)
    15
    """
    import networkx

    graph = networkx.random_regular_graph(degree, n_nodes, seed=int(rng.integers(2**32)))
    return MaxCut(n_nodes, tuple(sorted((min(edge), max(edge)) for edge in graph.edges)))
