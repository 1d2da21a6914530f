"""The browser for the console's pages."""

from tests.browser import browser, page, phone

__all__ = ["browser", "page", "phone"]
