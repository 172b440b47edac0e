"""The scikit-learn side of every generator of bit strings: checks, the table of probabilities, samples."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from qml.errors import SpecError
from qml.models.validation import check_features
from qml.tasks.bit_strings import MAX_BITS, all_strings, codes_of, histogram_of

Float = NDArray[np.float64]


class BitStringModel(DensityMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A distribution over strings of at most 12 bits, known string by string; a subclass gives it.

    Attributes:
        probabilities_: Of every string, shape (2**n_features_in_,); the first bit is the most significant.
        n_features_in_: Bits of a string.
    """

    probabilities_: Float
    n_features_in_: int

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn from strings, rows of 0 and 1, shape (n, n_bits); ``y`` is not looked at.

        Raises:
            SpecError: If an entry is neither 0 nor 1, or there are more than 12 bits.
        """
        bits = self._bits(X, reset=True)
        if bits.shape[1] > MAX_BITS:
            raise SpecError(
                f"{type(self).__name__} knows the probability of every string, of at most {MAX_BITS} bits; "
                f"got {bits.shape[1]}."
            )
        probabilities = np.asarray(self._distribution(histogram_of(bits), bits), dtype=np.float64)
        self.probabilities_ = probabilities / probabilities.sum()
        return self

    def predict(self, X: ArrayLike) -> Float:
        """Return the probability of each row, shape (n, n_bits) to (n,)."""
        check_is_fitted(self)
        found: Float = self._table()[codes_of(self._bits(X, reset=False))]
        return found

    def sample(self, n_samples: int, random_state: int | None = None) -> Float:
        """Draw strings, shape (n_samples, n_bits)."""
        check_is_fitted(self)
        codes = np.random.default_rng(random_state).choice(len(self.probabilities_), n_samples, p=self.probabilities_)
        drawn: Float = all_strings(self.n_features_in_)[codes]
        return drawn

    def _distribution(self, counts: Float, bits: Float) -> Float:
        """Return the probability of every string, up to a factor, shape (2**n_bits,).

        Args:
            counts: How often each string was seen, shape (2**n_bits,).
            bits: The strings themselves, shape (n, n_bits).
        """
        raise NotImplementedError(f"{type(self).__name__} must give its distribution in _distribution.")

    def _table(self) -> Float:
        """Return the probabilities that predict reads."""
        return self.probabilities_

    def _bits(self, X: ArrayLike, *, reset: bool) -> Float:
        bits: Float = validate_data(self, X, dtype=np.float64, ensure_all_finite=False, reset=reset)
        check_features(bits, getattr(self, "feature_names_in_", None))
        codes_of(bits[:, : MAX_BITS + 1])
        return bits
