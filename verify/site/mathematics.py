"""Formulas as MathML, which browsers set themselves: no fonts, no scripts, no foreign address."""

from html import escape

from proofs.notation import latex, text
from proofs.terms import Term

#: Longer than this, a formula is easier to read as a line of text that wraps.
LONGEST = 700


def mathml(term: Term) -> str:
    """Return a statement set as mathematics, as HTML; very long ones in plain text.

    >>> from proofs.terms import variables
    >>> a, b = variables("a b")
    >>> mathml(a <= b)[:5]
    '<math'
    """
    from latex2mathml.converter import convert

    written = latex(term)
    if len(written) > LONGEST:
        return f'<p class="formula-text">{escape(text(term))}</p>'
    # A bracket right after a line's end would be read as the height of a gap.
    return str(convert(written.replace(r"\\ [", r"\\ {}["), display="block"))
