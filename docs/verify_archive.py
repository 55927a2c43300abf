#!/usr/bin/env python3
"""Vérifie une archive de Récépissé, seul et hors ligne (voir NOTICE.md de l'archive).
    python3 verify_archive.py ARCHIVE [--key HEX]...      (un dossier, ou un .zip)
Sortie : 0 conforme, 1 non conforme. Se sert de verify_journal.py et de ce dont il se sert, rangés à côté ; Python 3.8 ou plus."""
import argparse, csv, hashlib, io, json, os, re, sys, tempfile, zipfile, zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import verify_journal as journal
import verify_receipt as receipt

Unsound = type("Unsound", (Exception,), {})  # fichier, raison
LIST, SEAL, HEX, MARK = "SHA256SUMS", "SHA256SUMS.sceau", "[0-9a-f]", 145  # MARK : octets de la signature d'un .zip

def need(condition, name, reason):
    if not condition: raise Unsound(name, reason)
def read(folder, name):
    try:
        with open(os.path.join(folder, *name.split("/")), "rb") as file:
            return file.read()
    except OSError:
        raise Unsound(name, "fichier absent ou illisible")
def sha256(folder, name):
    digest = hashlib.sha256()
    with open(os.path.join(folder, *name.split("/")), "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""): digest.update(part)
    return digest.hexdigest()
def table(folder, name):
    rows = list(csv.reader(io.StringIO(read(folder, name).decode("utf-8"), newline="")))
    return [dict(zip(rows[0], row)) for row in rows[1:]]

def keys_of(folder):
    own = [row["public"] for row in table(folder, "cles-publiques.csv")]
    need(all(re.fullmatch(HEX + "{64}", key) for key in own), "cles-publiques.csv", "clé mal formée")
    return own
def holds(said, digest, name, keys):
    """Que ce texte est la signature de cette empreinte par une clé à croire."""
    need(said, name, "signature mal formée")
    public = next((key for key in keys if receipt.sha256(bytes.fromhex(key))[:16] == said[1]), None)
    need(public, name, f"la clé {said[1]} n'est pas de celles à croire")
    text = f"recepisse-archive-1\n{digest}\n".encode()
    right = receipt.signature_holds(bytes.fromhex(public), text, bytes.fromhex(said[2]))
    need(right, name, "la signature n'est pas celle de la clé")
def unpack(path, trusted, into):
    """Déballe un .zip dont les derniers octets, son commentaire, signent tous les autres."""
    name, left, digest = os.path.basename(path), os.path.getsize(path) - MARK, hashlib.sha256()
    with open(path, "rb") as file:
        while left > 0:
            part = file.read(min(left, 1 << 20))
            digest.update(part)
            left -= len(part) or left
        mark = file.read()
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            safe = re.fullmatch(r"[^/\\:]+(/[^/\\:]+)*", entry.filename) and ".." not in entry.filename.split("/")
            need(safe, entry.filename, "nom impossible dans une archive")
        if not trusted:
            archive.extract("cles-publiques.csv", into)
        said = re.fullmatch(f"({HEX}{{16}}) ({HEX}{{128}})", mark.decode("ascii", "replace"))
        holds(said, digest.hexdigest(), name, trusted or keys_of(into))
        archive.extractall(into)

def check_list(folder):
    """Les fichiers sont ceux de la liste, ni plus ni moins, et ont leur somme de contrôle."""
    there = set()
    for place, folders, names in os.walk(folder):
        for name in folders + names:
            path = os.path.join(place, name)
            need(not os.path.islink(path), os.path.relpath(path, folder), "un lien n'a pas sa place dans une archive")
            if name in names: there.add(os.path.relpath(path, folder).replace(os.sep, "/"))
    lines = read(folder, LIST).decode("utf-8").split("\n")
    need(lines.pop() == "", LIST, "la dernière ligne est coupée")
    listed = [re.fullmatch(f"({HEX}{{64}})  ([^\\n]+)", line) for line in lines]
    need(all(listed), LIST, "ligne mal formée")
    names = [found[2] for found in listed]
    need(names == sorted(set(names)), LIST, "les fichiers ne sont pas nommés une fois chacun, dans l'ordre")
    for name in sorted(there - {LIST, SEAL} - set(names)): need(False, name, "fichier que la liste ne nomme pas")
    for name in sorted(set(names) - there): need(False, name, "fichier absent")
    for found in listed: need(sha256(folder, found[2]) == found[1], found[2], "somme de contrôle différente")
    return names
def check_signature(folder, keys):
    said = re.fullmatch(f"({HEX}{{16}}) ({HEX}{{128}})\n", read(folder, SEAL).decode("ascii", "replace"))
    holds(said, hashlib.sha256(read(folder, LIST)).hexdigest(), SEAL, keys)
def check_journal(folder, keys):
    name = "journal.jsonl"
    with open(os.path.join(folder, name), "rb") as file:
        lines = (line[:-1] if line.endswith(b"\n") else line for line in file)
        try:
            return journal.verify(lines, keys, False)
        except receipt.Break as found:
            raise Unsound(name, "position {2}, code {0} : {1}".format(*found.args))
def check_account(folder, account, manifest):
    """Chaque solde du compte d'emploi est celui que donnent les récépissés."""
    name, held = "etats/use-account.csv", {}
    for (_, holder), quantities in account.balances.items():
        holder = re.sub("^(issue|transit):.*", r"\1", holder)
        held[holder] = [one + other for one, other in zip(held.get(holder, [0, 0, 0]), quantities)]
    columns = ("closing_booklets", "closing_passes", "closing_cents")
    said = {row["holder"]: [int(row[column]) for column in columns] for row in table(folder, name)
            if not row["holder"].startswith("#total")}
    for holder in sorted(set(held) | set(said)):
        need(held.get(holder) == said.get(holder), name, f"{holder} n'a pas ce que disent les récépissés")
    head = f"position={account.position} head={account.head}"
    for path, _, files in os.walk(os.path.join(folder, "etats")):
        for file in files:
            name = os.path.relpath(os.path.join(path, file), folder).replace(os.sep, "/")
            need(head in read(folder, name).decode("utf-8").rsplit("#total ", 1)[-1], name, "compte d'un autre journal")
    end = (manifest["programme"], manifest["receipts"], manifest["head"])
    need(end == (account.programme, account.position, account.head), "archive.json", "ce n'est pas ce journal")

def check(folder, trusted):
    own = keys_of(folder)
    names = check_list(folder)
    check_signature(folder, trusted or own)
    manifest = json.loads(read(folder, "archive.json"))
    need(manifest["archive"] == "recepisse-archive-1", "archive.json", "format d'archive inconnu")
    account, seals, _ = check_journal(folder, set(trusted or own))
    check_account(folder, account, manifest)
    print("VERDICT : ARCHIVE CONFORME", f"Dispositif  {account.programme}, jusqu'au {manifest['until']}",
          f"Fichiers    {len(names)}", f"Récépissés  {account.position}", f"Tête        {account.head}",
          f"Sceaux      {len(seals)}",
          *("PERTE DÉCLARÉE : {} récépissés au moins après la position {}, par {}".format(*gap) for gap in account.gaps),
          *["NON VÉRIFIÉ : que les clés sont celles du dispositif ; donnez-les par --key."] * (not trusted), sep="\n")

def main():
    arguments = argparse.ArgumentParser(description="Vérifie une archive, hors ligne.")
    arguments.add_argument("archive", help="dossier de l'archive, ou son fichier .zip")
    arguments.add_argument("--key", action="append", default=[], help="clé publique à croire, en hexadécimal")
    chosen = arguments.parse_args()
    try:
        if os.path.isdir(chosen.archive):
            check(chosen.archive, chosen.key)
            return 0
        with tempfile.TemporaryDirectory() as folder:
            unpack(chosen.archive, chosen.key, folder)
            check(folder, chosen.key)
    except Unsound as found:
        print("VERDICT : ARCHIVE NON CONFORME\n  {} : {}.".format(*found.args))
        return 1
    except (OSError, EOFError, LookupError, RuntimeError, TypeError, ValueError, csv.Error, zipfile.BadZipFile, zlib.error) as error:
        print(f"VERDICT : ARCHIVE NON CONFORME, illisible\n  {type(error).__name__} : {error}")
        return 1
    return 0
if __name__ == "__main__":
    sys.exit(main())
