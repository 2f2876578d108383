"""The NHS.UK stylesheet and script, made ready for a service that is not the NHS's.

Run by `./dev assets` after npm fetched the pinned package: `python -m joinedup.web.assets
node_modules`. The typeface is licensed to the NHS and fetched from its servers, so it is taken
out; pictures are looked for beside the stylesheet; NHS logos and icons are left behind.
"""

import re
import shutil
import sys
from pathlib import Path

__all__ = ["VENDOR", "prepare"]

VENDOR = Path(__file__).parent / "static" / "vendor"
_PACKAGE = Path("nhsuk-frontend/dist/nhsuk")
_FONT_FACE = re.compile(r"@font-face\s*{[^}]*}")
_MAP = re.compile(r"/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=.*")
# Only plain arrows and marks; the others carry the NHS logo.
_PICTURES = "nhsuk-icon-*.svg"
_LOGOS = {"nhsuk-icon-mask.svg"}


def prepare(modules: Path, vendor: Path = VENDOR) -> list[Path]:
    """Write the stylesheet, script and pictures from npm's folder to `vendor`; return the files.

    Fails when the package is not there, or when an address of another host is left in a file.
    """
    package = modules / _PACKAGE
    made_beside = vendor.with_name("vendor-in-the-making")
    shutil.rmtree(made_beside, ignore_errors=True)
    (made_beside / "images").mkdir(parents=True)
    style = _FONT_FACE.sub("", (package / "nhsuk-frontend.min.css").read_text())
    style = style.replace("/assets/images/", "images/")
    script = (package / "nhsuk-frontend.min.js").read_text()
    (made_beside / "nhsuk-frontend.css").write_text(_without_addresses(_MAP.sub("", style)))
    (made_beside / "nhsuk-frontend.js").write_text(_without_addresses(_MAP.sub("", script)))
    for picture in (package / "assets/images").glob(_PICTURES):
        if picture.name not in _LOGOS:
            shutil.copy(picture, made_beside / "images")
    shutil.rmtree(vendor, ignore_errors=True)
    made_beside.rename(vendor)
    return sorted(file for file in vendor.rglob("*") if file.is_file())


def _without_addresses(text: str) -> str:
    others = set(re.findall(r"https?://[\w.-]+", text)) - {"http://www.w3.org"}
    assert not others, f"the stylesheet or script would ask other hosts: {sorted(others)}"
    return text


if __name__ == "__main__":
    written = prepare(Path(sys.argv[1]))
    sys.stdout.write(f"{len(written)} files in {VENDOR}\n")
