import numba as nb
import numpy as np
import pennylane as qp
import pytest

from qml.simulators import trace
from qml.simulators.tables import Tables, header_of, tables_at, tables_of


def circuit(inputs, weights):
    qp.AngleEmbedding(inputs, wires=range(3))
    qp.StronglyEntanglingLayers(weights, wires=range(3))
    qp.QFT(wires=range(3))
    return [qp.expval(qp.X(0) @ qp.Z(1)), qp.expval(qp.Z(2))]


def tables(dtype=np.float32):
    program = trace(circuit, 3, {"weights": (2, 3, 3)}).program
    return tables_of(program, np.dtype(dtype), program.n_states)


@nb.njit
def look(header, like):
    return tables_at(header, like.dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_header_leads_to_every_table(dtype):
    made = tables(dtype)
    found = look(header_of(made), np.empty(0, dtype))
    assert found._fields == Tables._fields
    for name, mine, wanted in zip(Tables._fields, found, made, strict=True):
        np.testing.assert_array_equal(mine, wanted, err_msg=name)
        if isinstance(wanted, np.ndarray):
            assert (mine.dtype, mine.shape) == (wanted.dtype, wanted.shape), name


def test_tables_that_the_kernels_would_misread_get_no_header():
    made = tables()
    with pytest.raises(AssertionError, match="operations"):
        header_of(made._replace(operations=made.operations[:, ::-1]))
    with pytest.raises(AssertionError, match="angle_first"):
        header_of(made._replace(angle_first=made.angle_first.astype(np.int32)))
    with pytest.raises(AssertionError, match="terms"):
        header_of(made._replace(terms=made.terms.tolist()))
