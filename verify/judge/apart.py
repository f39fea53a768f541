"""Judging in a process of its own, which is ended when its time is up or ends itself.

Somebody's code may run for ever, exit or crash; none of it is to touch those judged beside it. The
child tells what it has found as it goes on, so that something can be said when it is ended.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

#: Seconds beyond the limit in which a judge may still say by itself that time is up.
GRACE = 1.0
#: Seconds, at least, in which a module must be found and made.
LOADING = 60.0

#: Takes a function to call once everything is loaded and one that is told what was found so far.
Work = Callable[[Callable[[], None], Callable[[str], None]], Any]


class EndedError(Exception):
    """The process ended, or was ended, before it had a result; the message is one line."""


class OutOfTimeError(EndedError):
    """Its time was up."""


def apart(work: Work, timeout: float, progress: Callable[[str], None] = lambda _: None) -> Any:
    """Return what ``work`` returns in a child process, or raise what it raises.

    Args:
        work: What to do. Its result must be such as can be pickled.
        timeout: Seconds from the moment when everything is loaded.
        progress: Hears what is found, in this process.

    Raises:
        OutOfTimeError: Time was up; the message says what was found until then.
        EndedError: The child ended itself.
    """
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(work, there), daemon=True)
    child.start()
    there.close()
    started, limit, loaded, latest = time.monotonic(), max(timeout, LOADING), False, ""
    try:
        while True:
            left = started + limit - time.monotonic()
            if not here.poll(max(left, 0)):
                raise OutOfTimeError(
                    f"out of time after {timeout:g} s" + (f": {latest}" if latest else "")
                    if loaded else f"loading it takes more than {limit:g} s"
                )  # fmt: skip
            word, value = pickle.loads(here.recv_bytes())
            if word == "loaded":
                started, limit, loaded = time.monotonic(), timeout + GRACE, True
            elif word == "progress":
                latest = value
                progress(value)
            elif word == "raised":
                raise value
            else:
                return value
    except EOFError:
        child.join()
        code = child.exitcode or 0
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        raise EndedError(
            f"it ended the process ({how})" + (f": {latest}" if latest else "")
        ) from None
    finally:
        child.kill()
        child.join()
        here.close()


def _child(work: Work, there: Connection) -> None:
    import torch

    # What a module prints, at whatever level, is no result.
    os.dup2(2, 1)
    # Threads that another process has started are not here.
    torch.set_num_threads(1)

    def send(word: str, value: Any = None) -> None:
        there.send_bytes(pickle.dumps((word, value)))

    try:
        result = work(lambda: send("loaded"), lambda found: send("progress", found))
    except Exception as error:
        send("raised", error)
    except BaseException as error:  # such as a KeyboardInterrupt of the module's own
        send("raised", EndedError(f"it ends what runs it by a {type(error).__name__}"))
    else:
        send("done", result)
    there.close()
    os._exit(0)
