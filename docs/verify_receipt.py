"""Ce que dit un récépissé, pris seul : ses octets, son empreinte, sa signature, son type (voir RECEIPT-FORMAT.md).
À garder à côté de verify_journal.py, de verify_account.py, de verify_people.py et de verify_statements.py. Écrit d'après le format seul ; Python 3.8 ou plus."""
import hashlib, json, re, unicodedata
from datetime import date, datetime, timedelta
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, RFC 8032 section 5.1
D = -121665 * pow(121666, P - 2, P) % P
Y8 = 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826  # ordre 8
Break = type("Break", (Exception,), {})  # code, détail, position si elle n'est pas celle de la ligne
def need(condition, code, detail, position=0):
    if not condition: raise Break(code, detail, position)
def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    w, x, y, z = f - e, h - g, h + g, f + e
    return (w * x % P, y * z % P, x * y % P, w * z % P)
def decompress(raw):
    sign, y = divmod(int.from_bytes(raw, "little"), 2**255)
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    x = x * pow(2, (P - 1) // 4, P) % P if (v * x * x + u) % P == 0 else x
    wrong = len(raw) != 32 or y >= P or (v * x * x - u) % P or (x == 0 and sign)
    x = P - x if x & 1 != sign else x
    return None if wrong else (x, y, 1, x * y % P)
BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
def signature_holds(public, message, signature):
    a, r, s = decompress(public), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if not a or not r or s >= L or {a[1], r[1]} & {0, 1, P - 1, Y8, P - Y8}:  # ni petit ordre
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    a = (P - a[0], a[1], 1, P - a[3])
    point, steps = (0, 1, 1, 0), (None, BASE, a, add(BASE, a))
    for bit in range(252, -1, -1):  # s·BASE - k·A, les deux multiples à la fois
        point, step = add(point, point), steps[(s >> bit & 1) + 2 * (k >> bit & 1)]
        point = add(point, step) if step else point
    return (point[0] - r[0] * point[2]) % P == 0 and (point[1] - r[1] * point[2]) % P == 0
T, I, CONTROL = str, int, "[\x00-\x1f\x7f-\x9f]"
RECEIPT = [
    ("v", I), ("programme", T), ("position", I), ("number", T), ("kind", T), ("at", T), ("day", T),
    ("office", [("code", T), ("name", T), ("registration", T), ("commune", T)]),
    ("agent", [("pseudonym", T), ("role", T)]), ("face_cents", I),
    ("lines", [[("batch", T), ("from", T), ("to", T), ("booklets", I), ("passes", I), ("cents", I), ("items", [T])]]),
    ("total", [("booklets", I), ("passes", I), ("cents", I)]),
    ("holdings", [[("holder", T), ("before", I), ("after", I)]]), ("mentions", dict), ("corrects", None), ("prev", T)]
def written(value, shape):
    """Réécrit une valeur dans la forme du format ; ValueError si elle n'en a pas."""
    if shape is T and type(value) is str and unicodedata.is_normalized("NFC", value) and not re.search(CONTROL, value):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if shape is I and type(value) is int and abs(value) <= 2**53 - 1: return str(value)
    if shape is dict and type(value) is dict and all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in value):
        shape = [(name, T if type(each) is str else I) for name, each in sorted(value.items())]
    if isinstance(shape, list) and type(value) is list and len(shape) == 1 and not isinstance(shape[0], tuple):
        return "[" + ",".join(written(each, shape[0]) for each in value) + "]"
    if isinstance(shape, list) and type(value) is dict and all(isinstance(pair, tuple) for pair in shape):
        keys = [(key, kind or T) for key, kind in shape if kind or key in value]
        if set(value) == {key for key, _ in keys}:
            return "{" + ",".join(f'"{key}":{written(value[key], kind)}' for key, kind in keys) + "}"
    raise ValueError("forme")
def parse(raw, shape, code):
    try:
        value = json.loads(raw.decode("utf-8"))
        same = written(value, shape).encode("utf-8") == raw
    except (ValueError, RecursionError):
        same = False
    need(same, code, "la ligne n'a pas la forme canonique du format")
    return value
def receipt_of(raw):
    need(raw.startswith(b'{"v":1,'), "version_unknown" if raw.startswith(b'{"v":') else "not_canonical", "version")
    return parse(raw if len(raw) <= 2**24 else b"", RECEIPT, "not_canonical")
def sha256(*parts): return hashlib.sha256(b"".join(parts)).hexdigest()
def receipt_hash(raw): return sha256(b"recepisse-receipt-1\n", len(raw).to_bytes(8, "big"), raw)
def genesis(programme): return sha256(b"recepisse-genesis-1\n", programme.encode())
def sealed_text(programme, position, digest, epoch=1):
    tag, epoch = ("2", f"{epoch}\n") if epoch > 1 else ("1", "")
    return f"recepisse-seal-{tag}\n{programme}\n{epoch}{position}\n{digest}\n".encode()
CODE, COUNT, HEX64 = "[A-Z][A-Z0-9]{1,9}", "[1-9][0-9]{0,8}", "[0-9a-f]{64}"
USE = "store transit prescriber circulation"  # d'où des pass peuvent encore être remis ou utilisés
BATCH, REGION, HEX16 = f"({COUNT})-({COUNT})", "region_admin region_finance", "[0-9a-f]{16}"
HOLDER = (f"issue:{BATCH}|transit:{COUNT}|(prescriber|provider|claimed|paid):{CODE}"
          "|store|circulation|blocked|lost|expired|destroyed|credited")
KINDS = {  # type : objets|cédants|cessionnaires|rôles|mentions : # entier, @ date, & empreinte, ~ autre agent ; ? facultative
    "order": f"|||{REGION}|#order #booklets #passes_per_booklet first_serial last_serial @validity_end @grace_end",
    "activation": f"|||{REGION}|#order payment_order", "exception": f"|||{REGION}|#exception #passes_granted",
    "delivery": f"booklets|issue|store blocked|{REGION}|?&codes_digest ?&print_nonce_digest",
    "payee": f"|||{REGION}|#payee &account_commitment ~proposed_by",
    "dispatch": f"booklets|store prescriber|transit|{REGION} prescriber_agent|#dispatch destination",
    "return": "booklets|prescriber|transit|prescriber_agent|#dispatch destination",
    "acceptance": f"booklets|transit|store prescriber blocked|{REGION} prescriber_agent|#dispatch ?#recall",
    "hand_out": "booklets|prescriber|circulation|prescriber_agent|ground &commitment ?#exception ?follow_up",
    "redemption": "passes|circulation|provider|venue_agent|venue service @performed_on",
    "people_key": f"|||{REGION}|#key #previous_key &key_digest ~proposed_by",
    "restore": f"|||{REGION}|#epoch #restored_position &restored_head #last_known_position "
               "&last_known_head #receipts_lost reason declared_by",
    "closing": f"|||{REGION}|period @last_day",
    "claim": f"passes|provider|claimed|{REGION} venue_agent|#claim",
    **{said: f"|||{REGION}|#claim" for said in ("claim_approval", "claim_suspension", "claim_resumption")},
    "claim_rejection": f"passes|claimed|provider|{REGION}|#claim", "payment": f"|||{REGION}|#payment &file_hash",
    "overpayment": f"passes|paid|provider|{REGION}|#claim",
    "offset": f"passes|claimed|paid|{REGION}|#claim",
    "revenue_order": f"|||{REGION}|#revenue_cents provider_code revenue_order",
    "issuer_statement": f"passes|provider|paid|{REGION}|#statement month &file_hash &lines_hash #statement_lines "
                        "#matched_passes #open_differences ?#corrects_statement ?differences ?corrected",
    "issuer_dispute": "|||venue_agent|#statement differences #open_differences",
    "issuer_resolution": f"passes|provider paid|paid provider|{REGION}|#statement resolved resolution reason #open_differences",
    "bank_return": f"passes|claimed paid|paid claimed|{REGION}|&file_hash ?claims_ended ?claims_returned",
    "reversal": f"passes|provider|circulation|{REGION} venue_agent|",
    "suspension": f"|||{REGION}|orders scope reason", "resumption": f"|||{REGION}|orders scope",
    "prorogation": f"|||{REGION}|#order @validity_end @grace_end",
    "acknowledgement": f"|||{REGION}|#order @validity_end #undistributed_passes",
    "stock_take": f"|||{REGION} prescriber_agent|holder #expected_passes #expected_booklets #counted_booklets "
                  "#missing_booklets #surplus_booklets",
    "application": "|||platform prescriber_agent|#application step #complete ?#passes_asked ?&commitment ?follow_up",
    "application_decision": f"|||{REGION}|#application decision ?#passes_reserved ?reason ?#contacts",
    "application_end": "|||platform prescriber_agent region_admin|#application outcome ?#contacts",
    "allocation": f"booklets|store prescriber|transit|{REGION}|sendings",
    "mailing": f"booklets|store|transit|{REGION}|#dispatch destination letters",
    "letter_report": f"booklets|transit|circulation store|{REGION}|?delivered ?returned",
    "erasure": f"|||{REGION}|reason #people #hand_outs #exceptions #replacements ?@contact_before ?#contacts",
    "follow_up": f"|||{REGION} prescriber_agent|hand_out step ?#reminder ?follow_up",
    "expiry": f"either|{USE} blocked lost|expired|{REGION}|#order",
    "contradictory_statement": f"|||{REGION}|#order &file_hash #listed_passes #agreed_passes #differing_passes "
        + " ".join(f"#ledger_{n} #issuer_{n}" for n in "unused withdrawn used paid expired credited".split()) + " ?gaps",
    "destruction_proposal": f"|||{REGION}|#proposal reason items",
    "destruction": "either|store blocked expired|destroyed|accountant|#proposal reason @proposed_on ~proposed_by",
    "credit_note": f"either|expired destroyed|credited|{REGION}|#order credit_note @received_on #amount_cents",
    "block": f"either|{USE}|blocked|{REGION}|reason", "unblock": f"either|blocked|{USE}|{REGION}|reason",
    "loss": f"either|{USE}|lost|{REGION} prescriber_agent|reason @noticed_on", "found": f"either|lost|{USE}|{REGION}|reason",
    "replacement": "either|circulation lost prescriber|blocked circulation|prescriber_agent|original &commitment reason"}
UNDOES = {"reversal": (), "unblock": ("block", "delivery", "acceptance"), "found": ("loss",)}  # ce que chacun corrige
KINDS = {kind: [cell.split() for cell in row.split("|")] for kind, row in KINDS.items()}
DAY = r"(?a)(18[5-9]\d|19\d\d|2[01]\d\d|2200)-\d\d-\d\d"
def date_of(reader, shape, text):
    try:
        return reader(text.rstrip("Z")) if re.fullmatch(shape, text) else None
    except ValueError:
        return None
def paris_day(moment):  # heure d'été du dernier dimanche de mars à celui d'octobre, 1 h UTC (directive 2000/84/CE)
    ends = [datetime(moment.year, month, 31, 1) for month in (3, 10)]
    spring, autumn = (end - timedelta(days=(end.weekday() + 1) % 7) for end in ends)
    return (moment + timedelta(hours=2 if spring <= moment < autumn else 1)).date().isoformat()
def mentions_of(body):
    """Les mentions que son type impose au récépissé, dans l'ordre de la table."""
    said = []
    for optional, sort, name in (re.fullmatch(r"(\??)([#@&~]?)(\w+)", each).groups() for each in KINDS[body["kind"]][4]):
        value = body["mentions"].get(name)
        right = type(value) is (int if sort == "#" else str) and value != ""
        right = right and (sort != "@" or date_of(date.fromisoformat, DAY, value))
        right = right and (sort != "&" or re.fullmatch(HEX64, value))
        need(right or (optional and value is None), "mention", f"mention {name} absente ou fausse")
        need(sort != "~" or re.fullmatch(HEX16, value) and value != body["agent"]["pseudonym"], "four_eyes", name)
        said.append(value)
    return said

def serial_of(programme, text):  # le numéro d'un carnet du dispositif
    found = re.fullmatch(f"({CODE})-([0-9]{{6,7}})-([0-9]{{2}})", text)
    need(found and found[1] == programme, "serial", f"{text!r} n'est pas un numéro du dispositif")
    number, digits = int(found[2]), int("".join(str(int(c, 36)) for c in found[1] + found[2]))
    right = number > 0 and found[2] == f"{number:06}" and int(found[3]) == 98 - digits * 100 % 97
    need(right, "serial", f"la clé de contrôle de {text!r} est fausse")
    return number
def end_of(period, day):  # dernier jour de la période où tombe ce jour
    year, month = int(day[:4]), {"day": 0, "month": int(day[5:7]), "year": 12}[period]
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(1)).isoformat() if month else day
def told(sums, kind):  # « nom a b c; nom a b c », dans l'ordre des noms ; trois sommes par nature, quatre par détenteur
    names = sorted({name for each, name, _ in sums if each == kind})
    return "; ".join(" ".join([name, *(str(sums[kind, name, n]) for n in range(3 + kind))]) for name in names)
