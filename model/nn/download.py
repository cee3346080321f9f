"""Files from the network: checked before use, never half-written."""

import hashlib
import http.client
import os
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from axmac.model.spec import InputError

__all__ = ["check_md5", "download"]

_BLOCK = 1 << 16
_TIMEOUT = 30


def check_md5(path: Path, md5: str, remedy: str) -> None:
    """Raises ``InputError`` with ``remedy`` unless the file is there and has that md5."""
    if not path.is_file():
        raise InputError(f"{path} is missing: {remedy}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    if found != md5:
        raise InputError(f"{path} is truncated or damaged (md5 {found}, not {md5}): {remedy}")


def download(urls: Sequence[str], path: Path, md5: str, progress: Callable[[str, int, int], object]) -> None:
    """Fetches the first of ``urls`` that answers with the right md5 and moves it to ``path`` in one step.

    ``progress`` is called with (file name, bytes done, bytes in all). Raises ``InputError`` if none does.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path.parent} cannot be made ({error.strerror}): set AXMAC_DATA or XDG_CACHE_HOME") from None
    reason = "no address"
    for url in urls:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            part = Path(file.name)
        try:
            with part.open("wb") as file:
                found = _fetch(url, file, lambda done, total: progress(path.name, done, total))
            if found == md5:
                os.replace(part, path)
                return
            reason = f"{url}: md5 {found}, not {md5}"
        except (OSError, http.client.HTTPException) as error:
            reason = f"{url}: {error}"
        finally:
            part.unlink(missing_ok=True)
    raise InputError(f"could not download {path.name} ({reason}): set AXMAC_DATA to a folder that holds it")


def _fetch(url: str, file: object, progress: Callable[[int, int], object]) -> str:
    """Writes the body to ``file`` and returns its md5."""
    digest, done = hashlib.md5(), 0
    with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:
        total = int(answer.headers.get("Content-Length") or 0)
        while block := answer.read(_BLOCK):
            file.write(block)
            digest.update(block)
            done += len(block)
            progress(done, total)
    return digest.hexdigest()
