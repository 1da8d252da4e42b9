"""Archives, benign and hostile, made in memory. Nothing here unpacks one."""
import gzip
import io
import random
import struct
import subprocess
import tarfile
import tempfile
import zipfile


def entry(name, data=b"", kind=tarfile.REGTYPE, link="", mode=0o644, pax=None):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname, info.mode = len(data), kind, link, mode
    info.pax_headers = pax or {}
    return info, data


def folder(name):
    return entry(name, kind=tarfile.DIRTYPE, mode=0o755)


def tar(*entries, form=tarfile.GNU_FORMAT, end=True):
    out = b""
    for info, data in entries:
        out += info.tobuf(form, "utf-8", "surrogateescape") + data + b"\0" * (-len(data) % 512)
    return out + (b"\0" * 1024 if end else b"")


def pack(*entries, form=tarfile.GNU_FORMAT, level=6):
    return gzip.compress(tar(*entries, form=form), level)


def header(name=b"file", size=b"00000000000\0", kind=b"0", link=b"", magic=b"ustar\x0000"):
    """A raw header, for what tarfile refuses to write."""
    block = bytearray(512)
    block[0:len(name)] = name
    block[100:124] = b"0000644\0" * 3
    block[124:136] = size.ljust(12, b"\0")
    block[136:148] = b"00000000000\0"
    block[156:157] = kind
    block[157:157 + len(link)] = link
    block[257:257 + len(magic)] = magic
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def raw(*blocks):
    data = b"".join(block + b"\0" * (-len(block) % 512) for block in blocks)
    return gzip.compress(data + b"\0" * 1024)


def pax_record(key, value):
    body = b" " + key + b"=" + value + b"\n"
    size = len(body) + 1
    while len(str(size)) + len(body) != size:
        size = len(str(size)) + len(body)
    return str(size).encode() + body


def pax(*records, kind=b"x"):
    body = b"".join(pax_record(key, value) for key, value in records)
    return header(b"pax", b"%011o\0" % len(body), kind) + body + b"\0" * (-len(body) % 512)


def sparse(*options):
    """What GNU tar makes of a file with a hole."""
    with tempfile.TemporaryDirectory() as place:
        with open(place + "/model.pt", "wb") as file:
            file.write(b"begin")
            file.seek(1 << 20)
            file.write(b"end")
        plain = subprocess.run(["tar", "-S", *options, "-cf", "-", "-C", place, "model.pt"], capture_output=True, check=True)
    return gzip.compress(plain.stdout)


def zip_file():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("model/data.pkl", b"weights")
    return out.getvalue()


GOOD = pack(folder("./"), entry("./model.pt", b"weights" * 100), entry("./code/inference.py", b"pass\n"))
CANARY = "/canary/file"

ESCAPES = {
    "parent": pack(entry("../evil", b"x")),
    "parent far up": pack(entry("../../../../canary/evil", b"x")),
    "parent in the middle": pack(folder("a"), entry("a/../../evil", b"x")),
    "parent at the end": pack(folder("a/..")),
    "parent behind a dot": pack(entry("./../evil", b"x")),
    "parent by pax": pack(entry("x", b"x", pax={"path": "../../evil"}), form=tarfile.PAX_FORMAT),
    "parent by GNU long name": pack(entry("a/" * 60 + "../" * 80 + "canary/evil", b"x")),
}
ABSOLUTE = {
    "absolute": pack(entry("/canary/evil", b"x")),
    "absolute over a file": pack(entry("/etc/passwd", b"root::0:0::/:/bin/sh\n")),
    "absolute with two slashes": pack(entry("//canary/evil", b"x")),
    "absolute by pax": pack(entry("x", b"x", pax={"path": "/canary/evil"}), form=tarfile.PAX_FORMAT),
    "absolute folder": pack(folder("/canary/evil")),
}
LINKS = {
    "link to a file": pack(entry("link", kind=tarfile.SYMTYPE, link=CANARY)),
    "link to the root": pack(entry("link", kind=tarfile.SYMTYPE, link="/"), entry("link/canary/evil", b"x")),
    "relative link and a write through it": pack(entry("link", kind=tarfile.SYMTYPE, link="../../../../../canary"),
                                                 entry("link/evil", b"x")),
    "link that stays inside": pack(entry("model.pt", b"x"), entry("link", kind=tarfile.SYMTYPE, link="model.pt")),
    "link that is replaced by a file": pack(entry("x", kind=tarfile.SYMTYPE, link=CANARY), entry("x", b"evil")),
    "link by pax": pack(entry("x", kind=tarfile.SYMTYPE, pax={"linkpath": "/etc/passwd"}), form=tarfile.PAX_FORMAT),
    "hard link to the outside": pack(entry("link", kind=tarfile.LNKTYPE, link=CANARY)),
    "relative hard link to the outside": pack(entry("link", kind=tarfile.LNKTYPE, link="../../../../../canary/file")),
    "hard link that stays inside": pack(entry("model.pt", b"x"), entry("link", kind=tarfile.LNKTYPE, link="model.pt")),
    "hard link with data": raw(header(b"link", b"00000000004\0", b"1", b"../../../../../canary/file"), b"evil"),
}
SPECIAL = {
    "character device": (pack(entry("null", kind=tarfile.CHRTYPE)), "a device"),
    "block device": (pack(entry("disk", kind=tarfile.BLKTYPE)), "a device"),
    "FIFO": (pack(entry("pipe", kind=tarfile.FIFOTYPE)), "a FIFO"),
    "sparse, GNU": (sparse("--format=gnu"), "sparse"),
    "sparse, pax 0.0": (sparse("--format=pax", "--sparse-version=0.0"), "sparse"),
    "sparse, pax 0.1": (sparse("--format=pax", "--sparse-version=0.1"), "sparse"),
    "sparse, pax 1.0": (sparse("--format=pax", "--sparse-version=1.0"), "sparse"),
}
NAMES = {
    "newline": (pack(entry("a\nb", b"x")), "control character"),
    "escape": (pack(entry("\x1b[2Jevil", b"x")), "control character"),
    "no UTF-8": (raw(header(b"caf\xe9", b"00000000001\0"), b"x"), "UTF-8"),
    "no UTF-8 by pax": (raw(pax((b"path", b"caf\xe9")), header(size=b"00000000001\0"), b"x"), ""),
    "backslash": (pack(entry("a\\..\\..\\evil", b"x")), "backslash"),
    "empty part": (pack(entry("a//b", b"x")), "empty part"),
    "nameless": (raw(header(b"", b"00000000001\0"), b"x"), "name"),
    "twice": (pack(entry("model.pt", b"1"), entry("model.pt", b"2")), "comes twice"),
    "twice, spelt differently": (pack(entry("model.pt", b"1"), entry("./model.pt", b"2")), "comes twice"),
    "file, then a folder": (pack(entry("a", b"x"), folder("a")), "a folder, and a file before"),
    "file, then something in it": (pack(entry("a", b"x"), entry("a/b", b"x")), "below a"),
    "folder, then a file": (pack(entry("a/b", b"x"), entry("a", b"x")), "a file, and a folder before"),
    "root as a file": (pack(entry(".", b"x")), "root"),
}
HUGE = b"99999999999999999999"
LIMITS = {
    "size": (pack(entry("zeros", b"\0" * 30_000_000), level=9), "1000000 bytes allowed"),
    "size in all": (pack(*(entry(f"f{i}", b"\0" * 100_001) for i in range(10))), "entry 'f9'"),
    "size by pax": (raw(pax((b"size", b"8000000000000")), header(size=b"00000000001\0"), b"x"), "bytes allowed"),
    "size in base 256": (raw(header(size=b"\x80" + struct.pack(">11s", b"\x00" * 4 + b"\x7f" * 7))), ""),
    "count of files": (pack(*(entry(f"f{i}") for i in range(10_001))), "10000 files and folders"),
    "count of one folder again and again": (pack(*(folder("a") for _ in range(10_002))), "10000 files and folders"),
    "count of implied folders": (pack(*(entry(f"{i}/" + "a/" * 30 + "x") for i in range(330))), "10000 files and folders"),
    "ratio, by padding": (gzip.compress(tar(entry("x", b"x")) + b"\0" * 40_000_000, 9), "1000 times its size"),
    "depth": (pack(entry("d/" * 32 + "x", b"x")), "32 folders deep"),
    "depth of thousands": (pack(entry("d/" * 3000 + "x", b"x"), form=tarfile.PAX_FORMAT), "1024 bytes"),
    "name": (pack(entry("n" * 200 + "/" + "n" * 200 + "/" + "n" * 200 + "/" + "n" * 200 + "/" + "n" * 221, b"x")), "1024 bytes"),
    "part of a name": (pack(entry("n" * 256, b"x")), "255 bytes"),
}


def _damaged():
    def flip(data, index):
        data = bytearray(data)
        data[index] ^= 0xFF
        return bytes(data)

    whole = tar(entry("a", b"1" * 700), entry("b", b"2" * 700))
    rows = {
        "empty file": b"",
        "text": b"this is no archive\n" * 100,
        "noise": random.Random(1).randbytes(5000),
        "zip, as a bare model.pt is": zip_file(),
        "gzip of something else": gzip.compress(b"weights" * 1000),
        "gzip header alone": GOOD[:10],
        "gzip header with an endless file name": b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"n" * 3_000_000,
        "archive without an entry": pack(),
        "archive with folders alone": pack(folder("a"), folder("a/b")),
        "wrong checksum": flip(GOOD, -8),
        "wrong length": flip(GOOD, -1),
        "header with a wrong checksum": gzip.compress(flip(whole, 1)),
        "second header with a wrong checksum": gzip.compress(flip(whole, 512 + 1024 + 1)),
        "behind the gzip": GOOD + b"junk",
        "behind the gzip, zeros": GOOD + b"\0" * 512,
        "behind the tar": gzip.compress(whole + b"junk"),
        "a second tar behind the first": gzip.compress(whole + whole),
        "plain tar cut between entries": whole[:512 + 1024],
        "plain tar cut in a file": whole[:512 + 300],
        "pax size that is no number": raw(pax((b"size", b"one")), header(size=b"00000000001\0"), b"x"),
        "pax size that overflows": raw(pax((b"size", HUGE)), header(size=b"00000000001\0"), b"x"),
        "pax size below zero": raw(pax((b"size", b"-1")), header(size=b"00000000001\0"), b"x"),
        "pax record that lies about its length": raw(header(b"pax", b"00000000020\0", b"x") + b"99999 path=x\n", header()),
        "pax header of a gigabyte": raw(header(b"pax", b"07777777777\0", b"x")),
        "long name of a gigabyte": raw(header(b"././@LongLink", b"07777777777\0", b"L")),
        "a hundred thousand headers about nothing": raw(*([pax((b"comment", b"x"))] * 100_000), header()),
        "size below zero in base 256": raw(header(size=b"\xff" * 12)),
    }
    for cut in (1, 5, 18, len(GOOD) // 2, len(GOOD) - 9, len(GOOD) - 8, len(GOOD) - 1):
        rows[f"cut after {cut} bytes"] = GOOD[:cut]
    return rows


DAMAGED = _damaged()


def mutations(count, seed):
    """Valid gzip around a tar with a few bytes changed: past the checksums, into the parsers."""
    source = random.Random(seed)
    plain = tar(folder("d"), entry("d/" + "n" * 150, b"1" * 600), entry("m", b"2" * 900, pax={"comment": "x" * 50}),
                form=source.choice((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)))
    for _ in range(count):
        data = bytearray(plain)
        headers = [start for start in range(0, len(data), 512) if data[start + 257:start + 262] == b"ustar"]
        for _ in range(source.randint(1, 4)):
            # Names, sizes, types, link names, magic; or anywhere.
            place = source.choice(headers) + source.choice((source.randrange(100), 124 + source.randrange(12), 156,
                                                            157 + source.randrange(110), 345 + source.randrange(155)))
            place = source.choice((place, place, place, source.randrange(len(data) - 1024)))
            data[place] = source.choice((*b"\0/.0123456789xgLKS", 0x80, 0xFF, source.randrange(256)))
        for start in headers:  # their checksums hold again
            data[start + 148:start + 156] = b" " * 8
            data[start + 148:start + 156] = b"%06o\0 " % sum(data[start:start + 512])
        yield gzip.compress(bytes(data), 1)
