"""What the shards of these tests compute: each writes down that it ran."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import torch


def _ran(folder, number):
    with open(Path(folder, "ran"), "a") as file:
        file.write(f"{number}\n")


def square(folder, number):
    _ran(folder, number)
    return {"square": number**2, "threads": torch.get_num_threads(), "third": number / 3}


def when_told(folder, number):
    """Waits for a token, a file that one shard only can take."""
    while True:
        for token in Path(folder).glob("token-*"):
            with suppress(FileNotFoundError):
                token.unlink()
                return square(folder, number)
        time.sleep(0.02)


def dies_at_first(folder, number):
    flag = Path(folder, f"died-{number}")
    if number % 3 == 0 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return square(folder, number)


def breaks(folder, number):
    if number == 2:
        raise RuntimeError("shard 2 cannot be computed")
    return square(folder, number)


def nothing_json_holds(folder, number):
    return {"folder": folder, "number": number * float("nan")}
