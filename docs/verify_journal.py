#!/usr/bin/env python3
"""Vérifie un journal exporté de Récépissé, seul et hors ligne (voir RECEIPT-FORMAT.md).
    python3 verify_journal.py JOURNAL... [--key HEX]... [--fast]
Sortie : 0 intact, 1 rupture, 2 vérification impossible. Écrit d'après le format seul ; Python 3.8 ou plus."""
import argparse, hashlib, json, re, sys, unicodedata
from collections import Counter, defaultdict
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
HEADER, END = [("journal", T), ("programme", T), ("keys", [[("id", T), ("public", T)]])], [("receipts", I), ("head", T)]
SEAL, END = [("seal", [("position", I), ("hash", T), ("key", T), ("signature", T)])], [("end", END)]
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
    "delivery": f"booklets|issue|store blocked|{REGION}|", "payee": f"|||{REGION}|#payee &account_commitment ~proposed_by",
    "dispatch": f"booklets|store prescriber|transit|{REGION} prescriber_agent|#dispatch destination",
    "return": "booklets|prescriber|transit|prescriber_agent|#dispatch destination",
    "acceptance": f"booklets|transit|store prescriber blocked|{REGION} prescriber_agent|#dispatch ?#recall",
    "hand_out": "booklets|prescriber|circulation|prescriber_agent|ground &commitment ?#exception",
    "redemption": "passes|circulation|provider|venue_agent|venue service @performed_on",
    "restore": f"|||{REGION}|#epoch #restored_position &restored_head #last_known_position "
               "&last_known_head #receipts_lost reason declared_by",
    "closing": f"|||{REGION}|period @last_day",
    "claim": f"passes|provider|claimed|{REGION} venue_agent|#claim",
    **{said: f"|||{REGION}|#claim" for said in ("claim_approval", "claim_suspension", "claim_resumption")},
    "claim_rejection": f"passes|claimed|provider|{REGION}|#claim", "payment": f"|||{REGION}|#payment &file_hash",
    "bank_return": f"passes|claimed paid|paid claimed|{REGION}|&file_hash",
    "reversal": f"passes|provider|circulation|{REGION} venue_agent|",
    "suspension": f"|||{REGION}|orders scope reason", "resumption": f"|||{REGION}|orders scope",
    "prorogation": f"|||{REGION}|#order @validity_end @grace_end",
    "stock_take": f"|||{REGION} prescriber_agent|holder #expected_passes #expected_booklets #counted_booklets "
                  "#missing_booklets #surplus_booklets",
    "expiry": f"either|{USE} blocked lost|expired|{REGION}|#order",
    "credit_note": f"either|expired|credited|{REGION}|#order credit_note @received_on #amount_cents",
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
def end_of(period, day):  # dernier jour de la période où tombe ce jour
    year, month = int(day[:4]), {"day": 0, "month": int(day[5:7]), "year": 12}[period]
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(1)).isoformat() if month else day
def told(sums, kind):  # « nom a b c; nom a b c », dans l'ordre des noms ; trois sommes par nature, quatre par détenteur
    names = sorted({name for each, name, _ in sums if each == kind})
    return "; ".join(" ".join([name, *(str(sums[kind, name, n]) for n in range(3 + kind))]) for name in names)

class Account:
    """Le compte d'un dispositif, recalculé récépissé par récépissé."""
    def __init__(self, programme):
        self.programme, self.position, self.head, self.at, self.epoch = programme, 0, genesis(programme), None, 1
        self.orders, self.faces, self.transits, self.redeemed, self.numbers, self.gaps = {}, {}, {}, {}, {}, []
        self.held, self.series, self.exceptions = defaultdict(int), defaultdict(int), {None: False}  # n : a servi
        self.booklets, self.departed = {}, {}  # n : [lot, chez, taille, reste, remise] ; (n, rang) : (chez, position)
        self.withdrawn, self.withdrawers = {}, {}  # (n, rang) : (retiré par, d'où) ; position : (type, agent)
        self.balances = defaultdict(lambda: [0, 0, 0])  # (lot, détenteur) : carnets, passes, centimes
        self.days, self.closed, self.opened = {}, {"day": {}, "month": {}, "year": {}}, None  # clôtures, par dernier jour
    def serial(self, text):
        found = re.fullmatch(f"({CODE})-([0-9]{{6,7}})-([0-9]{{2}})", text)
        need(found and found[1] == self.programme, "serial", f"{text!r} n'est pas un numéro du dispositif")
        number, digits = int(found[2]), int("".join(str(int(c, 36)) for c in found[1] + found[2]))
        right = number > 0 and found[2] == f"{number:06}" and int(found[3]) == 98 - digits * 100 % 97
        need(right, "serial", f"la clé de contrôle de {text!r} est fausse")
        return number
    def items(self, text):
        """Ce qu'un texte désigne, en couples (carnet, rang) ; le rang 0 est le carnet entier."""
        first, dots, last = text.partition("..")
        booklet, slash, rank = first.partition("/")
        need(not slash or re.fullmatch("0[1-9]|[1-9][0-9]", rank), "serial", f"{text!r} n'est pas un pass")
        start, end = self.serial(booklet), self.serial(last) if dots else None
        need(not dots or (start < end and not slash), "serial", f"{text!r} n'est pas une suite croissante")
        return [(number, 0) for number in range(start, end + 1)] if dots else [(start, int(rank or 0))]
    def receipt(self, raw):
        body, position = receipt_of(raw), self.position + 1
        need(body["programme"] == self.programme, "programme", f"dispositif {body['programme']!r}")
        need(body["position"] == position, "position", f"le récépissé se dit à la position {body['position']}")
        need(body["prev"] == self.head, "prev", "le récépissé ne suit pas l'empreinte précédente")
        at = date_of(datetime.fromisoformat, r"(?a)20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["at"])
        need(at and (self.at is None or at >= self.at), "at", f"{body['at']!r} : instant faux ou antérieur")
        need(body["day"] == paris_day(at), "day", f"le jour comptable n'est pas {body['day']!r}")
        office, agent, kind = body["office"], body["agent"], body["kind"]
        need(re.fullmatch(CODE, office["code"]) and all(office.values()), "office", "organisme mal désigné")
        need(re.fullmatch(HEX16, agent["pseudonym"]) and agent["role"], "agent", "agent mal désigné")
        series, opened = f"{self.programme}-{office['code']}-{body['day'][:4]}", body["mentions"].get("epoch")
        epoch = opened if kind == "restore" and type(opened) is int else self.epoch
        self.series[series] += 1
        number = f"{series}{f'E{epoch}' if epoch > 1 else ''}-{self.series[series]:06}"
        need(body["number"] == number, "number", f"le numéro {number} est attendu")
        need(kind in KINDS, "kind_unknown", f"type {kind!r} inconnu")
        need(agent["role"] in KINDS[kind][3], "role", f"le rôle {agent['role']!r} n'établit pas ce type")
        need(body["face_cents"] > 0, "face_value", "valeur faciale nulle ou négative")
        self.lines(body, *self.record(body))
        self.numbers[body["number"]] = position
        self.position, self.head, self.at = position, receipt_hash(raw), at
        self.account_for(body)
    def account_for(self, body):
        """Ajoute le récépissé à son jour ; une clôture ferme les siens. Un jour : position, empreinte, sommes."""
        if body["kind"] == "closing":
            period, until, end = self.closing
            self.closed[period][until] = (*end, body["number"], self.head)
            self.days = {day: end for day, end in self.days.items() if day > until}
        self.opened, sums = self.opened or body["day"], self.days.get(body["day"], (0, "", Counter()))[2]
        self.days[body["day"]] = self.position, self.head, sums
        sums[0, body["kind"], 0] += 1
        for line in body["lines"]:
            for at, moved in enumerate((line["passes"], line["cents"])):
                sums[0, body["kind"], 1 + at] += moved
                for holder, side in ((line["to"], 0), (line["from"], 2)):
                    sums[1, re.sub("^(issue|transit):.*", r"\1", holder), side + at] += moved
    def close(self, said, today):
        """Contrôle une clôture : la suivante de sa sorte, avec les sommes de la période et depuis l'origine."""
        period, until, made = said["period"], said["last_day"], self.closed.get(said["period"])
        need(made is not None, "mention", f"période {period!r} inconnue")
        before, parts = made[max(made)] if made else None, self.closed.get({"month": "day", "year": "month"}.get(period))
        first = (date.fromisoformat(max(made)) + timedelta(1)).isoformat() if made else self.opened
        right = first and until == end_of(period, first) < today and (parts is None or until in parts)
        need(right, "closing_order", f"la clôture ({period}) au {until} n'est pas la suivante")
        start, mark, was, number, own = before or (0, "", Counter(), None, None)
        day = self.days.get(until, (start, mark, Counter()))
        end = parts[until][:3] if parts is not None else (day[0], day[1], was + day[2])
        expected = {"first_day": first, "first_position": start + 1, "last_position": end[0], "last_hash": end[1],
                    "previous": number, "previous_hash": own}
        for name, sums in (("period_by_", end[2] - was), ("perpetual_by_", end[2])):
            expected.update({name + by: told(sums, kind) or None for kind, by in enumerate(("kind", "holder"))})
        wrong = [name for name, value in expected.items() if said.get(name) != value]
        need(not wrong, "closing_totals", f"la clôture dit autre chose : {', '.join(wrong)}")
        return period, until, end
    def record(self, body):
        """Contrôle les mentions ; donne le cédant et le cessionnaire imposés (ou None), et le jour du service."""
        kind, code, region, said = body["kind"], body["office"]["code"], body["agent"]["role"] in REGION.split(), []
        home, start, end, performed = "store" if region else "prescriber:" + code, None, None, None
        need("corrects" not in body or kind in UNDOES, "corrects_unexpected", "ce type n'en corrige pas d'autre")
        for optional, sort, name in (re.fullmatch(r"(\??)([#@&~]?)(\w+)", each).groups() for each in KINDS[kind][4]):
            value = body["mentions"].get(name)
            right = type(value) is (int if sort == "#" else str) and value != ""
            right = right and (sort != "@" or date_of(date.fromisoformat, DAY, value))
            right = right and (sort != "&" or re.fullmatch(HEX64, value))
            need(right or (optional and value is None), "mention", f"mention {name} absente ou fausse")
            need(sort != "~" or re.fullmatch(HEX16, value) and value != body["agent"]["pseudonym"], "four_eyes", name)
            said.append(value)
        if kind == "order":
            order, count, size, first, last, until, grace = said
            first, last = self.serial(first), self.serial(last)
            right = until <= grace and 1 <= size <= 99 and 1 <= count == last - first + 1
            need(right, "mention", "les numéros ne font pas le compte, ou les dates ne se suivent pas")
            right = order == len(self.orders) + 1 and all(first > each["last"] for each in self.orders.values())
            need(right, "order", "commande hors suite ou numéros repris")
            ends = {"hand_out": (until, "validity_ended"), "redemption": (grace, "grace_ended")}
            self.orders[order] = {"first": first, "last": last, "size": size, "deliveries": 0, "active": False, "stopped": set(), **ends}
        elif kind == "activation":
            need(said[0] in self.orders, "order_unknown", "la commande n'existe pas")
            need(not self.orders[said[0]]["active"], "order_already_activated", "la commande est déjà activée")
            self.orders[said[0]]["active"] = True
        elif kind == "exception":
            need(1 <= said[1] <= 99, "mention", "nombre de pass accordés impossible")
            need(said[0] == len(self.exceptions), "exception_sequence", "dérogation hors suite")
            self.exceptions[said[0]] = False
        elif kind == "restore":
            epoch, kept, head, last, _, lost, _, declared = said
            need(epoch > self.epoch, "epoch", f"l'époque {epoch} n'est pas après l'époque {self.epoch}")
            right = (kept, head) == (self.position, self.head) and last > 0 and lost == max(last - kept, 1)
            need(right, "gap", "la perte déclarée n'est pas celle qui suit le récépissé précédent")
            need(re.fullmatch(HEX16, declared) and declared != body["agent"]["pseudonym"], "four_eyes", "même personne")
            self.epoch, self.gaps = epoch, self.gaps + [(lost, kept, body["number"])]
        elif kind == "closing":
            self.closing = self.close(body["mentions"], body["day"])
        elif kind in ("dispatch", "return"):
            (number, place), right = said, "store" if kind == "return" else "prescriber:" + CODE
            need(re.fullmatch(right, place), "mention", f"destination {place!r} fausse")
            need(place != home, "same_holder", f"{home} s'envoie à soi-même")
            need(number not in self.transits, "transit_reused", f"transit:{number} a déjà servi")
            self.transits[number], start, end = (home, place), home, f"transit:{number}"
        elif kind == "acceptance":
            number, recall = said
            need(recall in (None, 1), "mention", "mention recall fausse")
            need(number in self.transits, "transit_unknown", f"aucun envoi ne porte le numéro {number}")
            need(self.transits[number][not recall] == home, "custody_path", f"transit:{number} n'est pas pour {home}")
            start, end = f"transit:{number}", home
        elif kind == "hand_out":
            start, number = home, said[2]
            need(number in self.exceptions, "exception_unknown", f"la dérogation {number} n'existe pas")
            need(not self.exceptions[number], "exception_used", f"la dérogation {number} a déjà servi")
            self.exceptions[number] = number is not None
        elif kind == "redemption":
            end, performed = "provider:" + code, said[2]
            need(performed <= body["day"], "mention", "date de service future")
        elif kind in ("reversal", "claim"):
            start = None if region else "provider:" + code
        elif kind in ("suspension", "resumption"):
            what = {"hand_outs": {"hand_out"}, "redemptions": {"redemption"}, "everything": {"hand_out", "redemption"}}
            need(said[1] in what, "mention", f"portée {said[1]!r} inconnue")
            for each in said[0].split(" "):
                need(re.fullmatch(COUNT, each), "mention", f"commande {each!r}")
                need(int(each) in self.orders, "order_unknown", f"la commande {each} n'existe pas")
                stopped, change = self.orders[int(each)]["stopped"], what[said[1]]
                after = stopped | change if kind == "suspension" else stopped - change
                need(after != stopped, "suspension", f"l'état de la commande {each} ne change pas")
                self.orders[int(each)]["stopped"] = after
        elif kind == "stock_take":
            need(self.held.get(said[0], 0) == said[1], "stock_take", f"{said[0]} n'a pas ce que l'inventaire attend")
        elif kind in ("prorogation", "expiry", "credit_note"):
            need(kind != "credit_note" or said[2] <= body["day"], "mention", "avoir reçu dans le futur")
            order = self.orders.get(said[0])
            need(order, "order_unknown", f"la commande {said[0]} n'existe pas")
            until, grace = order["hand_out"][0], order["redemption"][0]
            need(kind != "expiry" or body["day"] > grace, "grace_not_ended", "le délai de grâce court encore")
            need(kind != "credit_note" or said[3] == body["total"]["cents"], "credit_amount", "autre valeur")
            if kind == "prorogation":
                right = said[1] > until and said[1] >= body["day"] and said[2] >= max(grace, said[1])
                need(right, "prorogation", "la fin de validité n'est pas repoussée")
                order.update(hand_out=(said[1], "validity_ended"), redemption=(said[2], "grace_ended"))
        elif kind == "loss":
            need(said[1] <= body["day"], "mention", "date de constat future")
        return start, end, performed
    def lines(self, body, start, end, performed):
        kind, lines, undone, then = body["kind"], body["lines"], None, None
        right = bool(lines) == bool(KINDS[kind][0]) or kind == "bank_return"
        need(right, "lines_unexpected" if lines else "lines_missing", "nombre de lignes")
        before = {holder: self.held[holder] for line in lines for holder in (line["from"], line["to"])}
        if kind in UNDOES:
            need("corrects" in body, "corrects_missing", "ce récépissé nomme celui qu'il corrige")
            then = self.numbers.get(body["corrects"])
        if kind == "reversal":
            need(then in self.redeemed, "corrects_unknown", f"{body['corrects']} n'est pas une utilisation")
            need(self.redeemed[then], "corrects_repeated", f"{body['corrects']} est déjà annulé")
            undone = [then, self.redeemed[then]]  # sa position, et les pass qui restent à rendre
        elif kind in UNDOES:
            taken, agent = self.withdrawers.get(then, (None, None))
            need(taken in UNDOES[kind], "corrects_unknown", f"{body['corrects']} n'a rien retiré par cette voie")
            need(agent != body["agent"]["pseudonym"], "four_eyes", "même personne")
        if kind == "delivery":
            self.open_batch(lines, body["face_cents"])
            start = "issue:" + lines[0]["batch"]
        for line in lines:
            self.check_path(body, line, start, end)
            self.move(line, [line[name] for name in body["total"]], body, (undone, then), performed)
        self.withdrawers[body["position"]] = (kind, body["agent"]["pseudonym"])
        if kind == "replacement":
            whole = sorted((e["to"], e["passes"], *e["items"][:e["to"] == "blocked"]) for e in lines if e["booklets"])
            right = [each[0] for each in whole] == ["blocked", "circulation"]
            right = right and whole[0][1:] == (whole[1][1], body["mentions"]["original"])
            need(right, "replacement", "le carnet remis n'a pas ce qui restait dans le carnet remplacé")
        total = [sum(line[name] for line in lines) for name in body["total"]]
        need(not undone or undone[1] == 0, "corrects_items", "l'annulation ne rend pas tous les pass")
        if kind in ("redemption", "reversal"):
            self.redeemed[undone[0] if undone else body["position"]] = 0 if undone else total[1]
        need([*body["total"].values()] == total, "total", "le total n'est pas la somme des lignes")
        holdings = [{"holder": h, "before": b, "after": self.held[h]} for h, b in sorted(before.items())]
        need(body["holdings"] == holdings, "holdings", "soldes avant et après faux")
    def check_path(self, body, line, start, end):
        kind, giver, taker, (number, _) = body["kind"], line["from"], line["to"], self.batch(line["batch"])
        need(re.fullmatch(f"({HOLDER}) ({HOLDER})", f"{giver} {taker}"), "holder", f"{giver!r} ou {taker!r} : inconnu")
        need(giver != taker, "same_holder", f"{giver} se remet à soi-même")
        right = giver.split(":")[0] in KINDS[kind][1] and taker.split(":")[0] in KINDS[kind][2]
        right = right and start in (None, giver) and (end in (None, taker) or taker == "blocked")
        if kind in ("loss", "replacement") and body["agent"]["role"] == "prescriber_agent":
            own, way = giver == "prescriber:" + body["office"]["code"], (taker, line["booklets"])
            ways = (("circulation", 1), ("blocked", 0)) if own else (("blocked", 1),)
            right = right and (own or giver in ("circulation", "lost")) and (kind == "loss" or way in ways)
        right = right and (kind not in ("expiry", "credit_note") or number == body["mentions"]["order"])
        right = right and (giver.split(":")[1:] == taker.split(":")[1:] or not re.search("claimed|paid", giver + taker))
        need(right, "custody_path", f"ce récépissé {kind} ne va pas de {giver} à {taker}")
        given = kind == "replacement" and taker == "circulation"
        if given or kind in ("hand_out", "redemption"):
            order, kind = self.orders.get(number), "hand_out" if given else kind
            need(order and order["active"], "order_not_activated", f"la commande {number} n'est pas activée")
            need(kind not in order["stopped"], "order_suspended", f"la commande {number} est suspendue")
            need(body["day"] <= order[kind][0], order[kind][1], f"la commande {number} n'est plus valable")
        need(line["batch"] in self.faces, "batch", f"le lot {line['batch']} n'existe pas")
        need(self.faces[line["batch"]] == body["face_cents"], "face_value", "valeur faciale autre que celle du lot")
    def batch(self, name):
        need(re.fullmatch(BATCH, name), "batch", f"{name!r} n'est pas un lot")
        return [int(part) for part in name.split("-")]
    def open_batch(self, lines, face_cents):
        batch, (number, delivery) = lines[0]["batch"], self.batch(lines[0]["batch"])
        order, right = self.orders.get(number), all(line["batch"] == batch for line in lines)
        need(order, "order_unknown", f"la commande {number} n'existe pas")
        need(right and delivery == order["deliveries"] + 1, "delivery_sequence", "livraison hors suite")
        order["deliveries"], self.faces[batch] = delivery, face_cents
    def move(self, line, said, body, undone, performed):
        batch, giver, moved, (undone, then) = line["batch"], line["from"], [0, 0], undone
        whole = KINDS[body["kind"]][0] in ([["booklets"], ["either"]] if said[0] > 0 else [["booklets"]])
        need(said[0] >= 0 and said[1] > 0, "count", "une ligne déplace au moins un pass")
        need(said[2] == said[1] * body["face_cents"], "cents", "valeur autre que pass × valeur faciale")
        enough = all(has >= takes for has, takes in zip(self.balances[batch, giver], said))
        need(enough or body["kind"] == "delivery", "balance_negative", f"{giver} n'a pas tant de pass du lot {batch}")
        for number, rank in (each for text in line["items"] for each in self.items(text)):
            need(whole == (rank == 0), "item_kind", f"carnet {number} : autre sorte d'objet attendue")
            if undone:
                undone[1] -= 1
                need(self.departed.get((number, rank), (0, 0))[1] == undone[0], "corrects_items", "autre pass")
            elif then:
                position, home = self.withdrawn.get((number, rank), (0, ""))
                need(position == then, "corrects_items", "autre pass")
                need(line["to"] == ("store" if home[:6] == "issue:" else home), "custody_path", f"retiré de {home}")
            moved = [moved[0] + (rank == 0), moved[1] + self.move_one(number, rank, line, body)]
            if line["to"] in ("blocked", "lost"):
                self.withdrawn[number, rank] = (body["position"], giver)
            need(not performed or performed >= self.booklets[number][4], "performed_before_hand_out", f"n° {number}")
        need(moved == said[:2], "count", f"la ligne désigne {moved[0]} carnets et {moved[1]} pass")
        for holder, sign in ((giver, -1), (line["to"], 1)):
            self.balances[batch, holder] = [has + sign * n for has, n in zip(self.balances[batch, holder], said)]
            self.held[holder] += sign * said[1]
    def move_one(self, number, rank, line, body):
        """Déplace un carnet ou un pass, et donne le nombre de pass déplacés."""
        batch, giver, taker = line["batch"], line["from"], line["to"]
        if giver.startswith("issue:"):
            order = self.orders[self.batch(batch)[0]]
            need(order["first"] <= number <= order["last"], "booklet_not_ordered", f"carnet {number} non commandé")
            need(number not in self.booklets, "booklet_repeated", f"carnet {number} déjà pris en charge")
            self.booklets[number] = [batch, taker, order["size"], order["size"], None]
            return order["size"]
        booklet = self.booklets.get(number)
        need(booklet, "booklet_unknown", f"le carnet {number} n'a jamais été pris en charge")
        need(booklet[0] == batch, "batch", f"le carnet {number} est d'un autre lot")
        need(rank <= booklet[2], "serial", f"le carnet {number} n'a pas de pass {rank}")
        place, away = self.departed.pop((number, rank), (booklet[1], None))
        need(place == giver, "custody", f"le carnet {number}, pass {rank}, est chez {place}")
        if rank == 0:
            given = taker == "circulation" and body["kind"] in ("hand_out", "replacement")
            booklet[1], booklet[4] = taker, body["day"] if given else booklet[4]
            return booklet[3]
        booklet[3] += (taker == booklet[1]) - (away is None)
        if taker != booklet[1]:
            self.departed[number, rank] = (taker, away if re.search("claimed|paid", giver + taker) else body["position"])
        return 1
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
