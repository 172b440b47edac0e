"""How circuits are computed: tracing, the compiled program, the engines and the oracle."""

from qml.simulators.autograd import simulate
from qml.simulators.bridge import PennyLaneBridge
from qml.simulators.engine import Engine
from qml.simulators.expansions import NotTraceableError
from qml.simulators.program import Program
from qml.simulators.read import read
from qml.simulators.runner import Runner, StatevectorRunner
from qml.simulators.trace import Traced, trace

__all__ = [
    "Engine",
    "NotTraceableError",
    "PennyLaneBridge",
    "Program",
    "Runner",
    "StatevectorRunner",
    "Traced",
    "read",
    "simulate",
    "trace",
]
