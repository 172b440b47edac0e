import pennylane as qp
import pytest
import torch
from torch import nn

from qml.circuits import compose
from qml.errors import CircuitError
from qml.nn import Quanvolution2d


def patch_circuit(inputs, weights):
    """Two wires for any number of features, so that a wrong order of the patch's values shows."""
    for i in range(inputs.shape[-1]):
        qp.RX(inputs[..., i] * (i + 1), wires=i % 2)
        qp.RZ(inputs[..., i], wires=(i + 1) % 2)
    qp.CRX(weights[0], wires=[0, 1])
    return [qp.expval(qp.Z(0)), qp.expval(qp.Z(1)), qp.expval(qp.X(0))]


def loop(module, image, pad, stride, dilation):
    """One patch at a time, written out."""
    image = nn.functional.pad(image, (pad[1], pad[1], pad[0], pad[0]))
    height, width = module.kernel_size
    rows = range(0, image.shape[2] - dilation[0] * (height - 1), stride[0])
    columns = range(0, image.shape[3] - dilation[1] * (width - 1), stride[1])
    out = torch.zeros(len(image), 3, len(rows), len(columns), dtype=image.dtype)
    for n in range(len(image)):
        for i, top in enumerate(rows):
            for j, left in enumerate(columns):
                values = [
                    image[n, c, top + dilation[0] * a, left + dilation[1] * b]
                    for c in range(module.in_channels)
                    for a in range(height)
                    for b in range(width)
                ]
                out[n, :, i, j] = module.layer(torch.stack(values))
    return out


@pytest.mark.parametrize(
    ("channels", "kernel", "stride", "padding", "dilation"),
    [
        (1, (2, 2), (2, 2), (0, 0), (1, 1)),
        (3, (2, 2), (1, 1), (0, 0), (1, 1)),
        (2, (1, 3), (2, 1), (1, 2), (1, 1)),
        (1, (3, 2), (1, 2), (2, 0), (2, 1)),
    ],
)
def test_it_equals_an_explicit_loop_and_has_the_shape_of_conv2d(channels, kernel, stride, padding, dilation):
    geometry = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    module = Quanvolution2d(patch_circuit, {"weights": (1,)}, channels, dtype=torch.float64, **geometry)
    image = torch.rand(2, channels, 6, 5, dtype=torch.float64)
    out = module(image)
    torch.testing.assert_close(out, loop(module, image, padding, stride, dilation), rtol=0, atol=1e-13)
    assert out.shape == nn.Conv2d(channels, 3, **geometry)(image.float()).shape
    torch.testing.assert_close(module(image[0]), out[0], rtol=0, atol=1e-14)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # Conv2d's, about its speed
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("kernel", "dilation"), [(2, 1), (3, 1), ((2, 3), 2)])
def test_padding_by_name_is_that_of_conv2d(padding, kernel, dilation):
    def first(inputs):
        qp.RY(inputs[..., 0], wires=0)
        return qp.expval(qp.X(0))  # sin of the patch's first value

    module = Quanvolution2d(first, {}, kernel_size=kernel, padding=padding, dilation=dilation)
    conv = nn.Conv2d(1, 1, kernel, padding=padding, dilation=dilation, bias=False)
    with torch.no_grad():
        conv.weight.zero_()[0, 0, 0, 0] = 1
    image = torch.rand(2, 1, 6, 7)
    torch.testing.assert_close(module(image), conv(image).sin().detach(), rtol=0, atol=1e-6)


def test_gradients_reach_image_and_weights():
    module = Quanvolution2d(patch_circuit, {"weights": (1,)}, 2, kernel_size=2, dtype=torch.float64)
    image = torch.rand(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x, w: torch.func.functional_call(module, {"layer.weights": w}, (x,)), (image, module.layer.weights)
    )


def test_it_trains_inside_a_network():
    generator = torch.Generator().manual_seed(0)
    circuit = compose(encoding="angle", ansatz="strongly-entangling", n_wires=4, n_layers=1)
    quantum = Quanvolution2d(circuit, kernel_size=2, stride=2, generator=generator)
    model = nn.Sequential(quantum, nn.Flatten(), nn.Linear(4 * 2 * 2, 1))
    with torch.no_grad():
        model[2].weight.normal_(std=0.3, generator=generator)
    image = torch.rand(20, 1, 4, 4, generator=generator)
    target = (image[:, 0, :2].sum(dim=(1, 2)) > image[:, 0, 2:].sum(dim=(1, 2))).float()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(image)[:, 0], target)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]


def test_empty_batches_keep_their_shape():
    module = Quanvolution2d(patch_circuit, {"weights": (1,)}, kernel_size=2)
    assert module(torch.rand(0, 1, 4, 4)).shape == (0, 3, 3, 3)


def test_its_repr_gives_the_geometry():
    module = Quanvolution2d(patch_circuit, {"weights": (1,)}, kernel_size=2, padding=1, dilation=2)
    geometry = "in_channels=1, kernel_size=(2, 2), stride=(1, 1), padding=(1, 1), dilation=(2, 2)"
    assert geometry in repr(module)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_size": 0}, "kernel_size must be an int of at least 1, or two of them; got 0"),
        ({"kernel_size": 2, "stride": (1, 2, 3)}, r"stride must be .*; got \(1, 2, 3\)"),
        ({"kernel_size": 2, "padding": -1}, "padding must be an int of at least 0"),
        ({"kernel_size": 2, "padding": "full"}, "padding must be numbers, 'valid' or 'same'; got 'full'"),
        ({"kernel_size": 2, "padding": "same", "stride": 2}, "padding='same' needs stride 1"),
    ],
)
def test_a_geometry_that_makes_no_sense_is_explained(options, message):
    with pytest.raises(CircuitError, match=message):
        Quanvolution2d(patch_circuit, {"weights": (1,)}, **options)


def test_what_does_not_fit_is_explained():
    circuit = compose(encoding="angle", ansatz="strongly-entangling", n_wires=4, n_layers=1)
    with pytest.raises(CircuitError, match="takes 4 features, and a patch has 9: 1 channels of 3x3 values"):
        Quanvolution2d(circuit, kernel_size=3)
    with pytest.raises(CircuitError, match="weight_shapes is missing"):
        Quanvolution2d(patch_circuit, kernel_size=2)
    module = Quanvolution2d(circuit, kernel_size=2)
    with pytest.raises(CircuitError, match=r"must have shape \(N, 1, H, W\) or \(1, H, W\); got \(8, 3, 4, 4\)"):
        module(torch.rand(8, 3, 4, 4))
    with pytest.raises(CircuitError, match="too small: with padding it is 1x4 and one patch spans 2x2"):
        module(torch.rand(1, 1, 1, 4))
