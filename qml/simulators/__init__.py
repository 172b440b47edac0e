"""How circuits are computed: tracing, the compiled program, the engines and the oracle."""

from qml.simulators.autograd import simulate
from qml.simulators.bridge import PennyLaneBridge
from qml.simulators.engine import Engine
from qml.simulators.program import Program
from qml.simulators.runner import Runner, StatevectorRunner, TorchRunner
from qml.simulators.torch_engine import TorchEngine
from qml.simulators.trace import NotTraceableError, Traced, trace

__all__ = [
    "Engine",
    "NotTraceableError",
    "PennyLaneBridge",
    "Program",
    "Runner",
    "StatevectorRunner",
    "TorchEngine",
    "TorchRunner",
    "Traced",
    "simulate",
    "trace",
]
