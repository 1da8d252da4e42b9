"""A throw-away world in which `smhostd fetch` meets hostile archives: a mount namespace with a root of its own, in which
all but the home is compared before and after. Imported, it starts such a world; run as a program, it is that world."""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("SMHOST_BIN", REPOSITORY / "build" / "bin")).resolve()
HOME = "/home/user/smhost"  # inside


class Sandbox:
    """`home_options` are mount options of the tmpfs that holds the home, e.g. size=64k."""

    def __init__(self, home_options):
        self.folder = tempfile.mkdtemp(prefix="smhost-sandbox-")
        self.inbox = os.path.join(self.folder, "inbox")
        os.makedirs(os.path.join(self.folder, "root"))
        os.makedirs(self.inbox)
        self.process = subprocess.Popen(
            [*_namespace(), sys.executable, __file__, os.path.join(self.folder, "root"), str(BIN), home_options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def fetch(self, archive, max_bytes=1_000_000):
        """What became of fetching these bytes: code, result (the JSON line), stderr, changed (outside the home),
        artifacts (path below artifacts/ -> its kind and mode)."""
        path = os.path.join(self.inbox, "model.tar.gz")
        pathlib.Path(path).write_bytes(archive)
        self.process.stdin.write(json.dumps({"archive": path, "max_bytes": max_bytes}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the sandbox died"
        return json.loads(answer)


def available():
    return _namespace() is not None and (BIN / "smhostd").exists()


def _namespace():
    for command in (["unshare", "-Urm"], ["unshare", "-m"]):
        probe = [*command, "sh", "-c", "mount -t tmpfs none /mnt"]
        with contextlib.suppress(OSError):
            if subprocess.run(probe, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                return command
    return None


# ---- inside

def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True, stdout=sys.stderr)


def build_root(root, programs, home_options):
    mount("-t", "tmpfs", "-o", "size=64m", "none", root)
    for name in ("usr", "bin", "sbin", "lib", "lib64", "lib32"):
        if os.path.islink("/" + name):
            os.symlink(os.readlink("/" + name), f"{root}/{name}")
        elif os.path.isdir("/" + name):
            bind_read_only("/" + name, f"{root}/{name}")
    bind_read_only(programs, f"{root}/programs")
    os.makedirs(f"{root}/proc")
    mount("--rbind", "/proc", f"{root}/proc")
    for path in ("etc/passwd", "canary/file", "home/user/.bashrc", "home/other/file", "tmp/file"):
        os.makedirs(os.path.dirname(f"{root}/{path}"), exist_ok=True)
        pathlib.Path(f"{root}/{path}").write_text("untouched\n")
    os.makedirs(root + HOME)
    mount("-t", "tmpfs", "-o", home_options, "none", root + HOME)


def bind_read_only(source, target):
    os.makedirs(target)
    mount("--bind", source, target)
    mount("-o", "remount,bind,ro", target)
    assert os.statvfs(target).f_flag & os.ST_RDONLY


def describe(path):
    info = os.lstat(path)
    text = f"{stat.filemode(info.st_mode)} {info.st_nlink if stat.S_ISREG(info.st_mode) else ''}"
    if stat.S_ISREG(info.st_mode):
        text += hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    if stat.S_ISLNK(info.st_mode):
        text += os.readlink(path)
    return text


def tree(top, device):
    """path -> what it is, without other file systems than the device's."""
    found = {}
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if os.lstat(os.path.join(folder, name)).st_dev == device]
        for name in [*folders, *files]:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, top)] = describe(path)
    return found


def fetch(root, order):
    outside = os.stat(root).st_dev
    # On the outer file system, not in the home's: the archive itself must not use up the disk that is being tested.
    shutil.copyfile(order["archive"], f"{root}/tmp/model.tar.gz")
    before = tree(root, outside)
    result = subprocess.run(
        ["/programs/smhostd", "fetch", "--home", HOME, "--url", "file:///tmp/model.tar.gz", "--max-bytes",
         str(order["max_bytes"])],
        preexec_fn=lambda: (os.chroot(root), os.chdir("/")), capture_output=True, timeout=60, env={"PATH": "/usr/bin"})
    after = tree(root, outside)
    home = os.stat(root + HOME).st_dev
    return {
        "code": result.returncode,
        "stdout": result.stdout.decode(),
        "stderr": result.stderr.decode(errors="replace"),
        "changed": [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)],
        "artifacts": tree(f"{root}{HOME}/artifacts", home),
    }


def main():
    root, programs, home_options = sys.argv[1:]
    build_root(root, programs, home_options)
    for line in sys.stdin:
        print(json.dumps(fetch(root, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
