"""What an import says at its end, on the terminal: counts by type, refusals, loose references."""

from rich.console import Console
from rich.table import Table

from joinedup.people.importing.report import ImportReport

__all__ = ["show_import"]

_MOST_SHOWN = 10


def show_import(report: ImportReport) -> None:
    """Print the report; whoever reads it knows what was stored, what was not, and where to look."""
    out = Console(highlight=False, soft_wrap=True)
    out.print(_table(report))
    a_second = report.stored / report.seconds if report.seconds else 0
    out.print(f"{report.files} files in {report.seconds:.1f} s, {a_second:.0f} resources a second.")
    for note in report.notes:
        out.print(note, markup=False)
    if report.kept:
        out.print(
            f"{report.kept} wait for a person to say whose they are: see Whose is it (/identity)."
        )
    if report.refusals:
        out.print(f"{report.refusals} refused; each is a line of {report.refusals_file}.")
    if report.dangling_count:
        out.print(f"{report.dangling_count} references name what nobody has sent yet, such as:")
        for reference in report.dangling[:_MOST_SHOWN]:
            out.print(f"  {reference}", markup=False)


def _table(report: ImportReport) -> Table:
    table = Table("type", box=None)
    for heading in ("stored", "unchanged", "kept", "refused"):
        table.add_column(heading, justify="right")
    for name, count in sorted(report.counts.items()):
        figures = (count.stored, count.unchanged, count.kept, count.refused)
        table.add_row(name, *map(str, figures))
    whole = (report.stored, report.unchanged, report.kept, report.refused)
    table.add_row("all", *map(str, whole))
    return table
