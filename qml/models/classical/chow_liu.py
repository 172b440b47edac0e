"""The Chow-Liu tree: the best distribution in which every bit depends on one other."""

import numpy as np
from optuna.distributions import FloatDistribution

from qml.models.bit_strings import BitStringModel, Float
from qml.models.model import MODELS, Model
from qml.tasks.bit_strings import all_strings


class ChowLiu(BitStringModel):
    """A tree over the bits, of largest mutual information, and each bit given its parent.

    Args:
        alpha: Pseudo-counts of every pair of values of two bits, positive.

    Attributes:
        edges_: Pairs of parent and child; bit 0 is the root.

    >>> X = [[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]]
    >>> ChowLiu(alpha=0.1).fit(X).edges_[0]
    (0, 1)
    """

    def __init__(self, alpha: float = 0.5) -> None:
        self.alpha = alpha

    def _distribution(self, counts: Float, bits: Float) -> Float:
        import networkx as nx  # a second to import, and only this model needs it

        n_bits = bits.shape[1]
        pairs = {(i, j): self._pair(bits, i, j) for i in range(n_bits) for j in range(i)}
        graph = nx.Graph()
        graph.add_nodes_from(range(n_bits))
        graph.add_weighted_edges_from((i, j, _mutual_information(joint)) for (i, j), joint in pairs.items())
        tree = nx.maximum_spanning_tree(graph)
        self.edges_ = list(nx.bfs_edges(tree, 0))
        strings = all_strings(n_bits).astype(np.int64)
        single = self._pair(bits, 0, 0).diagonal()
        result = (single / single.sum())[strings[:, 0]]
        for parent, child in self.edges_:
            joint = pairs[parent, child] if parent > child else pairs[child, parent].T
            given = joint / joint.sum(axis=1, keepdims=True)
            result = result * given[strings[:, parent], strings[:, child]]
        found: Float = result
        return found

    def _pair(self, bits: Float, i: int, j: int) -> Float:
        """Return the joint probabilities of two bits, shape (2, 2)."""
        joint = np.bincount((2 * bits[:, i] + bits[:, j]).astype(np.int64), minlength=4).reshape(2, 2) + self.alpha
        normalised: Float = joint / joint.sum()
        return normalised


def _mutual_information(joint: Float) -> float:
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    return float((joint * np.log(joint / independent)).sum())


MODELS.add(
    Model(
        name="chow-liu",
        kind="classical",
        problem="generation",
        summary="the tree of bits with the largest mutual information",
        source="Chow, Liu 1968, IEEE Trans. Inf. Theory 14, 462 (doi:10.1109/TIT.1968.1054142)",
        estimator=ChowLiu,
        search_space={"alpha": FloatDistribution(1e-2, 10.0, log=True)},
        defaults={"alpha": 0.5},
    )
)
