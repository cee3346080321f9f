"""Small files in the form of CIFAR's python versions, as Python 2 and the numpy of its day wrote them."""

import hashlib
import io
import struct
import tarfile

from axmac.model.nn import data

NAMES = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch")
FOLDER = "cifar-10-batches-py"
COUNT = 4
"""Images in a batch."""


def _string(text):
    return b"T" + struct.pack("<i", len(text)) + text


def pickled(pixels, **labels):
    """Protocol 2: {name: list, "data": uint8 array}, with byte strings and the module names of old numpy."""
    shape = b"M" + struct.pack("<H", pixels.shape[0]) + b"M" + struct.pack("<H", pixels.shape[1]) + b"\x86"
    dtype = b"cnumpy\ndtype\n" + _string(b"u1") + b"K\x00K\x01\x87R"
    dtype += b"(K\x03" + _string(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + _string(b"b") + b"\x87R"
    array += b"(K\x01" + shape + dtype + b"\x89" + _string(pixels.tobytes()) + b"tb"
    lists = b"".join(
        _string(name.encode()) + b"](" + b"".join(b"K" + bytes([label]) for label in numbers) + b"e"
        for name, numbers in labels.items()
    )
    return b"\x80\x02}(" + lists + _string(b"data") + array + b"u."


def contents():
    """File name: bytes, of six batches with four digits each, in the shape of CIFAR-10."""
    digits = data.load("digits32", "test")
    found = {}
    for i, name in enumerate(NAMES):
        part = slice(COUNT * i, COUNT * (i + 1))
        pixels = (digits.images[part] * 255).byte().flatten(1).numpy()
        found[name] = pickled(pixels, labels=digits.labels[part].tolist())
    return found


def packed(files, mode, *, folder=FOLDER):
    """The bytes of an archive that holds the files in a folder."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode=mode) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def known(files):
    """The md5 of every batch, as the data set holds them."""
    md5 = {name: hashlib.md5(content).hexdigest() for name, content in files.items()}
    return {"train": {name: md5[name] for name in NAMES[:5]}, "test": {NAMES[5]: md5[NAMES[5]]}}
