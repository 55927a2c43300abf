#!/usr/bin/env python3
"""Writes the five CSV files of this folder from the npm package @etalab/decoupage-administratif.

Usage: python3 generate.py PACKAGE_FOLDER   (the folder that holds package.json and data/)

The files have no quoting: `;` separates columns, `|` separates values in a column, and a name with either of
them, or with a line break, stops the run. Rows are sorted by code, in bytes.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
VERSION = "6.0.0"


def write(name, header, rows):
    """One file: a header, then the rows sorted by their first column, which must be unique."""
    rows = sorted(rows, key=lambda row: row[0])
    codes = [row[0] for row in rows]
    if len(set(codes)) != len(codes):
        sys.exit(f"{name}: a code comes twice")
    lines = [header]
    for row in rows:
        cells = [str(cell) for cell in row]
        if any(mark in cell for cell in cells for mark in ";\r\n") or len(cells) != header.count(";") + 1:
            sys.exit(f"{name}: cannot be written without quoting: {row}")
        lines.append(";".join(cells))
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{name}: {len(rows)} rows")


def communes(entries, epci_of):
    """Communes of today, and the municipal arrondissements of Paris, Lyon and Marseille with their commune."""
    for entry in entries:
        if entry["type"] not in ("commune-actuelle", "arrondissement-municipal"):
            continue
        commune = entry.get("commune", "")
        yield (
            entry["code"],
            entry["nom"],
            entry["departement"],
            entry["region"],
            epci_of.get(commune or entry["code"], ""),
            commune,
            entry.get("population", 0),
            "|".join(entry.get("codesPostaux", [])),
        )


def former(entries):
    """Codes that were a commune's and no longer are, with the code of today; two of them when one was split."""
    current = {entry["code"] for entry in entries if entry["type"] == "commune-actuelle"}
    targets = {}
    for entry in entries:
        if entry["type"] in ("commune-deleguee", "commune-associee"):
            targets.setdefault(entry["code"], set()).add(entry["chefLieu"])
        for code in entry.get("anciensCodes", []):
            targets.setdefault(code, set()).add(entry["code"])
    for code, now in targets.items():
        if not now <= current:
            sys.exit(f"former.csv: {code} leads to {now}, which is not a commune of today")
        if code not in current:
            yield code, "|".join(sorted(now))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    package = pathlib.Path(sys.argv[1])
    read = lambda name: json.loads((package / name).read_text(encoding="utf-8"))
    found = read("package.json")["version"]
    if found != VERSION:
        sys.exit(f"this is version {found}; change VERSION here and in README.md first")
    entries, epcis = read("data/communes.json"), read("data/epci.json")
    epci_of = {member["code"]: epci["code"] for epci in epcis for member in epci["membres"]}
    write(
        "communes.csv",
        "code;name;department;region;epci;commune;population;postal_codes",
        communes(entries, epci_of),
    )
    write("former.csv", "code;current", former(entries))
    write("epcis.csv", "siren;name;kind", ((e["code"], e["nom"], e["type"]) for e in epcis))
    write("regions.csv", "code;name", ((r["code"], r["nom"]) for r in read("data/regions.json")))
    write(
        "departments.csv",
        "code;name;region",
        ((d["code"], d["nom"], d["region"]) for d in read("data/departements.json")),
    )


if __name__ == "__main__":
    main()
