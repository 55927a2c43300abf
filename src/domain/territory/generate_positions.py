#!/usr/bin/env python3
"""Writes positions.csv from the file cities500.txt of GeoNames (tab-separated, https://download.geonames.org/export/dump/).

Usage: python3 generate_positions.py CITIES500   (communes.csv must be there)

GeoNames gives French places the INSEE code of their commune. Of several places of one commune, that of the same name
is taken, then a seat, then the most populous. Coordinates are written as they are given.
"""

import csv
import pathlib
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent


def folded(name):
    """A name without accents, capitals and punctuation."""
    return "".join(c for c in unicodedata.normalize("NFD", name.lower()) if c.isalnum())


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(HERE / "communes.csv", encoding="utf-8", newline="") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file, delimiter=";")}
    best = {}
    for line in pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        name, latitude, longitude, kind, country, commune = (cells[i] for i in (1, 4, 5, 7, 8, 13))
        if country != "FR" or commune not in names:
            continue
        rank = (folded(name) == folded(names[commune]), kind.startswith("PPLA"), int(cells[14] or 0))
        if commune not in best or rank > best[commune][0]:
            best[commune] = (rank, latitude, longitude)
    lines = ["code;latitude;longitude"] + [f"{code};{best[code][1]};{best[code][2]}" for code in sorted(best)]
    (HERE / "positions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"positions.csv: {len(best)} rows of {len(names)} communes")


if __name__ == "__main__":
    main()
