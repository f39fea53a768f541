"""The closed set of words in which a check may answer."""

from enum import Enum


class Verdict(Enum):
    """What was found out, and no more than that."""

    PROVED = "for all values and, where shapes occur, for all shapes"
    PROVED_BOUNDED = "for all values, for every shape up to the stated bound"
    EXHAUSTED = "every value of a finite number system was tried"
    WITHIN = "not equal in this number system, but within a proved bound"
    MEASURED = "what torch or a framework was seen to do; no theorem"
    TESTED = "samples found no counterexample; not a proof"
    PARTIAL = "a part of the claim holds; it says which is not judged"
    REFUTED = "a counterexample was found and replayed"
    UNKNOWN = "a solver gave up or ran out of time"
    NOT_JUDGED = "it cannot be run or read as asked"
    MISSING = "there is no such file, name or argument"
    SKIPPED = "something needed is missing here"
    ERROR = "engines disagree, or something broke"

    def __str__(self) -> str:
        return self.name

    @property
    def affirms(self) -> bool:
        """Whether the verdict speaks for the claim, however weakly, or for a part of it."""
        return self in _BY_STRENGTH

    @property
    def settles(self) -> bool:
        """Whether the verdict is about every value it speaks of, rather than about samples."""
        return self in _SETTLED


#: Nothing was found out: no other word beside one of these makes it a pass.
_OPEN = (Verdict.UNKNOWN, Verdict.NOT_JUDGED, Verdict.MISSING)
_SETTLED = (Verdict.PROVED, Verdict.EXHAUSTED, Verdict.PROVED_BOUNDED, Verdict.WITHIN)
_BY_STRENGTH = (*_SETTLED, Verdict.MEASURED, Verdict.TESTED, Verdict.PARTIAL)


def strongest(verdicts: list[Verdict]) -> Verdict:
    """Return what several engines together say about one statement.

    A proof or exhaustion beside a refutation is an ``ERROR``: one of the engines is wrong. So is a
    sample that refutes what another engine proved. An engine that was asked and could not answer
    leaves the statement ``UNKNOWN``, whatever the others say.

    >>> strongest([Verdict.TESTED, Verdict.PROVED]).name
    'PROVED'
    >>> strongest([Verdict.REFUTED, Verdict.PROVED]).name
    'ERROR'
    """
    said = set(verdicts)
    if Verdict.ERROR in said:
        return Verdict.ERROR
    if Verdict.REFUTED in said and any(v.settles for v in said):
        return Verdict.ERROR
    for word in (*_OPEN, Verdict.REFUTED, *_BY_STRENGTH):
        if word in said:
            return word
    return Verdict.SKIPPED


def weakest(verdicts: list[Verdict]) -> Verdict:
    """Return what the parts of a claim together say about the whole.

    >>> weakest([Verdict.PROVED, Verdict.TESTED]).name
    'TESTED'
    """
    order = (Verdict.ERROR, *_OPEN, Verdict.REFUTED, Verdict.SKIPPED, *reversed(_BY_STRENGTH))
    said = set(verdicts)
    return next((word for word in order if word in said), Verdict.SKIPPED)
