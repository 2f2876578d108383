"""Every story runs in a browser; `pictures` says whether this run takes the pictures."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, so that a machine without a browser skips it and says so."""
    for item in items:
        if "/stories/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest) -> bool:
    """Whether to write docs/pictures."""
    return bool(request.config.getoption("--pictures"))
