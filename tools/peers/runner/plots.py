"""Charts as SVG, written by hand: lines over two axes, and points in rows."""

import math
from html import escape

WIDTH, LEFT, RIGHT, TOP = 760, 64, 150, 52
#: Colours that most people with colour-blindness tell apart; ours is the first.
COLOURS = "#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #7a5195 #555555 #a05a2c #999933".split()
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#222}.title{font-size:15px;font-weight:600}"
    ".small{font-size:11px;fill:#555}.grid{stroke:#ddd}.axis{stroke:#555}"
)


class Drawing:
    def __init__(self, title, height):
        self.height = height
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            f'role="img" aria-label="{escape(title)}"><style>{STYLE}</style>',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        ]
        self.text(16, 24, title, "title")

    def text(self, x, y, text, kind="", anchor="start", colour=None):
        fill = f' style="fill:{colour}"' if colour else ""
        kind = f' class="{kind}"' if kind else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}"{kind} text-anchor="{anchor}"{fill}>{escape(text)}</text>')

    def line(self, x1, y1, x2, y2, kind="grid", extra=""):
        self.parts.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{extra}/>')

    def polyline(self, points, colour):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')

    def dot(self, x, y, colour, told):
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{escape(told)}</title></circle>'
        )

    def done(self):
        return "\n".join([*self.parts, "</svg>"]) + "\n"


def number(value):
    """A number with the digits that tell something."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2g}"


class Log:
    """A logarithmic scale from `low` to `high`, between two places."""

    def __init__(self, values, start, end):
        self.low, self.high = min(values) / 1.15, max(values) * 1.15
        self.start, self.end = start, end

    def at(self, value):
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self):
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        steps = (1, 2, 5) if self.high / self.low < 1000 else (1,)
        values = [step * 10.0**decade for decade in decades for step in steps]
        return [value for value in values if self.low <= value <= self.high]


def lines(title, x_title, y_title, series, colours, height=420):
    """Lines of points: `series` is name → list of (x, y), `colours` name → colour."""
    series = {name: points for name, points in series.items() if points}
    drawing = Drawing(f"{title}", height)
    bottom = height - 46
    x = Log([x for points in series.values() for x, _ in points], LEFT, WIDTH - RIGHT)
    y = Log([y for points in series.values() for _, y in points], bottom, TOP)
    for value in y.ticks():
        drawing.line(LEFT, y.at(value), WIDTH - RIGHT, y.at(value))
        drawing.text(LEFT - 8, y.at(value) + 4, number(value), "small", "end")
    for value in sorted({x for points in series.values() for x, _ in points}):
        drawing.line(x.at(value), bottom, x.at(value), bottom + 4, "axis")
        drawing.text(x.at(value), bottom + 18, number(value), "small", "middle")
    drawing.line(LEFT, bottom, WIDTH - RIGHT, bottom, "axis")
    drawing.text((LEFT + WIDTH - RIGHT) / 2, height - 8, x_title, "small", "middle")
    drawing.text(LEFT, TOP - 8, y_title, "small")
    ends = []
    for name, points in series.items():
        colour = colours[name]
        drawing.polyline([(x.at(a), y.at(b)) for a, b in points], colour)
        for a, b in points:
            drawing.dot(x.at(a), y.at(b), colour, f"{name}: {number(b)} at {number(a)}")
        ends.append([y.at(points[-1][1]), x.at(points[-1][0]), name, colour])
    # Names stand at the ends of their lines, and apart from each other.
    ends.sort()
    for above, below in zip(ends, ends[1:]):
        below[0] = max(below[0], above[0] + 14)
    for at, end, name, colour in ends:
        drawing.text(end + 10, at + 4, name, "", "start", colour)
    return drawing.done()


def rows(title, x_title, table, colours, mark=None):
    """Points in rows on a logarithmic scale: `table` is row → name → value; `mark` is a vertical line."""
    names = list(dict.fromkeys(name for values in table.values() for name in values))
    per_line = 5
    legend = 18 * math.ceil(len(names) / per_line)
    left, height = 230, TOP + legend + 30 * len(table) + 50
    drawing = Drawing(title, height)
    for i, name in enumerate(names):
        at = 20 + (i % per_line) * 145, TOP + 6 + 18 * (i // per_line)
        drawing.dot(*at, colours[name], name)
        drawing.text(at[0] + 9, at[1] + 4, name, "small")
    values = [value for row in table.values() for value in row.values()]
    x = Log([*values, *([mark] if mark else [])], left, WIDTH - 30)
    top, bottom = TOP + legend + 6, height - 46
    for value in x.ticks():
        drawing.line(x.at(value), top, x.at(value), bottom)
        drawing.text(x.at(value), bottom + 16, number(value), "small", "middle")
    if mark:
        drawing.line(x.at(mark), top, x.at(mark), bottom, "axis", ' stroke-width="2"')
    for i, (row, values) in enumerate(table.items()):
        y = top + 20 + 30 * i
        drawing.text(left - 12, y + 4, row, "", "end")
        drawing.line(left, y, WIDTH - 30, y)
        for name, value in values.items():
            drawing.dot(x.at(value), y, colours[name], f"{name}: {number(value)}")
    drawing.text((left + WIDTH - 30) / 2, height - 10, x_title, "small", "middle")
    return drawing.done()


def steps(title, x_title, values, unit):
    """Points with their values on a logarithmic scale: `values` is group → row → value."""
    count = sum(len(group) for group in values.values())
    left, height = 270, TOP + 22 * count + 30 * len(values) + 40
    drawing = Drawing(title, height)
    x = Log([v for group in values.values() for v in group.values() if v], left, WIDTH - 110)
    bottom, y = height - 40, TOP + 4
    for value in x.ticks():
        drawing.line(x.at(value), TOP, x.at(value), bottom)
        drawing.text(x.at(value), bottom + 16, number(value), "small", "middle")
    for i, (group, entries) in enumerate(values.items()):
        drawing.text(16, y + 14, group)
        y += 24
        for row, value in entries.items():
            if value:
                drawing.text(left - 10, y + 12, row, "small", "end")
                drawing.line(left, y + 8, x.at(value), y + 8)
                drawing.dot(x.at(value), y + 8, COLOURS[i % len(COLOURS)], row)
                drawing.text(x.at(value) + 9, y + 12, f"{number(value)} {unit}", "small")
            y += 22
        y += 6
    drawing.text((left + WIDTH - 110) / 2, height - 8, x_title, "small", "middle")
    return drawing.done()
