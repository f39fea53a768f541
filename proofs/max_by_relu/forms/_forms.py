"""The forms in which a network writes max(a, b), by name: what the claims about them are made from.

All are the maximum in real arithmetic. They differ in what a machine does to their intermediate
results: which differences and sums it forms, how often it rounds them, and what can overflow.
"""

from collections.abc import Mapping

from proofs.systems import SYSTEMS
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Term, half, relu, subterms, variables, widened

a, b = variables("a b")


def by_difference(x: Term, y: Term) -> Term:
    """Return ReLU(x − y) + y, one ReLU around which y goes: the form this project is about.

    >>> by_difference(a, b)
    ReLU(a − b) + b
    """
    return relu(x - y) + y


def by_three_relus(x: Term, y: Term) -> Term:
    """Return ReLU(x − y) + ReLU(y) − ReLU(−y), in which nothing goes around the layer.

    >>> by_three_relus(a, b)
    ReLU(a − b) + ReLU(b) − ReLU(−b)
    """
    return relu(x - y) + relu(y) - relu(-y)


def by_distance(x: Term, y: Term) -> Term:
    """Return half of the sum plus the distance.

    >>> by_distance(a, b)
    (a + b + |a − b|)/2
    """
    return half(x + y + abs(x - y))


def by_halves(x: Term, y: Term) -> Term:
    """Return the maximum of the halves, doubled, so that the difference cannot overflow.

    >>> by_halves(a, b)
    ReLU(a/2 − b/2) + b/2 + (ReLU(a/2 − b/2) + b/2)
    """
    maximum = by_difference(half(x), half(y))
    return maximum + maximum


def by_wide_difference(x: Term, y: Term) -> Term:
    """Return ReLU(x − y) + y in a wider format, rounded once at the end.

    >>> by_wide_difference(a, b)
    wide(ReLU(a − b) + b)
    """
    return widened(by_difference(x, y))


#: Every form of max(a, b), by a short name.
FORMS: Mapping[str, Term] = {
    "difference": by_difference(a, b),
    "mirror": by_difference(b, a),
    "three-relus": by_three_relus(a, b),
    "distance": by_distance(a, b),
    "halves": by_halves(a, b),
    "wide": by_wide_difference(a, b),
}


def forms_in(system: str) -> dict[str, Term]:
    """Return the forms that can be computed in a float format: in float64 nothing is wider.

    >>> set(FORMS) - set(forms_in("float64"))
    {'wide'}
    """
    try:
        _ = SYSTEMS[system].wider
    except UnsupportedError:
        return {
            name: form
            for name, form in FORMS.items()
            if all(node.operator != "widened" for node in subterms(form))
        }
    return dict(FORMS)
