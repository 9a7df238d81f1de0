"""What a file looks like that cannot be read, so that one knows what went wrong."""
from __future__ import annotations

READ = ("CSV, .npz and .npy of NumPy, IDX, and pickles of arrays are read, each also gzip'd")

#: How such files begin, and what they are called.
MAGIC = [
    (b"PAR1", "a Parquet file; write the table as CSV"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras and MATLAB write them; write the arrays as "
     ".npz"),
    (b"ARROW1", "an Arrow or Feather file; write the table as CSV"),
    (b"version https://git-lfs.github.com/spec", "a Git LFS pointer: it says where the file is, "
     "and 'git lfs pull' fetches it"),
    (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "a PyTorch file of an old version (torch.save)"),
    (b"\x89PNG\r\n", "a picture (PNG)"), (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"), (b"II*\0", "a picture (TIFF)"), (b"MM\0*", "a picture (TIFF)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"\xfd7zXZ\0", "a file packed with xz; unpack it first"),
    (b"BZh", "a file packed with bzip2; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a file packed with zstd; unpack it first"),
    (b"SQLite format 3", "a database (SQLite)"), (b"%PDF", "a PDF"), (b"MATLAB 5.0", "a MATLAB "
     "file"), (b"\xff\xfe", "text in UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16; save it as UTF-8")]


def looks_like(head: bytes) -> str | None:
    """What a file that begins so looks like, or None if it is nothing known."""
    for magic, what in MAGIC:
        if head.startswith(magic):
            return what
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a picture (WebP)"
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:100].lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml", b"<!--")):
        return "a web page, as a failed download leaves one"
    if text.startswith((b"{", b'["', b"[{")):
        return "JSON"
    if text.startswith((b"@relation", b"%")):
        return "an ARFF file; write the table as CSV"
    return None
