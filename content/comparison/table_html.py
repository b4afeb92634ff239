"""A compared table as HTML: changed cells under their column; rows and columns that came, went or moved are marked."""

from collections.abc import Sequence

from .changes import ADDED, CHANGED, REMOVED, Change
from .inline import change_tag, start_tag, stretches_html, whole_html
from .tables import Column, ComparedCell, ComparedRow, ComparedTable

SCROLLS = "table-scroll"  # the class of what is around a table, beside those for its type on paper
ALIGNS = ("left", "right", "center")


def table_html(change: Change) -> str:
    """Return the table of a change as HTML."""
    table = change.table or ComparedTable((), ())
    is_whole = change.kind in (ADDED, REMOVED)
    heads = "".join(_row_html(row, table.columns, is_whole) for row in table.rows if row.is_head)
    body = "".join(_row_html(row, table.columns, is_whole) for row in table.rows if not row.is_head)
    sizes = next((each.kind for each in change.block.holders[::-1] if SCROLLS in each.kind.split()), SCROLLS)
    facts = {"class_": sizes, "id": change.anchor, "role": "group", "aria-label": "Table", "tabindex": "0"}
    return (
        f"{start_tag('div', **facts)}<table>"
        + (f"<thead>{heads}</thead>" if heads else "")
        + (f"<tbody>{body}</tbody>" if body else "")
        + "</table></div>"
    )


def _row_html(row: ComparedRow, columns: Sequence[Column], is_whole: bool) -> str:
    kind = "" if is_whole else "moved" if row.is_moved else "" if row.old and row.new else ADDED if row.new else REMOVED
    tag = change_tag(kind, f"Row {kind}") + " " if kind else ""
    cells = []
    for column, cell in zip(columns, row.cells, strict=True):
        gone = "" if is_whole or kind in (ADDED, REMOVED) else _column_kind(column)
        note = f" {change_tag(gone, f'Column {gone}')}" if gone and row.is_head else ""
        cells.append(_cell_html(cell, row, tag, note, gone, is_whole))
        tag = ""
    return f"{start_tag('tr', class_=kind)}{''.join(cells)}</tr>"


def _column_kind(column: Column) -> str:
    if column.is_moved:
        return "moved"
    return ADDED if column.old is None else REMOVED if column.new is None else ""


def _cell_html(cell: ComparedCell | None, row: ComparedRow, tag: str, note: str, gone: str, is_whole: bool) -> str:
    now = (cell.new or cell.old) if cell else None
    if not cell or not now:
        return f"<td>{tag}</td>"
    html = whole_html(now.words, is_added=cell.new is not None) if is_whole else stretches_html(cell.stretches)
    start = start_tag(
        now.tag,
        scope="" if now.tag != "th" else "col" if row.is_head else "row",
        class_=gone or (CHANGED if cell.is_changed and not is_whole and row.old and row.new else ""),
        align=now.align if now.align in ALIGNS else "",
        colspan=str(now.colspan) if now.colspan > 1 else "",
        rowspan=str(now.rowspan) if now.rowspan > 1 else "",
    )
    return f"{start}{tag}{html}{note}</{now.tag}>"
