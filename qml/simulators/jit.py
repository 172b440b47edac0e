"""How the kernels of the CPU engines are compiled: once a machine and dtype, never once a circuit."""

import numba as nb

# No fast-math: a result must not depend on what the optimiser chose in the process that compiled the kernel.
_options = {"cache": True, "nogil": True, "error_model": "numpy"}

allocating = nb.njit(**_options)
# What allocates nothing is compiled without reference counts: counting costs more than a gate on four wires.  Such a
# function may not return an array: who called it would count down what was never counted up.
lean = nb.njit(**_options, _nrt=False)
