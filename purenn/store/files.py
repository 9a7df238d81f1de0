"""Files that are written whole or not at all.

Whatever happens during writing, either the old file or the new one is there, whole; and what cannot
be written in its place is written somewhere else rather than lost.
"""
from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterable
from typing import Any


def write_json(path: str, value: Any) -> None:
    """Write the value to a JSON file, whole or not at all.

    Raises ValueError for a number that is not finite, or of another kind than float and int.
    """
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} was not written: {error}") from None
    write_whole(path, text + "\n")


def write_whole(path: str, content: str | bytes) -> None:
    """Write a file so that, whatever happens, the old file or the new one is there, whole.

    Text goes into it as UTF-8.  The content goes to a temporary file in the same folder, is flushed
    to the disk, and the file then takes the old one's place in one move.  Raises OSError, with the
    path, when that fails.  A process that is killed meanwhile may leave the temporary file behind;
    its name ends in ".partial", and nothing ever reads it.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    temporary = None
    try:
        if _is_device(path):
            with open(path, "wb", opener=_without_waiting) as file:
                file.write(raw)
            return
        target = _target(path)
        folder, name = os.path.split(target)
        # 50 characters are at most 200 bytes; with the ending they stay below a name's usual 255.
        with tempfile.NamedTemporaryFile("wb", delete=False, dir=folder, prefix=name[:50] + ".",
                                         suffix=".partial") as file:
            temporary = file.name
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(PermissionError):  # file systems without permissions refuse it
            os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
        temporary = None
        _flush_folder(folder)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def check_writable(path: str) -> None:
    """Raise OSError, with the path, if no file can be written there: before the work, not after.

    Nothing is left behind, and an older file stays as it is.  Whether the disk will have space
    later cannot be known; whether it has some now is tried.
    """
    try:
        if os.path.exists(path) and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if _is_device(path):
            if stat.S_ISFIFO(os.stat(path).st_mode):
                # It stays open: closing it would tell its reader that this was all.
                _without_waiting(path, os.O_WRONLY)
            return
        target = _target(path)
        with contextlib.suppress(FileNotFoundError):
            os.stat(target)  # fails if the name is too long, or if its folder is not a folder
        with tempfile.TemporaryFile(dir=os.path.dirname(target)) as file:
            file.write(bytes(1 << 16))
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def _is_device(path: str) -> bool:
    """Whether it is a pipe, a terminal, /dev/null: something that is written to, not replaced."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def _without_waiting(path: str, flags: int) -> int:
    """Open what may be a pipe without waiting for a reader, who may never come."""
    try:
        handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        raise OSError(error.errno, "nobody reads this pipe", path) from None
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(handle, True)
    return handle


def _target(path: str) -> str:
    """The path of a file, links followed.  Raises OSError if it is a folder's path, or empty."""
    if not os.fspath(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if os.path.isdir(path) or not os.path.basename(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return os.path.realpath(path)


def _flush_folder(folder: str) -> None:
    """Make a move within the folder survive a power cut, on systems that can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _mode(target: str) -> int:
    """The permissions of the file to be replaced, or those a new file would get."""
    if os.path.exists(target):
        return stat.S_IMODE(os.stat(target).st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def save_or_rescue(path: str, write: Callable[[str], None]) -> str:
    """Write a file, and return the sentence that says so.

    If it cannot be written there, it is written to the folder for temporary files, the home folder
    or the current one, so that hours of work are not lost, and the OSError raised says where.
    """
    try:
        write(path)
        return f"wrote {path}"
    except OSError as error:
        sentence = f"{path} could not be written ({error.strerror or error})"
    for folder in rescue_folders():
        new_folder = None
        try:
            new_folder = tempfile.mkdtemp(prefix="purenn-", dir=folder)
            elsewhere = os.path.join(new_folder, os.path.basename(path)[-40:])
            write(elsewhere)
        except OSError as error:
            sentence += f", nor could it be put into {folder} ({error.strerror or error})"
            if new_folder:
                os.rmdir(new_folder)
        else:
            raise OSError(f"{sentence}; it was put at {elsewhere} instead")
    raise OSError(sentence)


def write_each(files: Iterable[tuple[str | None, Callable[[str], None]]],
               tell: Callable[[str], None]) -> bool:
    """Write each file that has a path, whatever becomes of the others, and tell what became of it.

    False if one could not be written in its place.
    """
    written = True
    for path, write in files:
        if path is not None:
            try:
                tell(save_or_rescue(path, write))
            except (OSError, ValueError) as error:
                tell(str(error))
                written = False
    return written


def write_or_print(text: str, path: str | None) -> None:
    """A text as a file, or where there is no path on standard output."""
    if path is None:
        print(text, end="")
    else:
        write_whole(path, text)


def rescue_folders() -> list[str]:
    """Fallback folders for a file that cannot be written in place."""
    folders = [os.path.expanduser("~"), os.curdir]
    with contextlib.suppress(OSError):  # no folder for temporary files has space left
        folders.insert(0, tempfile.gettempdir())
    return folders
