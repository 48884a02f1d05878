"""Draws the results of compare.py as a bar chart in SVG."""

import html
import math

import comparison_report

# Rows that stand for their kind; a run that has none of them shows what it has.
ROWS = ["ResNet-50", "ResNet-18", "MobileNetV2", "LeNet", "affine 1024x1024x1024", "affine 1x4096x4096",
        "convolution 3x3, 64x56x56 to 64", "convolution 1x1, 1024x14x14 to 256",
        "deconvolution 4x4, stride 2, 256x16x16 to 128", "depthwise 3x3, 144x56x56"]
BARS = [("fp32", "float"), ("FPW 32", "b32"), ("FPW 24", "b24"), ("FPW 16", "b16"), ("FPW 8", "b8"),
        ("FPW 8 static", "b8"), ("int8", "int8")]
HEAD = "Speed on {} beside the fastest f32 runtime, and error"
EXPLANATION = ("FPW 8 to 32: bits of activations; weights have 8 bits everywhere; static: with steps fixed "
               "beforehand. Behind each bar: speed, and the largest error as a part of the largest result.")
WIDTH, COLUMNS, MARGIN, TOP = 960, 2, 24, 76
NAMES, VALUES = 118, 92  # widths of what stands before and behind the bars
BAR, PITCH, TITLE, GAP = 12, 16, 22, 20
GROUP = TITLE + len(BARS) * PITCH + GAP

# The card has its own background, so that labels can be read on any page.
STYLE = """
  text { font: 12px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #24292f }
  .head { font-size: 17px; font-weight: 600 } .title { font-size: 13px; font-weight: 600 }
  .quiet { fill: #57606a } .end { text-anchor: end }
  .card { fill: #ffffff; stroke: #d0d7de } .one { stroke: #57606a; stroke-dasharray: 2 3 }
  .float { fill: #8c959f } .int8 { fill: #bf8700 }
  .b32 { fill: #0a3069 } .b24 { fill: #0969da } .b16 { fill: #54aeff } .b8 { fill: #1a7f37 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .card { fill: #0d1117; stroke: #3d444d } .one { stroke: #9198a1 }
    .float { fill: #6e7681 } .int8 { fill: #d29922 }
    .b32 { fill: #a5d6ff } .b24 { fill: #4493f8 } .b16 { fill: #1f6feb } .b8 { fill: #3fb950 }
  }
"""


def text(x, y, content, kind="", rest=""):
    """A label; `rest` follows it in another colour."""
    rest = f'<tspan dx="7" class="quiet">{html.escape(rest)}</tspan>' if rest else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}">{html.escape(content)}{rest}</text>'


def chosen(results):
    rows = {row["name"]: row for row in results["rows"] if comparison_report.best(row, "fp32")[1]}
    return [rows[name] for name in ROWS if name in rows] or list(rows.values())[:len(ROWS)]


def bars(row):
    """Name, colour, speed and error of each bar of a row; speed 1 is that of the fastest f32 runtime."""
    _, base = comparison_report.best(row, "fp32")
    for key, colour in BARS:
        name = key if key.startswith("FPW") else comparison_report.best(row, key)[0]
        result = row["results"].get(name)
        if result:
            yield name, colour, base["us"] / result["us"], result["error"]


def group(row, x, y, width, top_speed):
    """The bars of one row of the table."""
    start = x + NAMES
    scale = (width - NAMES - VALUES) / top_speed
    count = sum(1 for _ in bars(row))
    parts = [text(x, y + 13, row["name"], "title")]
    for at, (name, colour, speed, error) in enumerate(bars(row)):
        top = y + TITLE + at * PITCH
        value = f"{speed:.1f}x" if speed >= 0.95 else f"{speed:.2f}x"
        parts += [text(start - 6, top + 10, name, "end"),
                  f'<rect x="{start}" y="{top}" width="{max(1, scale * speed):.1f}" height="{BAR}" rx="2" '
                  f'class="{colour}"/>',
                  text(start + scale * max(1, speed) + 6, top + 10, value, rest=comparison_report.scientific(error))]
    line = start + scale
    parts.append(f'<line x1="{line:.1f}" x2="{line:.1f}" y1="{y + TITLE - 3}" '
                 f'y2="{y + TITLE + count * PITCH}" class="one"/>')
    return parts


def chart(results):
    rows = chosen(results)
    column = (WIDTH - MARGIN * (COLUMNS + 1)) / COLUMNS
    height = TOP + GROUP * math.ceil(len(rows) / COLUMNS)
    top_speed = max((speed for row in rows for _, _, speed, _ in bars(row)), default=1)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
             f'viewBox="0 0 {WIDTH} {height}" role="img">',
             "<title>Speed and error of FPW beside other runtimes</title>", f"<style>{STYLE}</style>",
             f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8" class="card"/>',
             text(MARGIN, 32, HEAD.format(comparison_report.cores(results)), "head"),
             text(MARGIN, 52, EXPLANATION, "quiet")]
    for at, row in enumerate(rows):
        x = MARGIN + (at % COLUMNS) * (column + MARGIN)
        parts += group(row, x, TOP + at // COLUMNS * GROUP, column, top_speed)
    return "\n".join([*parts, "</svg>"]) + "\n"
