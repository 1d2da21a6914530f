"""Write constraints.txt: the versions of what our requirements require in turn. `make lock`.

Run it after changing a requirements file; two installations a year apart are then the same.
"""

import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# What the requirements require in turn, written by `make lock`. Do not edit.
"""


def name_of(line):
    """The normal form of a requirement's name."""
    return re.sub(r"[-_.]+", "-", re.split(r"[=<>\[; ]", line.strip())[0]).lower()


def main():
    direct = set()
    for file in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / file).read_text().splitlines()
        direct |= {name_of(line) for line in lines if line and not line.startswith(("#", "-"))}
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        subprocess.run([str(ROOT / ".venv/bin/python"), "-m", "venv", folder], check=True)  # noqa: S603
        install = [str(python), "-m", "pip", "install", "-q", "-r", str(ROOT / "requirements-dev.txt")]
        subprocess.run(install, check=True)  # noqa: S603
        frozen = subprocess.run(  # noqa: S603
            [str(python), "-m", "pip", "freeze"], check=True, capture_output=True, text=True
        ).stdout
    rest = [line for line in frozen.splitlines() if name_of(line) not in direct]
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(rest) + "\n")
    print(f"constraints.txt: {len(rest)} packages")


if __name__ == "__main__":
    main()
