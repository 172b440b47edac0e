"""How circuits are computed: tracing, the compiled program, the engines and the oracle."""

from qml.simulators.aer import Aer
from qml.simulators.autograd import simulate
from qml.simulators.bridge import PennyLaneBridge
from qml.simulators.density import DensityRunner, gates_after
from qml.simulators.engine import Engine
from qml.simulators.expansions import NotTraceableError
from qml.simulators.noise import Channel, NoiseModel
from qml.simulators.noisy_sampling import NoisySampler
from qml.simulators.parameter_shift import Execute, ShiftRunner
from qml.simulators.program import Program
from qml.simulators.runner import Runner, StatevectorRunner, TorchRunner
from qml.simulators.sampling import Sampler
from qml.simulators.torch_engine import TorchEngine
from qml.simulators.trace import Traced, trace

__all__ = [
    "Aer",
    "Channel",
    "DensityRunner",
    "Engine",
    "Execute",
    "NoiseModel",
    "NoisySampler",
    "NotTraceableError",
    "PennyLaneBridge",
    "Program",
    "Runner",
    "Sampler",
    "ShiftRunner",
    "StatevectorRunner",
    "TorchEngine",
    "TorchRunner",
    "Traced",
    "gates_after",
    "simulate",
    "trace",
]
