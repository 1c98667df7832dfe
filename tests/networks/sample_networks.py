"""Small networks of every common shape, with random but fixed weights: what the tests of `networks` are run on.

`SAMPLES` holds a function for each, without parameters; `build(name)` gives the module in eval mode and an input
for it (batch of one). Batch norms get random statistics and gains of both signs, so that folding can be seen.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

IMAGE = (1, 3, 16, 16)


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 4))


def conv_norm(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution that keeps the picture's size, without bias, and batch norm."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))


def vgg_like() -> nn.Module:
    """Convolutions with batch norm, max pools, and dense layers behind a flatten of 2 x 2 positions."""
    parts: list[nn.Module] = []
    for inputs, outputs in ((3, 8), (8, 8), (8, 12)):
        parts += [conv_norm(inputs, outputs), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(48, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 5))


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a way round them."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.first = conv_norm(inputs, outputs, 3, stride)
        self.second = conv_norm(outputs, outputs, 3)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else conv_norm(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions and a way round them."""

    def __init__(self, inputs: int, width: int, stride: int = 1, expansion: int = 4) -> None:
        super().__init__()
        outputs = width * expansion
        self.reduce = conv_norm(inputs, width, 1)
        self.spatial = conv_norm(width, width, 3, stride)
        self.expand = conv_norm(width, outputs, 1)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else conv_norm(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.spatial(F.relu(self.reduce(x))))
        return F.relu(self.expand(inner) + self.shortcut(x))


def classifier(channels: int, classes: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]


def resnet_like() -> nn.Module:
    """A stem, two basic blocks at one width, one that halves the picture, and a mean over positions."""
    stem = [conv_norm(3, 8), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    return nn.Sequential(*stem, BasicBlock(8, 8), BasicBlock(8, 8), BasicBlock(8, 12, 2), *classifier(12, 5))


def bottleneck_like() -> nn.Module:
    return nn.Sequential(conv_norm(3, 8), nn.ReLU(), Bottleneck(8, 4), Bottleneck(16, 4, 2), *classifier(16, 5))


def resnet50() -> nn.Module:
    """ResNet-50 in shape and size (25.6 million parameters), for inputs of 3 x 224 x 224; not in `SAMPLES`."""
    layers: list[nn.Module] = [conv_norm(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for width, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for number in range(blocks):
            layers.append(Bottleneck(inputs, width, stride if number == 0 else 1))
            inputs = 4 * width
    return nn.Sequential(*layers, *classifier(inputs, 1000)).eval()


class InceptionModule(nn.Module):
    """Four branches side by side: 1x1, 1x1 then 3x3, 1x1 then 1x5 and 5x1, pool then 1x1."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(inputs, 4, 1)
        self.three = nn.Sequential(nn.Conv2d(inputs, 4, 1), nn.ReLU(), nn.Conv2d(4, 6, 3, padding=1))
        row, column = nn.Conv2d(3, 4, (1, 5), padding=(0, 2)), nn.Conv2d(4, 4, (5, 1), padding=(2, 0))
        self.five = nn.Sequential(nn.Conv2d(inputs, 3, 1), nn.ReLU(), row, column)
        self.pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(inputs, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(torch.cat([self.one(x), self.three(x), self.five(x), self.pooled(x)], dim=1))


def inception_like() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 5, 2, 2), nn.ReLU(), InceptionModule(8), InceptionModule(16), *classifier(16, 5)
    )


class Fire(nn.Module):
    """A 1x1 squeeze, read by 1x1 and 3x3 convolutions side by side."""

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], dim=1)


def squeezenet_like() -> nn.Module:
    """Fire modules, and a convolution as classifier before the mean over positions."""
    body = [nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), Fire(8, 4, 6), Fire(12, 4, 8)]
    return nn.Sequential(*body, nn.Dropout(), nn.Conv2d(16, 5, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


class SqueezeExcite(nn.Module):
    """A gate for each channel, computed from the means of all channels."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate = self.expand(F.silu(self.reduce(F.adaptive_avg_pool2d(x, 1))))
        return x * torch.sigmoid(gate)


class InvertedResidual(nn.Module):
    """1x1 expansion, depthwise 3x3, optional gates, linear 1x1 projection, and a way round where sizes agree."""

    def __init__(self, inputs: int, outputs: int, *, stride: int, activation: type[nn.Module], gated: bool) -> None:
        super().__init__()
        wide = 3 * inputs
        parts = [conv_norm(inputs, wide, 1), activation(), conv_norm(wide, wide, 3, stride, groups=wide), activation()]
        if gated:
            parts.append(SqueezeExcite(wide, 4))
        self.body = nn.Sequential(*parts, conv_norm(wide, outputs, 1))
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.residual else self.body(x)


def _inverted(activation: type[nn.Module], *, gated: bool) -> nn.Module:
    blocks = [
        InvertedResidual(inputs, outputs, stride=stride, activation=activation, gated=gated)
        for inputs, outputs, stride in ((6, 6, 1), (6, 8, 2), (8, 8, 1))
    ]
    return nn.Sequential(
        conv_norm(3, 6, 3, 2), activation(), *blocks, conv_norm(8, 20, 1), activation(), *classifier(20, 5)
    )


def mobilenet_like() -> nn.Module:
    return _inverted(nn.ReLU6, gated=False)


def efficientnet_like() -> nn.Module:
    return _inverted(nn.SiLU, gated=True)


def transformer() -> nn.Module:
    """Two of torch's own encoder layers over 6 places of 8 features, and a classifier of their mean."""

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, activation="gelu", batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
            self.head = nn.Linear(8, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.encoder(x).mean(dim=1))

    return Classifier()


class RMSNorm(nn.Module):
    """Divide by the root of the mean square over features, by hand."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.empty(features).uniform_(0.5, 1.5))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(dim=-1, keepdim=True) + 1e-6) * self.gain


class LanguageBlock(nn.Module):
    """Causal attention written as matrix products, then SwiGLU, each behind an RMS norm with a way round it."""

    def __init__(self, features: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = RMSNorm(features), RMSNorm(features)
        self.query_key_value = nn.Linear(features, 3 * features, bias=False)
        self.project = nn.Linear(features, features, bias=False)
        self.gate, self.up = nn.Linear(features, hidden, bias=False), nn.Linear(features, hidden, bias=False)
        self.down = nn.Linear(hidden, features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.project(self.attend(self.norm1(x)))
        y = self.norm2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))

    def attend(self, x: Tensor) -> Tensor:
        batch, places, features = x.shape
        heads = self.query_key_value(x).view(batch, places, 3, self.heads, features // self.heads)
        query, key, value = heads.permute(2, 0, 3, 1, 4).unbind(0)
        scores = query @ key.transpose(-2, -1) / (features // self.heads) ** 0.5
        future = torch.ones(places, places, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, float("-inf")).softmax(dim=-1)
        return (weights @ value).transpose(1, 2).reshape(batch, places, features)


class LanguageModel(nn.Module):
    """Words to scores of the next word: two blocks between an embedding and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(11, 8), nn.Parameter(torch.randn(6, 8))
        self.blocks = nn.Sequential(LanguageBlock(8, 2, 12), LanguageBlock(8, 2, 12))
        self.norm, self.head = RMSNorm(8), nn.Linear(8, 11, bias=False)

    def forward(self, words: Tensor) -> Tensor:
        return self.head(self.norm(self.blocks(self.words(words) + self.places)))


def language_model() -> nn.Module:
    return LanguageModel()


def two_branch() -> nn.Module:
    """Two branches as in AlexNet: a joint first convolution, grouped ones behind it, dense layers that join them."""
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 5, 2, 2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 12, 3, padding=1, groups=2), nn.ReLU()),
        *(nn.Conv2d(12, 12, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(48, 10), nn.ReLU(), nn.Linear(10, 5)),
    )


SAMPLES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "mlp": (mlp, (1, 12)),
    "vgg_like": (vgg_like, IMAGE),
    "resnet_like": (resnet_like, IMAGE),
    "bottleneck_like": (bottleneck_like, IMAGE),
    "inception_like": (inception_like, IMAGE),
    "squeezenet_like": (squeezenet_like, IMAGE),
    "mobilenet_like": (mobilenet_like, IMAGE),
    "efficientnet_like": (efficientnet_like, IMAGE),
    "transformer": (transformer, (1, 6, 8)),
    "language_model": (language_model, (1, 6)),
    "two_branch": (two_branch, IMAGE),
}


def build(name: str, *, seed: int = 0) -> tuple[nn.Module, Tensor]:
    """Return the network in eval mode and an input for it: pictures and features are Gaussian, words are numbers."""
    factory, shape = SAMPLES[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = with_lived_in_norms(factory()).eval()
        inputs = torch.randint(11, shape) if name == "language_model" else torch.randn(shape)
    return network, inputs


def with_lived_in_norms(network: nn.Module) -> nn.Module:
    """Give every batch norm statistics and gains as after training, a third of the gains negative."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
            nn.init.normal_(module.bias)
            nn.init.uniform_(module.weight, -0.5, 1.0)
    return network
