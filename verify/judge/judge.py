"""Asking whether a module is the same as a reference, for every input of one shape or of all.

Here is what people call. It reads what is asked, has it judged at one shape or at every size, and
asks on about what was found.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.cores import single_thread
from verify.judge.conditions.given import Given, parsed
from verify.judge.conditions.weakest import WeakestCondition
from verify.judge.equivalence import Equivalence
from verify.judge.gradients import with_gradients
from verify.judge.shape.one_shape import OneShape
from verify.judge.shape.proof import SOLVERS
from verify.judge.shape.question import Progress, Question
from verify.judge.side import Judged, Shapes, Side
from verify.judge.tolerance.around import around
from verify.judge.tolerance.asked import Asked, Between, asking
from verify.judge.watching.observer import WatchedTooLongError
from verify.judge.watching.running import NotJudgedError, broken, unlogged

#: Seconds for one module, watching and all solver calls together.
TIMEOUT = 60.0
#: The number systems in which a tensor can be judged. int64 is left out because torch uses it for
#: places, the 8-bit floats because torch computes on them in other formats.
JUDGED_SYSTEMS = (
    "real",
    "int8",
    "int16",
    "int32",
    "uint8",
    "float16",
    "bfloat16",
    "float32",
    "float64",
)
#: How many elements the input has at most of what is asked for the condition under which it is
#: equal and not only within a bound, and for how many seconds.
FEW_ELEMENTS, EQUAL_SECONDS = 16, 10.0


def equivalent(
    module: Judged,
    reference: Judged | str,
    input_shape: Sequence[int | str] | Sequence[Sequence[int]] | None = None,
    system: str = "real",
    *,
    given: str | Sequence[str] | None = None,
    between: Between | None = None,
    executed: bool = False,
    drawn: bool = False,
    why: bool = True,
    backward: bool = False,
    engines: Sequence[str] = (),
    timeout: float = TIMEOUT,
    name: str = "",
    reference_name: str = "",
    progress: Progress = lambda _: None,
    domain: str | None = None,
) -> Equivalence:
    """Judge whether ``module`` computes what ``reference`` does, for all inputs of given shapes.

    Args:
        module: A module, or a function, from a tensor to a tensor, or from several.
        reference: Another one, or a pooling by name: ``"max_pool2d(3, stride=2, padding=1)"``,
            executed by its definition in :mod:`pooling.reference`.
        input_shape: The shape of the input, in elements; of several inputs, their shapes. Letters
            stand for sizes that are open, equal letters for equal sizes: ``("N", 3, "H", "H")``.
            Without it all sizes are open, if the reference is a pooling by name.
        system: The number system, one of :data:`JUDGED_SYSTEMS`. Over the reals weights stand for
            the simplest fractions that round to them, 0.11111111 for 1/9. In any other the module
            runs in that dtype, and infinities and NaN are inputs like any other.
        given: For inputs only whose every element meets this: ``"x >= 0"``, ``"x in [0, 1]"``,
            ``"x > -1e4"``, ``"x is integer"``, ``"x finite"``, or several that all hold.
        between: For inputs in this range only, its two ends, or one range for each input. In a
            float system what is equal over the reals is then ``WITHIN`` a proved bound; of open
            sizes within one for all of them.
        executed: Whether the reference is what is computed in that system, and not the exact
            value.
        drawn: Whether errors around the worst input are wanted, for a picture:
            ``tolerance.around``.
        why: Whether a module that is refuted is asked on: the weakest condition found under which
            it is right, ``condition``, is searched for a few seconds.
        backward: Whether gradients are judged as well: what autograd gives to the inputs, for any
            gradient of the output, where taps tie too. A pooling by name is trained as torch's
            own is. Outputs that are refuted are all that is told then.
        engines: The solvers to ask, such as ``["z3"]``, and no normal forms besides; without
            it all of them and the normal forms.
        timeout: Seconds for everything, looked at between steps.
        name: What to call the module in the result; its class's name without it.
        reference_name: What to call the reference.
        progress: Is told what was found so far.
        domain: The former name of ``system``.

    Returns:
        A finding. ``PROVED`` is a proof for every value and every size at which there is a
        reference, ``PROVED_BOUNDED`` one for every value, for this shape or for those it names.
        ``REFUTED`` brings an input on which the module was run, or names a wrong shape or dtype,
        of open sizes at the smallest. ``WITHIN`` has a proved bound on the distance for every
        input in range: ``within``, ``worst``. ``TESTED``: it ran, it cannot be read as terms, and
        telling inputs found no difference. ``NOT_JUDGED``: it cannot be run as asked, is no
        function of its input, or a run is not what its terms say. ``UNKNOWN`` says what gave up.

    Raises:
        ValueError: An unknown system, engine or pooling, a shape it does not take, a condition
            that no number meets, or gradients of integers, in a range or at open sizes.

    >>> import torch
    >>> def largest(x):
    ...     return torch.relu(x[..., 0::2] - x[..., 1::2]) + x[..., 1::2]
    >>> print(equivalent(largest, "max_pool1d(2)", (1, 1, 4)).verdict)
    PROVED_BOUNDED
    >>> found = equivalent(lambda x: x[..., 1::2], "max_pool1d(2)", (1, 1, 4))
    >>> print(found.verdict, found.counterexample.input.tolist(), found.counterexample.index)
    REFUTED [[[0.0, -1.0, 0.0, 0.0]]] (0, 0, 0)
    >>> def whole(x):
    ...     return largest(x[..., : x.shape[-1] // 2 * 2])
    >>> print(equivalent(whole, "max_pool1d(2)", ("N", "C", "W")).verdict)
    PROVED
    >>> found = equivalent(largest, "max_pool1d(2)", (1, 1, 2), backward=True)
    >>> print(found.gradients.verdict, found.counterexample.input.tolist())
    REFUTED [[[0.0, 0.0]]]
    """
    started = time.perf_counter()
    system = system if domain is None else domain  # its older name
    for word, asked, known in (("system", [system], JUDGED_SYSTEMS), ("engine", engines, SOLVERS)):
        for one in asked:
            if one not in known:
                raise ValueError(f"{word} {one!r} is not one of {', '.join(known)}")
    if backward:
        refuse_backward(system, input_shape, between)
    if input_shape is None:
        input_shape = _open_shape(reference)
    every_size = input_shape

    def again(found: Equivalence) -> Equivalence:
        """Judge once more, what the module's dtype has alone."""
        words = [f"x within {found.beyond}", *([given] if isinstance(given, str) else given or ())]
        within = equivalent(
            module, reference, every_size, system, given=words, why=why, backward=backward,
            engines=engines, timeout=started + timeout - time.perf_counter(), name=name,
            reference_name=reference_name, progress=progress,
        )  # fmt: skip
        settled = within.verdict.settles
        return replace(within if settled else found, seconds=time.perf_counter() - started)

    if any(isinstance(size, str) for size in input_shape):
        from verify.judge.sizes.everywhere import at_every_size

        _refuse_both(given, between, executed)
        if drawn:
            raise ValueError("errors are drawn at one shape: give input_shape numbers")
        meant = None if given is None else parsed(given)
        bound_at = None
        if between is not None:
            bound_at = partial(_asked_at, between, system, executed)
        found = at_every_size(
            module, reference, input_shape, system if bound_at is None else "real",
            tuple(engines), started + timeout, progress, given=meant, asked=bound_at,
        )  # fmt: skip
        if why and found.verdict is Verdict.REFUTED and found.counterexample is not None:
            found = _asked_on_there(module, reference, found, started + timeout, meant)
        found = replace(
            found,
            module=name or found.module,
            reference=reference_name or found.reference,
            given="" if meant is None else meant.words,
            seconds=time.perf_counter() - started,
        )
        return again(found) if found.beyond else found
    shapes = _shapes(input_shape)
    _refuse_both(given, between, executed)
    about = None if between is None else asking(between, system, shapes, executed=executed)
    # In a range what is computed is read over the reals, and its rounding is bounded.
    read = SYSTEMS[system if about is None else "real"]
    dtype = None if about is None else about.dtype
    mine, theirs = (Side(one, read, shapes, dtype) for one in (module, reference))
    meets = None if given is None else parsed(given).within(read, mine.dtype)
    question = Question(mine, theirs, read, shapes, started + timeout, about, meets)
    case = OneShape(question, tuple(engines), progress)
    found = _judged(case, why)
    if why and found.verdict is Verdict.WITHIN and question.count <= FEW_ELEMENTS:
        found = replace(found, condition=_where_equal(module, reference, case))
    bound, worst = found.tolerance, found.worst
    if drawn and about is not None and bound is not None and worst is not None:
        points = around(mine, theirs, about, worst)
        found = replace(found, tolerance=replace(bound, around=points))
    if backward:
        found = with_gradients(found, module, reference, case, _judged)
    found = replace(
        found,
        module=name or mine.name,
        reference=reference_name or theirs.name,
        given="" if meets is None else meets.given.words,
        seconds=time.perf_counter() - started,
    )
    return again(found) if found.beyond else found


def _refuse_both(given: Any, between: Any, executed: bool) -> None:
    if given is not None and between is not None:
        raise ValueError("given and between both say which inputs are meant: give one of them")
    if executed and between is None:
        raise ValueError("executed needs between: the range of the inputs")


def _asked_at(between: Between, system: str, executed: bool, shape: tuple[int, ...]) -> Asked:
    """Return which bound is asked for at a shape."""
    return asking(between, system, (shape,), executed=executed)


def _judged(case: OneShape, why: bool) -> Equivalence:
    """Return what is found, whatever a module brings about."""
    question = case.question
    try:
        with single_thread():  # most of the work is not torch's, and threads wait for each other
            with unlogged():
                found = case.judged()
            if why and found.verdict is Verdict.REFUTED and found.counterexample is not None:
                case.progress(found.reason)
                try:
                    found = case.asked_on(found)
                except WatchedTooLongError:
                    found = replace(found, no_condition="none was found before time was up")
                except Exception as error:  # a refutation stands whatever comes of the question
                    found = replace(found, no_condition=broken(error))
    except WatchedTooLongError as late:
        found = question.found(Verdict.UNKNOWN, str(late) or "out of time while it was watched")
    except NotJudgedError as reason:
        found = question.found(Verdict.NOT_JUDGED, str(reason))
    except Exception as error:  # whatever a module brings about here is no fault of its user's
        found = question.found(Verdict.NOT_JUDGED, broken(error))
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        how = f"it ends what runs it by a {type(error).__name__}"
        found = question.found(Verdict.NOT_JUDGED, how)
    return found


def _where_equal(
    module: Judged, reference: Judged | str, case: OneShape
) -> WeakestCondition | None:
    """Return the weakest condition found under which a float format has no error at all."""
    asked = case.question
    assert asked.about is not None
    system = asked.about.system
    try:
        mine, theirs = (Side(one, system, asked.shapes) for one in (module, reference))
    except ValueError:  # a mean, which has no one value there
        return None
    until = min(asked.deadline, time.perf_counter() + EQUAL_SECONDS)
    there = OneShape(Question(mine, theirs, system, asked.shapes, until), (), case.progress)
    return _judged(there, True).condition


def refuse_backward(system: str, input_shape: Any, between: Any) -> None:
    """Refuse to judge gradients where there are none, or where nobody can.

    Raises ``ValueError``.
    """
    if "int" in system:
        raise ValueError(f"backward needs a system with gradients, real or a float, got {system}")
    if between is not None:
        raise ValueError("backward is not judged between bounds: leave out one of them")
    flat = input_shape or ("N",)
    if any(isinstance(size, str) for size in flat):
        raise ValueError("backward needs an input_shape of numbers")


def _asked_on_there(
    module: Judged, reference: Judged | str, refuted: Equivalence, deadline: float,
    given: Given | None,
) -> Equivalence:  # fmt: skip
    """Return a refutation at open sizes with the condition that was found at its input's shape."""
    assert refuted.counterexample is not None
    shape = tuple(refuted.counterexample.input.shape)
    system = SYSTEMS[refuted.system]
    mine, theirs = (Side(one, system, (shape,), None) for one in (module, reference))
    meets = None if given is None else given.within(system, mine.dtype)
    question = Question(mine, theirs, system, (shape,), deadline, given=meets)
    case = OneShape(question, (), lambda _: None)
    try:
        there = case.judged()
        if there.verdict is Verdict.REFUTED and there.counterexample is not None:
            there = case.asked_on(there)
    except Exception:  # a refutation stands whatever comes of the question behind it
        return refuted
    condition = there.condition
    if condition is not None:
        at = "×".join(map(str, shape))
        condition = replace(condition, words=f"{condition.words}, at {at}")
    return replace(refuted, condition=condition, no_condition=there.no_condition)


def _open_shape(reference: Judged | str) -> tuple[str, ...]:
    """Return the shape of a pooling's input with all sizes open."""
    if not isinstance(reference, str):
        raise ValueError("input_shape must be given: the rank of the reference is not known")
    from verify.judge.references import named_pooling

    return named_pooling(reference).open_shape


def _shapes(given: Any) -> Shapes:
    shapes = tuple(given)
    if shapes and all(isinstance(shape, tuple | list) for shape in shapes):
        found = tuple(tuple(shape) for shape in shapes)
    else:
        found = (shapes,)
    for shape in found:
        if any(type(size) is not int or size < 1 for size in shape) or not found[0]:
            raise ValueError(f"input_shape must be whole numbers from 1 on, got {shape}")
    return found
