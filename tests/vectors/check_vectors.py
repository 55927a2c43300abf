#!/usr/bin/env python3
"""Holds docs/verify_receipt.py against the vectors: python3 tests/vectors/check_vectors.py FILE. Exit: 0 as they say, 1 not."""
import importlib.util, json, pathlib, sys

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "verify_receipt.py"
spec = importlib.util.spec_from_file_location("verify_receipt", SCRIPT)
ours = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ours)


def refused(raw):
    """The code with which a text is refused, or None."""
    try:
        ours.receipt_of(raw)
    except ours.Break as found:
        return found.args[0]
    return None


def checks(data):
    """Each thing that the vectors say, and whether the script says it too."""
    public = bytes.fromhex(data["key"]["public"])
    yield ours.sha256(public)[:16] == data["key"]["id"]
    for each in data["genesis"]:
        yield ours.genesis(each["programme"]) == each["hash"]
    for each in data["receipts"]:
        raw, body, mark, text = each["bytes"].encode(), each["body"], each["hash"], each["sealed_text"].encode()
        yield ours.written(body, ours.RECEIPT).encode() == raw
        yield ours.receipt_of(raw) == body
        yield ours.receipt_hash(raw) == mark
        yield ours.sealed_text(body["programme"], body["position"], mark) == text
        yield ours.signature_holds(public, text, bytes.fromhex(each["signature"]))
    for each in data["refused"]:
        yield refused(each["bytes"].encode()) == each["code"]


with open(sys.argv[1], encoding="utf-8") as file:
    right = list(checks(json.load(file)))
print(f"VERDICT : VECTEURS {'CONFORMES' if all(right) else 'NON CONFORMES'} ({len(right)})")
sys.exit(0 if all(right) else 1)
