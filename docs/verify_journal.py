#!/usr/bin/env python3
"""Vérifie un journal exporté de Récépissé, seul et hors ligne (voir RECEIPT-FORMAT.md).
    python3 verify_journal.py JOURNAL... [--key HEX]... [--fast]
Sortie : 0 intact, 1 rupture, 2 vérification impossible. Se sert de verify_receipt.py (un récépissé, pris seul), de
verify_account.py (le compte), de verify_people.py (ce qui est dit des personnes) et de verify_statements.py (les états de
l'émetteur), rangés à côté. Écrit d'après le format seul ; Python 3.8 ou plus."""
import argparse, os, re, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from verify_account import Account
from verify_receipt import CODE, HEX64, I, T, Break, decompress, need, parse, sealed_text, sha256, signature_holds

HEADER, END = [("journal", T), ("programme", T), ("keys", [[("id", T), ("public", T)]])], [("receipts", I), ("head", T)]
SEAL, END = [("seal", [("position", I), ("hash", T), ("key", T), ("signature", T)])], [("end", END)]
def verify(lines, trusted, fast):
    """Donne le compte, les sceaux et les clés ; lève la première rupture."""
    header = parse(next(lines, b""), HEADER, "header_malformed")
    programme, account, keys, seals, ended = header["programme"], Account(header["programme"]), {}, [], False
    need(header["journal"] == "recepisse-journal-1" and re.fullmatch(CODE, programme), "header_malformed", "en-tête")
    for key in header["keys"]:
        public = bytes.fromhex(key["public"]) if re.fullmatch(HEX64, key["public"]) else b""
        need(decompress(public) and sha256(public)[:16] == key["id"], "key_id", f"clé {key['id']} mal numérotée")
        need(not trusted or key["public"] in trusted, "key_untrusted", f"la clé {key['id']} n'est pas annoncée")
        need(key["id"] not in keys, "header_malformed", "clé donnée deux fois")
        keys[key["id"]] = public
    for raw in lines:
        ahead = not ended and not raw.startswith((b'{"seal":', b'{"end":'))
        try:
            need(not ended, "after_end", "une ligne suit la fin du journal")
            if raw.startswith(b'{"seal":'):
                seal = parse(raw, SEAL, "seal_malformed")["seal"]
                need(seal["position"] == account.position > 0, "seal_position", "le sceau est d'une autre position")
                need(seal["hash"] == account.head, "seal_hash", "le sceau porte une autre empreinte")
                need(seal["key"] in keys, "seal_key", f"la clé {seal['key']} n'est pas dans l'en-tête")
                seals.append((seal["position"], seal["key"]))
                fast or check_seal(account, keys[seal["key"]], seal)
            elif raw.startswith(b'{"end":'):
                end, tail, ended = parse(raw, END, "end_malformed")["end"], seals[-1][0] + 1 if seals else 1, True
                need(re.fullmatch(HEX64, end["head"]), "end_malformed", "empreinte de fin mal formée")
                need(end == {"receipts": account.position, "head": account.head}, "end_differs", "fin différente")
                need(tail == account.position + 1, "unsealed_tail", "les derniers ne sont pas scellés", tail)
                fast and seals and check_seal(account, keys[seal["key"]], seal)
            else:
                account.receipt(raw)
        except Break as found:
            raise Break(*found.args[:2], found.args[2] or account.position + ahead)
    need(ended, "end_missing", "le journal s'arrête avant sa fin", account.position)
    return account, seals, keys
def check_seal(account, key, seal):
    text, said = seal["signature"], sealed_text(account.programme, seal["position"], seal["hash"], account.epoch)
    need(re.fullmatch(HEX64 * 2, text) and signature_holds(key, said, bytes.fromhex(text)), "seal_signature", "faux")
def report(path, trusted, fast):
    try:
        with open(path, "rb") as file:
            lines = (line[:-1] if line.endswith(b"\n") else line for line in file)
            account, seals, keys = verify(lines, trusted, fast)
    except Break as found:
        print("VERDICT : RUPTURE, position {2}, code {0}\n  {path} : {1}.".format(*found.args, path=path))
        return 1
    held = [(holder.split(":")[0], passes) for holder, passes in account.held.items()]
    print("VERDICT : JOURNAL INTACT", f"Fichier     {path}", f"Dispositif  {account.programme}",
          f"Récépissés  {account.position}", f"Tête        {account.head}",
          f"Sceaux      {len(seals)}, dont {min(len(seals), 1) if fast else len(seals)} signatures vérifiées",
          *(f"Clé         {key} = {keys[key].hex()}" for key in sorted({key for _, key in seals})),
          *("PERTE DÉCLARÉE : {} récépissés au moins après la position {}, par {}".format(*gap) for gap in account.gaps),
          "Compte d'emploi, en pass (issue : contre-compte de l'émission) :",
          *(f"  {kind:12}{sum(n for k, n in held if k == kind):12}" for kind in sorted(dict(held))), "NON VÉRIFIÉ :",
          "  - que rien n'a été retranché après cette tête : comparez avec une tête connue d'ailleurs ;",
          "  - que les faits ont eu lieu : rapprochez des pièces, des signatures et des inventaires ;",
          "  - l'exactitude de l'heure et le contenu des mentions libres.",
          *["  - que les clés sont celles du dispositif : donnez-les par --key."] * (not trusted),
          *["  - les signatures autres que la dernière (--fast)."] * fast, sep="\n")
    return 0

def main():
    arguments = argparse.ArgumentParser(description="Vérifie un journal de récépissés, hors ligne.")
    arguments.add_argument("journal", nargs="+", help="fichiers exportés")
    arguments.add_argument("--key", action="append", default=[], help="clé publique à croire, en hexadécimal")
    arguments.add_argument("--fast", action="store_true", help="ne vérifie que la dernière signature")
    chosen = arguments.parse_args()
    try:
        return max(report(path, set(chosen.key), chosen.fast) for path in chosen.journal)
    except (OSError, KeyError, TypeError, ValueError) as error:
        print(f"VERDICT : VÉRIFICATION IMPOSSIBLE\n  {error}")
        return 2
if __name__ == "__main__":
    sys.exit(main())
