"""Draw ``docs/layout.svg``, the picture in docs/engine.md: ``python docs/layout.py``."""

from pathlib import Path

WIDTH, HEIGHT = 900, 560
INK, SOFT, RULE = "#1f2933", "#52606d", "#9aa5b1"
BLUE, GREEN, ORANGE, GREY = "#d6e6f7", "#d8efe0", "#fde3c8", "#f1f3f5"
VIOLET, LIGHT_VIOLET = "#c9b3ea", "#e3d7f4"
ROW = 16
LANES = 16

shapes: list[str] = []


def text(x: float, y: float, words: str, *, size: int = 12, anchor: str = "start", color: str = INK, bold: int = 0):
    """Write a line."""
    weight = ' font-weight="600"' if bold else ""
    shapes.append(f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{color}"{weight}>')
    shapes[-1] += f"{words}</text>"


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str = SOFT, line: float = 1):
    """Draw a rectangle."""
    shapes.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"')
    shapes[-1] += f' stroke="{stroke}" stroke-width="{line:g}"/>'


def path(*points: tuple[float, float], color: str = SOFT, arrow: bool = True):
    """Draw a line through points."""
    way = " L".join(f"{x:g} {y:g}" for x, y in points)
    end = ' marker-end="url(#arrow)"' if arrow else ""
    shapes.append(f'<path d="M{way}" stroke="{color}" stroke-width="1.4" fill="none"{end}/>')


def plane(x: float, y: float, lane: float, name: str, fills: list[list[str]]):
    """Draw rows of lanes under a name."""
    text(x + 8 * lane, y - 6, name, size=11, anchor="middle", color=SOFT)
    for row, line in enumerate(fills):
        for column, fill in enumerate(line):
            box(x + column * lane, y + row * ROW, lane, ROW, fill, RULE, 0.6)


def lanes_over_samples():
    """Draw the left half."""
    text(28, 34, "Lanes over samples", size=17, bold=1)
    text(28, 54, "up to 12 wires; here 2 wires, 40 samples", color=SOFT)
    for block, y in enumerate((96, 216, 336)):
        samples = f"{16 * block} … {min(16 * block + 15, 39)}"
        text(28, y - 24, f"block {block}: samples {samples}", bold=1)
        fills = [[BLUE if 16 * block + lane < 40 else GREY for lane in range(LANES)] for _ in range(4)]
        if block == 0:
            fills[1] = fills[3] = [ORANGE] * LANES
        for x, name in ((70, "re"), (263, "im")):
            plane(x, y, 10.5, name, fills)
        for row in range(4):
            text(62, y + 12 + row * ROW, f"{row:02b}", size=11, anchor="end")
    text(28, 428, "One row = one amplitude of 16 samples = one vector register.")
    text(28, 448, "A gate on wire 0 pairs rows whose first bit differs, such as 01 and 11")
    text(28, 464, "(orange): load two rows, multiply by a 2×2 matrix, store two rows.")
    text(28, 484, "A block runs the whole circuit in the cache, then the next one does.")
    text(28, 504, "Lanes past the last sample (grey) repeat it and are not read.")


def lanes_over_amplitudes():
    """Draw the upper right."""
    text(480, 34, "Lanes over amplitudes", size=17, bold=1)
    text(480, 54, "many wires or few samples; here 7 wires, one sample", color=SOFT)
    fills = [[ORANGE if row in (2, 6) else GREEN] * LANES for row in range(8)]
    fills[4] = [LIGHT_VIOLET if lane % 8 < 4 else VIOLET for lane in range(LANES)]
    for x, name in ((536, "re"), (718, "im")):
        plane(x, 92, 10, name, fills)
    for row in range(8):
        text(528, 104 + row * ROW, f"{row:03b} ····", size=11, anchor="end")
    text(480, 248, "The four last wires are the place inside a row: index = 16 · row + lane.")
    text(480, 266, "Gate on one of the first wires: pairs of rows (orange), as on the left.")
    text(480, 284, "Gate on one of the last four: lanes change places inside a row (violet:")
    text(480, 300, "here bit 2), one shuffle instruction, then the same multiply-adds.")


def one_training_step():
    """Draw the lower right."""
    text(480, 336, "One training step", size=15, bold=1)
    columns = [480 + 98 * i for i in range(4)]
    names = ["start", "ψ", "ψ", "outputs"]
    for x, name, fill in zip(columns, names, (GREY, BLUE, BLUE, ORANGE), strict=True):
        box(x, 362, 56, 28, fill)
        text(x + 28, 381, name, anchor="middle")
    for x, name in zip(columns, ("gate 1", "gate 2 …", "read"), strict=False):
        path((x + 58, 376), (x + 95, 376))
        text(x + 77, 358, name, size=11, anchor="middle", color=SOFT)
    for x in columns[:3]:
        box(x, 424, 56, 28, BLUE)
        text(x + 28, 443, "ψ, λ", anchor="middle")
    path((columns[3] + 28, 390), (columns[3] + 28, 438), (columns[2] + 59, 438))
    text(columns[2] + 92, 458, "λ = O ψ", size=11, color=SOFT)
    for x, name in zip(columns, ("undo gate 1", "undo gate 2"), strict=False):
        path((x + 95, 438), (x + 59, 438))
        text(x + 77, 470, name, size=11, anchor="middle", color=SOFT)
    text(480, 498, "Only the last ψ is kept, whatever the depth. Undoing a gate leaves the")
    text(480, 514, "2×2 matrix Σ conj(λ) ψ over its pairs, from which the gradients of all")
    text(480, 530, "its angles follow in a few operations.")


def main() -> None:
    """Write the file."""
    shapes.append(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"')
    shapes[-1] += ' role="img" aria-label="Layout of the states in memory, and the way of one training step">'
    shapes.append('<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"')
    shapes[-1] += f' orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{SOFT}"/></marker></defs>'
    box(0.5, 0.5, WIDTH - 1, HEIGHT - 1, "#ffffff", "#cbd2d9")
    lanes_over_samples()
    path((452, 24), (452, HEIGHT - 24), color="#cbd2d9", arrow=False)
    lanes_over_amplitudes()
    one_training_step()
    (Path(__file__).parent / "layout.svg").write_text("\n".join([*shapes, "</svg>", ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
