"""The frame of a plot drawn as SVG, and places in it."""

SIDE, LEFT, TOP = 260, 44, 12
WIDTH, HEIGHT = SIDE + LEFT + 12, SIDE + TOP + 36


def frame_plot(title_zh: str, title_en: str, inner: str, axes: tuple[str, str]) -> str:
    """A square plot with its title above and the axes named."""
    box = (
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#8b949e"/>'
    )
    below = f'<text x="{LEFT + SIDE / 2}" y="{HEIGHT - 6}" text-anchor="middle">{axes[0]}</text>'
    middle = TOP + SIDE / 2
    beside = (
        f'<text x="12" y="{middle}" text-anchor="middle" transform="rotate(-90 12 {middle})">'
        f"{axes[1]}</text>"
    )
    return (
        f'<figure style="margin:0"><p><b><span data-l="zh">{title_zh}</span>'
        f'<span data-l="en">{title_en}</span></b></p>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title_en}">'
        f"{box}{inner}{below}{beside}</svg></figure>"
    )


def x_at(share: float) -> float:
    """Place of a share of the width."""
    return LEFT + share * SIDE


def y_at(share: float) -> float:
    """Place of a share of the height, from below."""
    return TOP + (1.0 - share) * SIDE
