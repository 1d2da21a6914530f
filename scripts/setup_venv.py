"""Make `.venv` and install the pinned requirements in it: `make setup`.

Needs nothing but Python. A second run changes nothing and takes a moment: a stamp in `.venv` remembers what
is installed. Written for old Pythons too, so that they can be told what is missing instead of failing at a
syntax error.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
#: What each kind of set-up installs; the later contains the earlier.
REQUIREMENTS = {
    "run": ["requirements.txt"],
    "dev": ["requirements-dev.txt", "requirements.txt"],
}
CONSTRAINTS = "constraints.txt"
#: MediaPipe 0.10.21, which carries the pose model, has builds for these alone.
OLDEST, NEWEST = (3, 11), (3, 12)


class SetupError(Exception):
    """Why the set-up cannot go on, in words for the person who typed the command."""


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else "run"
    try:
        use_fitting_python()
        check_machine()
        if not is_installed(kind):
            install(kind)
    except SetupError as error:
        sys.exit(f"\nset-up: {error}")
    except KeyboardInterrupt:
        sys.exit("\nset-up: stopped. Run it again to go on.")


def use_fitting_python():
    """Go on in a Python that MediaPipe has builds for; the one we run in, if it fits."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for name in ("python3.12", "python3.11"):
        other = shutil.which(name)
        if other:
            os.execv(other, [other, *sys.argv])  # noqa: S606  the very script, in another Python
    raise SetupError(
        f"iDance needs Python 3.11 or 3.12 (the pose model has no build for others), and {sys.executable} is "
        f"{platform.python_version()}.\nInstall one, or name it: make setup PYTHON=/path/to/python3.12"
    )


def check_machine():
    """Say at once what pip would say after a long download."""
    if sys.platform == "linux" and platform.machine() not in ("x86_64", "amd64"):
        raise SetupError(
            f"MediaPipe 0.10.21 has no build for Linux on {platform.machine()}. "
            "iDance runs on Linux x86-64 and on macOS."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupError(
            f"this Python cannot make virtual environments. On Debian and Ubuntu: "
            f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv (or python3-venv)"
        ) from None


def stamp(kind):
    return VENV / f".installed-{kind}"


def fingerprint(kind):
    """Changes when the requirements, the Python or the place of the folder change."""
    digest = hashlib.sha256(f"{VENV} {sys.version}".encode())
    for name in [*REQUIREMENTS[kind], CONSTRAINTS]:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_installed(kind):
    try:
        return stamp(kind).read_text() == fingerprint(kind) and VENV_PYTHON.exists()
    except FileNotFoundError:
        return False


def install(kind):
    if shutil.disk_usage(str(ROOT)).free < 3_000_000_000:
        print("set-up: less than 3 GB are free on this disk; the packages alone take about 2 GB.", flush=True)
    if not venv_works():
        print("set-up: making .venv", flush=True)
        make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
        run_quietly(make, "The virtual environment could not be made")
    for other in REQUIREMENTS:
        stamp(other).unlink(missing_ok=True)
    pip_install(REQUIREMENTS[kind][0])
    for other, files in REQUIREMENTS.items():
        if set(files) <= set(REQUIREMENTS[kind]):
            stamp(other).write_text(fingerprint(other))


def venv_works():
    """Whether `.venv` was made in this very place, by this Python, and has a pip."""
    try:
        # A folder that was moved still runs, but its scripts start the Python of the old place.
        if str(VENV_PYTHON) not in (VENV / "bin" / "pip").read_text():
            return False
        found = subprocess.run(  # noqa: S603
            [str(VENV_PYTHON), "-c", "import sys, pip; print(sys.version)"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return found.stdout.decode().strip() == sys.version.strip()


def run_quietly(command, failure):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)  # noqa: S603
    if done.returncode:
        raise SetupError(f"{failure}:\n{done.stdout.decode(errors='replace').strip()}")


def pip_install(requirements):
    """Install, telling in one line where it stands; the whole output only when it fails."""
    print(f"set-up: installing {requirements} (the first time about 600 MB to download)", flush=True)
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "-r", requirements, "-c", CONSTRAINTS]
    began, packages, tail = time.monotonic(), 0, deque(maxlen=25)
    # Ours alone: a pip set to install for the user, or into another folder, would miss the environment.
    surroundings = {k: v for k, v in os.environ.items() if k not in ("PIP_USER", "PIP_TARGET", "PYTHONPATH")}
    pip = subprocess.Popen(  # noqa: S603
        command, cwd=str(ROOT), env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    for raw in pip.stdout:
        line = raw.decode(errors="replace").rstrip()
        tail.append(line)
        collecting = re.match(r"Collecting ([\w.\-\[\]]+)", line)
        packages += bool(collecting)
        if collecting:
            tell(f"  {packages:3d} packages found, now {collecting.group(1)}")
        elif line.startswith("Installing collected"):
            tell(f"  {packages:3d} packages found, writing them to .venv")
    if pip.wait():
        tell("")
        raise SetupError("\n".join([*tail, "", explain("\n".join(tail))]))
    tell("")
    print(f"set-up: done in {time.monotonic() - began:.0f} s", flush=True)


def tell(line):
    """Rewrite the line of progress, on a terminal."""
    if sys.stdout.isatty():
        print(f"\r{line:<76}", end="" if line else "\r", flush=True)


def explain(output):
    """One sentence on a failed installation."""
    if re.search(r"Name or service|resolution|Connection|Network is unreach|timed out|ProxyError", output):
        return (
            "The package index could not be reached. Check the network (pip obeys HTTPS_PROXY, PIP_INDEX_URL "
            "and PIP_FIND_LINKS) and run the command again."
        )
    if "No space left" in output:
        return "The disk is full: the packages take about 2 GB."
    if "No matching distribution" in output or "Could not find a version" in output:
        return "A pinned package has no build for this machine. iDance runs on Linux x86-64 and on macOS."
    return "pip could not install the packages; its last lines are above."


if __name__ == "__main__":
    main()
