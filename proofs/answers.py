"""The seven exercises of the pooling chapter, answered; each answer rests on claims.

The questions are those of Dive into Deep Learning, "Pooling", in our words. An answer states
nothing that one of its claims does not settle, and each wrong answer named beside it is one that a
claim refutes: in a number system, or as a false neighbour. Apart from the claims because an answer
takes several of them, and gives no proof of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pooling.networks import Network, shallow, tree

#: The input that costs are given for: one image of 64 channels, as behind the stem of a ResNet.
SHAPE = (1, 64, 112, 112)


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that is often given, and where it is refuted."""

    says: str
    claim: str
    #: The number system in which the claim fails; empty if it is a false neighbour of the claim.
    system: str = ""
    #: The name of that false neighbour.
    mutant: str = ""


@dataclass(frozen=True)
class Exercise:
    """A question, its answer, what the answer rests on, what runs it and what that costs."""

    number: int
    question: str
    answer: str
    #: Ids of the claims that the answer rests on, the main one first.
    claims: tuple[str, ...]
    wrong: tuple[WrongAnswer, ...]
    #: A module of torch or of this project, as an expression.
    module: str
    #: The operator of the cost model, and its arguments.
    operator: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    #: The parts that the chapter divides it into, all answered here; 0 if it has none.
    parts: int = 0


def _layers(network: Network) -> str:
    *others, last = map(str, network.widths)
    return f"{network.depth} hidden layers of {', '.join(others)} and {last}"


EXERCISES = (
    Exercise(
        number=1,
        question="Write average pooling as a convolution.",
        answer="A kernel of k weights 1/k for each channel, with the pooling's stride: exactly "
        "that where padding counts and no window overhangs. Elsewhere windows divide by different "
        "numbers, which no one convolution does.",
        claims=("average-is-convolution", "no-convolution-averages-what-is-there", "channel-wise"),
        wrong=(
            WrongAnswer("It is exact in every dtype.", "average-is-convolution", system="int8"),
            WrongAnswer(
                "Overhanging windows divide by k as well.",
                "average-is-convolution",
                mutant="the divisor is the kernel's size always",
            ),
            WrongAnswer(
                "Conv2d(C, C, k) with weights 1/k will do, without groups.",
                "channel-wise",
                mutant="so does a convolution without groups",
            ),
        ),
        module="pooling.AvgPool2d(2)",
        operator="avg_pool2d",
        arguments={"kernel_size": 2},
    ),
    Exercise(
        number=2,
        question="Prove that no convolution alone is a max-pooling.",
        answer="On the windows (1, 0, …), (−1, 0, …) and (0, 0, …) an affine f has "
        "f + f − 2·f = 0, the maximum 1: so for any bias, channels and stack of convolutions. The "
        "closest of them is the average plus a constant.",
        claims=("no-linear-kernel-is-max", "best-affine-approximation"),
        wrong=(
            WrongAnswer(
                "Three windows of zeros and ones refute every convolution.",
                "no-linear-kernel-is-max",
                mutant="three windows are enough",
            ),
            WrongAnswer(
                "The closest convolution is average pooling.",
                "best-affine-approximation",
                mutant="the mean alone",
            ),
        ),
        module="pooling.AvgPool2d(2)",
        operator="avg_pool2d",
        arguments={"kernel_size": 2},
    ),
    Exercise(
        number=3,
        question="Write max(a, b), then max-pooling, with ReLUs. How many channels and layers?",
        answer="max(a, b) = ReLU(a − b) + b, in exact arithmetic; over a window "
        "m ← ReLU(t − m) + m from the first tap on, or a tree. Per channel 2 × 2 takes "
        f"{_layers(tree(4))}, 3 × 3 at most {_layers(shallow(9))}.",
        claims=(
            "max-is-relu",
            "max-pool-is-fold",
            "max-pool-is-tree",
            "channels-and-layers",
            "one-layer-cannot-do-three",
        ),
        wrong=(
            WrongAnswer("The identity is exact in int8.", "max-is-relu", system="int8"),
            WrongAnswer("It is exact in float16.", "max-is-relu", system="float16"),
            WrongAnswer("Start the fold at 0.", "max-pool-is-fold", mutant="started at 0"),
            WrongAnswer(
                "2 × 2 takes four layers.",
                "channels-and-layers",
                mutant="the popular answer for 2 × 2: four layers",
            ),
            WrongAnswer(
                "3 × 3 takes nine layers.",
                "channels-and-layers",
                mutant="the popular answer for 3 × 3: nine layers",
            ),
        ),
        module='pooling.MaxPool2d(2, scheme="tree", skips=False)',
        operator="max_pool2d",
        arguments={"kernel_size": 2, "algorithm": "relu_tree"},
        parts=3,
    ),
    Exercise(
        number=4,
        question="What does a pooling of a c × h × w input cost?",
        answer="One comparison fewer than a window has taps inside the input; for an average as "
        "many additions, and a division. Where no window leaves it: c·oₕ·o_w·(kₕ·k_w−1), where "
        "o = ⌊(n + p − k)/s⌋ + 1 and p is an axis's whole padding.",
        claims=("output-size", "taps-closed-form", "full-windows-iff-inside"),
        wrong=(
            WrongAnswer(
                "Every window takes all its elements, padding or not.",
                "full-windows-iff-inside",
                mutant="always right",
            ),
            WrongAnswer(
                "It is one operation per element of the window.",
                "full-windows-iff-inside",
                mutant="one per position is right for a maximum that stays inside",
            ),
            WrongAnswer(
                "(h + p − k)/s + 1 needs no floor.",
                "popular-answers-iff",
                mutant="floors are not needed",
            ),
        ),
        module="torch.nn.MaxPool2d(3, 2, 1)",
        operator="max_pool2d",
        arguments={"kernel_size": 3, "stride": 2, "padding": 1},
    ),
    Exercise(
        number=5,
        question="Why do max-pooling and average pooling work differently?",
        answer="A maximum follows one tap, an average takes a k-th of each. So the maximum keeps a "
        "feature that moves inside its window, but follows outliers above it; the average leaves "
        "less of Gaussian noise, as is proved for two and three equal taps, and no bias.",
        claims=(
            "one-element-shift",
            "outliers-move-the-maximum",
            "average-removes-most-noise",
            "lipschitz-constants",
            "relu-commutes-with-max-pool",
        ),
        wrong=(
            WrongAnswer(
                "Max-pooling is more robust to noise.",
                "lipschitz-constants",
                mutant="as it is said: the maximum of two taps changes no more than their average",
            ),
            WrongAnswer(
                "It leaves less of Gaussian noise.",
                "average-removes-most-noise",
                mutant="as it is said: of two taps the maximum leaves less than the average",
            ),
            WrongAnswer(
                "Average pooling is the one that loses to outliers.",
                "outliers-move-the-maximum",
                mutant="as it is said: an outlier moves the mean no less than the maximum",
            ),
            WrongAnswer(
                "Max-pooling is invariant to a shift by one pixel.",
                "one-element-shift",
                mutant="as it is said: max-pooling is invariant to a step of one element",
            ),
        ),
        module="torch.nn.AvgPool2d(2)",
        operator="avg_pool2d",
        arguments={"kernel_size": 2},
    ),
    Exercise(
        number=6,
        question="Is a min-pooling layer needed, or can something replace it?",
        answer="It is −MaxPool(−x): exactly, in the reals and in all float formats. In integers "
        "of a fixed width it fails where the smallest number is among the taps. It loses what "
        "max-pooling loses, upside down.",
        claims=(
            "min-pool-is-negated-max-pool",
            "min-is-negated-max-iff",
            "every-pooling-loses-taps",
        ),
        wrong=(
            WrongAnswer(
                "It is that in every dtype.", "min-pool-is-negated-max-pool", system="int8"
            ),
            WrongAnswer(
                "Negating the input is enough.",
                "min-pool-is-negated-max-pool",
                mutant="not negated back",
            ),
            WrongAnswer(
                "Max-pooling keeps what min-pooling loses.",
                "every-pooling-loses-taps",
                mutant="as it is said: the maximum keeps what the minimum loses",
            ),
        ),
        module="pooling.MinPool2d(2)",
        operator="min_pool2d",
        arguments={"kernel_size": 2},
    ),
    Exercise(
        number=7,
        question="A softmax could pool as well: why is that not popular?",
        answer="Not because gradients vanish: those of a window add up to 1. But it takes an "
        "exponential for each tap, does not scale with its input, and amplifies noise, by 1.1997 "
        "for two taps and without bound as windows grow.",
        claims=(
            "softmax-gradients",
            "softmax-pool-is-between",
            "softmax-pool-shifts-but-does-not-scale",
            "lipschitz-constants",
        ),
        wrong=(
            WrongAnswer(
                "Its gradients vanish.",
                "softmax-gradients",
                mutant="as it is said: every gradient of a window can be less than 1/k",
            ),
            WrongAnswer(
                "Its gradients are the weights.",
                "softmax-gradients",
                mutant="the gradient is the weight",
            ),
        ),
        module="pooling.SoftmaxPool2d(2)",
        operator="softmax_pool2d",
        arguments={"kernel_size": 2},
    ),
)

#: What the chapter says besides, and the claim that settles it.
SAYINGS = {
    "Pooling has no parameters.": "no-parameters",
    "The stride is the window by default.": "stride-is-the-window",
    "2 × 2 leaves a quarter, of even sizes.": "quarter-iff-even",
}
