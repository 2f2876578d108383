"""What `joinedup verify` says of the ledger and of the audit's seal, and what cannot be shown."""

from joinedup.record.verify import VerifyReport

__all__ = ["books_in_words", "seal_in_words"]


def books_in_words(report: VerifyReport) -> str:
    """Return how much of the ledger was folded again."""
    return (
        f"The ledger: {report.postings:,} postings, {report.entries:,} entries; every balance was "
        "folded from them again."
    )


def seal_in_words(report: VerifyReport) -> str:
    """Return how much was walked and what is not protected (docs/decisions/0010-seal.md)."""
    heads = f"{report.heads:,} heads kept outside were compared"
    if not report.heads:
        heads = "no head kept outside was there to compare, so a rewritten seal would not show"
    return (
        f"The seal: {report.sealed:,} audit events walked; {heads}.\n"
        f"Not protected: {report.waiting:,} events not sealed yet, and a seal rewritten from a "
        "point after the last head."
    )
