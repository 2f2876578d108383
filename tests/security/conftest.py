"""The running API that these tests speak to."""

from tests.load.server import running_api

__all__ = ["running_api"]
