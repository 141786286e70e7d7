"""A button that opens a panel above the page, by mouse and keyboard, without scripts.

It is the `popover` of HTML: never cut by the box of a wide table, closed by Escape or a click elsewhere. A browser that
does not know it shows the panel where it stands.
"""

from __future__ import annotations

from html import escape


def popover(name: str, label: str, content: str, *, heading: str, hint: str = "", kind: str = "panel") -> str:
    """Return button and panel.

    Args:
        name: identifier of the panel, unique on its page.
        label: text of the button.
        content: HTML of the panel.
        heading: text above it.
        hint: what a pointer over the button shows.
        kind: class of the button: "panel", or "cell" for one that looks like the text of a cell.
    """
    title = f' title="{escape(hint)}"' if hint else ""
    return (
        f'<button type="button" class="opens-{kind}" popovertarget="{name}"{title}>{escape(label)}</button>'
        f'<div class="panel" id="{name}" popover role="dialog" aria-label="{escape(heading)}">'
        f'<div class="panel-head"><strong>{escape(heading)}</strong><button type="button" class="panel-close" '
        f'popovertarget="{name}" popovertargetaction="hide" aria-label="Close">×</button></div>{content}</div>'
    )
