#!/usr/bin/env python3
"""Vérifie la preuve qu'un récépissé est dans l'arbre d'un registre, seule et hors ligne (voir RECEIPT-FORMAT.md, §10).
    python3 verify_proof.py PREUVE.tlog-proof --key HEX [--witness NOM+EMPREINTE+CLÉ]...
Sortie : 0 prouvé, 1 faux, 2 vérification impossible. À garder à côté de verify_receipt.py, dont il prend Ed25519."""
import argparse, base64, hashlib, os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from verify_receipt import Break, need, receipt_of, signature_holds


def hashed(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def key_number(name, kind, public):
    """Les quatre octets par lesquels une signature désigne sa clé."""
    return hashed(name.encode(), b"\n", bytes([kind]), public)[:4]


def root_from(leaf, index, size, path):
    """La racine où mène le chemin depuis la feuille (RFC 9162, §2.1.3.2) ; None s'il n'est pas de la bonne longueur."""
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if place % 2 or place == last:
            found = hashed(b"\x01", step, found)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            found = hashed(b"\x01", found, step)
        place, last = place // 2, last // 2
    return found if last == 0 else None


def signatures(lines):
    """Nom, numéro de clé et signature de chaque ligne « — nom base64 »."""
    for line in lines:
        dash, name, encoded = line.split(" ")
        need(dash == "\u2014", "note", "une ligne n'est pas une signature")
        raw = base64.b64decode(encoded, validate=True)
        yield name, raw[:4], raw[4:]


def witnessed(text, signed, vkey):
    """L'instant, en secondes, où ce témoin a signé ; None s'il ne l'a pas fait."""
    name, _, encoded = vkey.split("+", 2)
    kind, public = base64.b64decode(encoded)[0], base64.b64decode(encoded)[1:]
    for other, number, raw in signed:
        if kind == 4 and (other, number) == (name, key_number(name, 4, public)):
            seconds = int.from_bytes(raw[:8], "big")
            message = f"cosignature/v1\ntime {seconds}\n".encode() + text
            if signature_holds(public, message, raw[8:]):
                return seconds
    return None


def verify(proof, key):
    """Le récépissé, l'origine, la taille, le texte signé et ses signatures ; lève la première rupture."""
    head, text, note = proof.split("\n\n", 2)
    first, extra, index, *path = head.split("\n")
    need(first == "c2sp.org/tlog-proof@v1" and extra.startswith("extra ") and index.startswith("index "), "proof", "forme")
    raw = base64.b64decode(extra[6:], validate=True)
    receipt, text = receipt_of(raw), text + "\n"
    origin, size, root = text.splitlines()
    need(text == f"{origin}\n{int(size)}\n{root}\n", "note", "point de contrôle mal formé")
    need(origin.split("/")[:2] == ["recepisse", receipt["programme"]], "origin", "l'arbre est celui d'un autre dispositif")
    need(int(index[6:]) == receipt["position"] - 1, "index", "la preuve est celle d'une autre position")
    path = [base64.b64decode(step, validate=True) for step in path]
    found = root_from(hashed(b"\x00", raw), int(index[6:]), int(size), path)
    need(int(index[6:]) < int(size) and found == base64.b64decode(root), "root", "le chemin ne mène pas à la racine")
    public, signed = bytes.fromhex(key), list(signatures(note.rstrip("\n").split("\n")))
    ours = [raw for name, number, raw in signed if (name, number) == (origin, key_number(origin, 1, public))]
    right = any(signature_holds(public, text.encode(), raw) for raw in ours)
    need(right, "signature", "le point de contrôle n'est pas signé par cette clé")
    return receipt, origin, int(size), text.encode(), signed


def main():
    arguments = argparse.ArgumentParser(description="Vérifie la preuve d'un récépissé, hors ligne.")
    arguments.add_argument("proof", help="fichier .tlog-proof")
    arguments.add_argument("--key", required=True, help="clé publique des sceaux, en hexadécimal")
    arguments.add_argument("--witness", action="append", default=[], help="clé d'un témoin")
    chosen = arguments.parse_args()
    try:
        with open(chosen.proof, encoding="utf-8") as file:
            receipt, origin, size, text, signed = verify(file.read(), chosen.key)
    except Break as found:
        print("VERDICT : PREUVE FAUSSE, code {0}\n  {1}.".format(*found.args))
        return 1
    except (OSError, ValueError) as error:
        print(f"VERDICT : VÉRIFICATION IMPOSSIBLE\n  {error}")
        return 2
    print(f"VERDICT : PROUVÉ\nRécépissé   {receipt['number']} ({receipt['kind']}, {receipt['day']})")
    print(f"Arbre       {origin}, {size} récépissés")
    seen = {vkey.split("+")[0]: witnessed(text, signed, vkey) for vkey in chosen.witness}
    for name, seconds in seen.items():
        print(f"Témoin      {name} : " + (f"signé à {seconds} s" if seconds is not None else "N'A PAS SIGNÉ"))
    if not any(seconds is not None for seconds in seen.values()):
        print("NON ATTESTÉ : aucun témoin n'a signé cet arbre ; seul le registre en répond.")
    return 0 if all(seconds is not None for seconds in seen.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
