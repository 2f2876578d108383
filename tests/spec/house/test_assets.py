"""The NHS.UK stylesheet, made ready for a service that is not the NHS's."""

from pathlib import Path

import pytest

from joinedup.web.assets import prepare

STYLE = (
    "@font-face{font-family:Frutiger;src:url(https://assets.nhs.uk/f.woff2)}"
    "a{background:url(/assets/images/nhsuk-icon-cross.svg)}/*# sourceMappingURL=x.css.map */"
)


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """An npm folder with the smallest package of the right shape."""
    package = tmp_path / "node_modules/nhsuk-frontend/dist/nhsuk"
    (package / "assets/images").mkdir(parents=True)
    (package / "nhsuk-frontend.min.css").write_text(STYLE)
    (package / "nhsuk-frontend.min.js").write_text("export{};//# sourceMappingURL=x.js.map")
    for name in (
        "nhsuk-icon-cross.svg",
        "nhsuk-icon-mask.svg",
        "favicon.ico",
        "nhsuk-icon-180.png",
    ):
        (package / "assets/images" / name).write_text("picture")
    return tmp_path / "node_modules"


def test_the_nhs_typeface_and_logo_are_left_behind(modules: Path, tmp_path: Path) -> None:
    """Both are licensed to the NHS; pictures are looked for beside the stylesheet."""
    written = prepare(modules, tmp_path / "vendor")
    assert [file.name for file in written] == [
        "nhsuk-icon-cross.svg",
        "nhsuk-frontend.css",
        "nhsuk-frontend.js",
    ]
    style = (tmp_path / "vendor/nhsuk-frontend.css").read_text()
    assert style == "a{background:url(images/nhsuk-icon-cross.svg)}"


def test_a_stylesheet_that_would_ask_another_host_is_refused(modules: Path, tmp_path: Path) -> None:
    """Pages load nothing from elsewhere; a later release of the package may try."""
    style = modules / "nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.css"
    style.write_text("a{background:url(https://elsewhere.example/x.png)}")
    with pytest.raises(AssertionError, match=r"elsewhere\.example"):
        prepare(modules, tmp_path / "vendor")
