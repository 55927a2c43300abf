"""Rows as Markdown, and ratios of rows of one round."""

import statistics


def millis(micros):
    return f"{micros / 1000:.2f}" if micros < 100_000 else f"{micros / 1000:.0f}"


def number(value):
    return "–" if value is None else f"{value:,}"


def middle(values):
    values = [value for value in values if value is not None]
    return round(statistics.median(values)) if values else None


def spread(values):
    """The middle value and, in brackets, the least and the most."""
    values = [value for value in values if value is not None]
    if not values:
        return "–"
    return f"{statistics.median(values):.1f} ({min(values):.1f}–{max(values):.1f})"


def table(titles, rows):
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def grouped(rows, *keys):
    """Rows that agree on the keys, in order of first appearance."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row.get(key) for key in keys), []).append(row)
    return groups


def medians(groups, titles):
    """One line for each group: its key, then the middle of every measure over the rounds."""
    lines = []
    for key, rows in groups.items():
        of = lambda name, rows=rows: middle([row.get(name) for row in rows])  # noqa: E731
        lines.append([
            *key, number(of("per_second")), millis(of("p50_micros")), millis(of("p99_micros")),
            millis(of("p999_micros")), number(sum(row["errors"] for row in rows)),
            number(of("server_cpu_micros_each")), number(of("database_cpu_micros_each")),
            number(of("client_cpu_micros_each")), number(of("server_resident_megabytes")),
        ])
    measures = [
        "per second", "p50 ms", "p99 ms", "p99.9 ms", "errors", "server CPU µs", "database CPU µs", "client CPU µs",
        "server RSS MB",
    ]
    return table([*titles, *measures], lines)


def ratios(rows, key, pairs, measure="per_second"):
    """For every round: one row's measure divided by the other's; then the middle of these."""
    by_round = grouped(rows, "round")
    lines = []
    for one, other in pairs:
        values = []
        for of_round in by_round.values():
            found = {row[key]: row.get(measure) for row in of_round}
            if found.get(one) and found.get(other):
                values.append(found[one] / found[other])
        if values:
            by_rounds = " ".join(f"{value:.2f}" for value in values)
            lines.append([f"{one} / {other}", by_rounds, f"{statistics.median(values):.2f}"])
    return table([f"ratio of {measure}", "by round", "middle"], lines)
