"""Tables and sentences from the results of compare.py, and their places in the documentation."""

import math
import sys

CHART = "docs/images/beside-other-runtimes.svg"
EXACT = "fp32", ["FPW 32", "FPW 24"]
SHORT = "int8", ["FPW 16", "FPW 8", "FPW 8 static"]


def digits(number):
    """Three significant digits, and all of a greater number."""
    return f"{number:.{max(0, 2 - math.floor(math.log10(number)))}f}"


def scientific(error):
    return f"{error:.0e}".replace("e-0", "e-")


def cell(result):
    return f"{digits(result['us'])} ({scientific(result['error'])})" if result else "-"


def best(row, precision):
    """The fastest other runtime in a precision: its name and result, or nothing."""
    others = [(result["us"], name) for name, result in row["results"].items()
              if name.endswith(precision) and not name.startswith("FPW ")]
    name = min(others)[1] if others else None
    return name, row["results"].get(name)


def speed(row, name, result):
    """How many times as fast as `result` FPW is, or NaN."""
    mine = row["results"].get(name)
    return result["us"] / mine["us"] if mine and result else math.nan


def compared(row, mine):
    """The name of what a row compares with the others: the last of FPW's that it has."""
    return next((name for name in reversed(mine) if name in row["results"]), mine[-1])


def ratio(number):
    return "-" if math.isnan(number) else f"{number:.2f}"


def table(results, precision, mine):
    """Others in one precision, then FPW; the last column has the last of FPW's against the fastest other."""
    names = dict.fromkeys(name for row in results["rows"] for name in row["results"] if name.endswith(precision))
    columns = [*names, *mine]
    titles = ["work", *columns, f"FPW {mine[-1].split()[1]}: times as fast"]
    lines = [" | ".join(titles), " | ".join(["---"] * len(titles))]
    for row in results["rows"]:
        cells = [cell(row["results"].get(name)) for name in columns]
        fast = speed(row, compared(row, mine), best(row, precision)[1])
        lines.append(" | ".join([row["name"], *cells, ratio(fast)]))
    return "\n".join(f"| {line} |" for line in lines)


def cores(results):
    return "one core" if results["threads"] == 1 else f"{results['threads']} cores"


def tables(results):
    """Markdown: who, where, and two tables."""
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    clock = "Microseconds of processor time" if results.get("clock") == "processor" else "Microseconds"
    head = (f"{clock} (error), {cores(results)} of {results['processor']}, {results['date']}"
            + (f"; {versions}." if versions else "."))
    return f"{head}\n\n{table(results, *EXACT)}\n\n{table(results, *SHORT)}\n"


def mean_speed(results, precision, mine):
    """The geometric mean over all rows of how many times as fast as the fastest other FPW is."""
    logs = [math.log(fast) for row in results["rows"]
            if not math.isnan(fast := speed(row, compared(row, mine), best(row, precision)[1]))]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def has_peers(results):
    """Whether FPW has something to stand beside in every row."""
    return all(best(row, precision)[1] and compared(row, mine) in row["results"]
               for row in results["rows"] for precision, mine in (EXACT, SHORT))


def summary(results):
    """What the front page says."""
    exact, short = (mean_speed(results, precision, mine) for precision, mine in (EXACT, SHORT))
    return (f"![Speed and error of FPW beside other runtimes]({CHART})\n\n"
            f"The geometric mean over {len(results['rows'])} layers and networks on {cores(results)}: with activations "
            f"of 24 bits, which are about as\nexact as floats, FPW is {exact:.1f} times as fast as the fastest f32 runtime of "
            f"each row, with 8 bits {short:.1f} times as fast as the\nfastest int8 runtime. Every row, also those that "
            "others win: [Performance](docs/Performance.md#beside-other-runtimes).\n")


def replace(path, text):
    """The page with a text between its two markers."""
    begin, end = "<!-- compare.py: begin -->\n", "<!-- compare.py: end -->\n"
    page = path.read_text()
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        sys.exit(f"compare.py: error: expected one pair of markers {begin.strip()} in {path}")
    return page[:page.index(begin)] + begin + text + page[page.index(end):]


def publish(root, tables_text, summary_text, chart):
    """Renews what the documentation shows: everything or nothing."""
    texts = {"docs/Performance.md": tables_text, "README.md": summary_text}
    files = {root / page: replace(root / page, text) for page, text in texts.items()}
    for path, text in {**files, root / CHART: chart}.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
