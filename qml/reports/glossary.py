"""The terms a report prints, and what each of them means."""

from dataclasses import dataclass

from qml.advantage.words import interval_name


@dataclass(frozen=True)
class Term:
    """One entry of "how to read this".

    Args:
        anchor: Fragment of the page's address.
        name: The term as printed.
        meaning: One or two sentences.
    """

    anchor: str
    name: str
    meaning: str


def glossary(alpha: float = 0.05) -> tuple[Term, ...]:
    """Return the terms in the order of the page.

    Args:
        alpha: One-sided error rate of a claim; it names the interval.

    >>> [term.name for term in glossary(0.05) if term.anchor == "interval"]
    ['90 % interval']
    """
    interval, bound = interval_name(alpha), f"{100 * (1 - alpha):g} %"
    return tuple(
        Term(
            term.anchor,
            term.name.replace("{interval}", interval),
            term.meaning.replace("{interval}", interval).replace("{bound}", bound),
        )
        for term in _TERMS
    )


_TERMS = (
    Term(
        "verdict",
        "Verdict",
        "One of four words for a task. It compares two sides, not two models: in every replicate each side sends the "
        "model that did best on validation data, and only those two are compared on the test part.",
    ),
    Term(
        "level",
        "Evidence level",
        "L0: quantum was not shown to be better. L1: the quantum side beats the whole classical pool. L2: it beats "
        "all of its twins too, so the gain can be attributed to the circuit. L3: no tag of a cheap classical "
        "simulation applies to the circuit. L4: the gain survives shots and noise. No claim of this kind is printed "
        "without its level.",
    ),
    Term(
        "difference",
        "Difference",
        "Test score of the quantum side's winner minus that of the classical side's winner, on the same data, averaged "
        "over replicates. Above zero, the quantum side did better.",
    ),
    Term(
        "interval",
        "{interval} interval",
        "The range the true mean difference lies in with that probability under a t distribution; its ends are the "
        "one-sided {bound} bounds that the verdict uses. For repeated splits of one data set the variance is "
        "Nadeau and Bengio's, because such splits share samples.",
    ),
    Term(
        "margin",
        "Margin δ",
        "Differences up to this size count as equal in practice. It is fixed before any test part is opened. The band "
        "in the charts runs from −δ to +δ.",
    ),
    Term(
        "manifest",
        "Manifest",
        "What the study decided: data, seeds, sizes, metric, margin, models, search spaces, trials and claims. "
        "It is stored, and known by its hash, before any test part is opened; each opening is entered in a ledger "
        "with that hash.",
    ),
    Term(
        "exploratory",
        "Exploratory",
        "Something was decided after test parts had been opened: a task, a model or a seed was added or left out, or a "
        "setting changed. Such a result may suggest a study; it does not confirm anything.",
    ),
    Term(
        "probabilities",
        "P(better), P(equal), P(worse)",
        "Probability that the true mean difference is above +δ, inside the band, below −δ. A verdict needs one of them "
        "to pass 1 − α after correction; if none does, the answer stays open.",
    ),
    Term(
        "holm",
        "Holm p",
        "p-value of the claim that quantum is better by more than δ, corrected by Holm's method for asking "
        "the question on several tasks of one study.",
    ),
    Term(
        "q",
        "q",
        "p-value of a secondary row, corrected by Benjamini and Hochberg's method: of the rows with q below 0.1, a "
        "tenth may be false. It says where to look next, and is no claim.",
    ),
    Term(
        "looks",
        "Look",
        "A number of replicates, fixed beforehand, at which the study may be judged and stopped. The earlier a look, "
        "the stronger the evidence it asks for, so that all looks together cry wrongly no more often than one would.",
    ),
    Term(
        "pooled",
        "Over tasks",
        "The mean difference over tasks like these, with the scatter from task to task counted in, and the probability "
        "that the true difference on a new task lies inside the margin. Under six tasks nothing is claimed. No verdict "
        "rests on it.",
    ),
    Term(
        "mde",
        "Detectable difference",
        "The smallest true difference this many replicates would usually find, given how much replicates scatter. "
        "Smaller effects may exist and stay unseen.",
    ),
    Term(
        "test-error",
        "Test error",
        "Standard error that the finite number of test rows leaves in a side's mean score. Above the margin, the test "
        "data are too few for a verdict.",
    ),
    Term(
        "replicate",
        "Replicate",
        "One repetition of the whole experiment: new data (or a new split), new tuning, new fit, one opening of the "
        "test part. All models of a replicate see the same data and the same inner folds.",
    ),
    Term(
        "side",
        "Side",
        "Quantum: quantum and hybrid models. Classical: the pool of baselines. Each side has the same number of tuning "
        "trials in total.",
    ),
    Term(
        "twin",
        "Twin",
        "A copy of a quantum model with one thing taken out, tuned alike: entanglement (separable), training of the "
        "circuit (frozen), the circuit (matched), all but its frequencies (surrogate). If the twin does as well, that "
        "thing was not what helped. A generator is the task's own solver.",
    ),
    Term(
        "axis",
        "Axis",
        "What a study's claims are about: the score itself (generalisation), or the training rows, copies of a state "
        "or optimiser steps that a side needs to reach a target, as the logarithm of a ratio; or how a score stands "
        "noise.",
    ),
    Term(
        "parameter-efficiency",
        "Parameter efficiency",
        "Trainable parameters, head and scalings counted, against the mean score, and the front of models that no "
        "other beats in both. It is shown and never claimed: a count of parameters is not what a model costs.",
    ),
    Term(
        "hardware-time",
        "Hardware time",
        "Seconds that the last fit would take on stated hardware: circuits × shots × (reset + depth × gate + "
        "measurement) / machines. A projection from assumed times, no measurement and no claim.",
    ),
    Term(
        "tags",
        "Simulability tag",
        "A known way to simulate a circuit cheaply that is open for the fitted one: light cone, Clifford + t, bond "
        "dimension, Pauli propagation, shadows. Simulating a small circuit exactly is always possible and is no tag; "
        "that no tag applies says nothing about larger circuits.",
    ),
    Term(
        "kernel-geometry",
        "Kernel geometry",
        "What a quantum kernel can do that classical kernels cannot. A concentrated kernel has entries that differ by "
        "less than its shots resolve; an untuned one was given no bandwidth to search.",
    ),
    Term(
        "survival",
        "Survival",
        "The fitted quantum winners, scored again with a finite number of shots and with depolarising noise after "
        "every gate, against the same classical winners. L4 asks that P(better) passes in all nine settings.",
    ),
    Term(
        "adversarial",
        "Adversarial inputs",
        "Test rows moved by projected gradient descent, by up to ε in every scaled feature, to where the model does "
        "worst. Models without gradients for their inputs are not assessed, and no claim rests on any of it.",
    ),
    Term(
        "robust",
        "Robust",
        "The quantum winner also beats the classical model that turned out best on the test part, which is more than a "
        "fair comparison asks for.",
    ),
    Term(
        "engineered",
        "Engineered",
        "The data were generated by a circuit like the ones being tested. Winning there shows that the "
        "method works, not that it is useful elsewhere.",
    ),
    Term(
        "null",
        "Null",
        "There is nothing to learn in this task; it is in the study to check that no claim is made where none can be.",
    ),
    Term(
        "chance",
        "Chance",
        "Score of guessing; in regression, of the mean of the training targets. If neither side beats chance by more "
        "than δ, nothing was learned and nothing is compared. "
        "A failed fit counts as chance; it is never left out.",
    ),
    Term(
        "calibration",
        "Calibration",
        "Studies whose right answer is known, run from data to verdict like any other, and counted. It holds for the "
        "code it was made with, and the sentence says so where the code has changed since.",
    ),
    Term(
        "false-alarm",
        "False alarm",
        "The claim that quantum is better, where it is not. Its rate is the share of nulls, studies without a "
        "difference, in which it came; the true rate lies below the bound with 97.5 % confidence.",
    ),
    Term(
        "reliability",
        "Reliability",
        "Whether a stated probability is kept: of all statements made with a probability of 0.7, seven in ten should "
        "be true.",
    ),
)
