"""How circuits are computed: tracing, the compiled program, the engines and the oracle."""

from qml.simulators.autograd import simulate
from qml.simulators.bridge import PennyLaneBridge
from qml.simulators.density import DensityRunner, gates_after
from qml.simulators.engine import Engine
from qml.simulators.noise import Channel, NoiseModel
from qml.simulators.program import Program
from qml.simulators.runner import Runner, StatevectorRunner
from qml.simulators.trace import NotTraceableError, Traced, trace

__all__ = [
    "Channel",
    "DensityRunner",
    "Engine",
    "NoiseModel",
    "NotTraceableError",
    "PennyLaneBridge",
    "Program",
    "Runner",
    "StatevectorRunner",
    "Traced",
    "gates_after",
    "simulate",
    "trace",
]
