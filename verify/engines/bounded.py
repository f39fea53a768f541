"""A solver asked in a process of its own, which is ended when its time is over.

cvc5 looks at its limits between steps, and one step over polynomials may take minutes. It cannot be
interrupted from outside either; only a process can.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
from multiprocessing.connection import Connection

from verify.engines.engine import Settings
from verify.engines.smt import Answer, SmtEngine

#: Seconds beyond its limit for a solver to say by itself that it gives up.
GRACE = 0.5


def solved_apart(engine: SmtEngine, text: str, settings: Settings) -> Answer:
    """Decide one script in a child process, which is killed soon after its time.

    Where processes cannot be forked it is decided here, in whatever time that takes.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        return engine.solve(text, settings)
    here, there = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if not child:
        _answer(engine, text, settings, there)
    there.close()
    try:
        if here.poll(settings.timeout + GRACE):
            answer: Answer = pickle.loads(here.recv_bytes())
            return answer
        return Answer("unknown", reason="TIMEOUT, and it had to be ended")
    except EOFError:
        return Answer("unknown", reason="it ended its process")
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        here.close()


def _answer(engine: SmtEngine, text: str, settings: Settings, there: Connection) -> None:
    """Send the answer and end the process, whatever happens, without what the parent would do."""
    try:
        there.send_bytes(pickle.dumps(engine.solve(text, settings)))
    except Exception as error:
        there.send_bytes(pickle.dumps(Answer("unknown", reason=str(error))))
    finally:
        os._exit(0)
