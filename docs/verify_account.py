"""Le compte d'un dispositif, recalculé récépissé par récépissé (voir RECEIPT-FORMAT.md, §7).
À garder à côté de verify_journal.py, verify_receipt.py, verify_ends.py, verify_people.py et verify_statements.py. Écrit d'après le format seul ; Python 3.8 ou plus."""
import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from verify_receipt import (BATCH, CODE, COUNT, DAY, HEX16, HOLDER, KINDS, REGION, UNDOES, date_of, end_of, genesis, mentions_of,
                            need, paris_day, receipt_hash, receipt_of, serial_of, told)
from verify_ends import Ends
from verify_people import People
from verify_statements import Statements

class Account(Ends, People, Statements):
    """Le compte d'un dispositif, recalculé récépissé par récépissé."""
    def __init__(self, programme):
        self.programme, self.position, self.head, self.at, self.epoch = programme, 0, genesis(programme), None, 1
        self.orders, self.faces, self.transits, self.redeemed, self.numbers, self.gaps = {}, {}, {}, {}, {}, []
        self.said, self.differences, self.standing = [], {}, Counter()  # voir verify_statements
        self.proposals = []  # voir verify_ends
        self.held, self.series, self.exceptions = defaultdict(int), defaultdict(int), {None: False}  # n : a servi
        self.booklets, self.departed = {}, {}  # n : [lot, chez, taille, reste, remise] ; (n, rang) : (chez, position)
        self.withdrawn, self.withdrawers = {}, {}  # (n, rang) : (retiré par, d'où) ; position : (type, agent)
        self.applications, self.letters = {}, {}  # n : [pass, état, carnet, envoi, depuis] ; cessionnaire : {carnet: pass}
        self.balances = defaultdict(lambda: [0, 0, 0])  # (lot, détenteur) : carnets, passes, centimes
        self.days, self.closed, self.opened = {}, {"day": {}, "month": {}, "year": {}}, None  # clôtures, par dernier jour
        self.agreed, self.filed, self.erased, self.traces, self.key = {}, {}, 0, Counter(), 1  # voir verify_people
        self.committed = Counter()  # commandes activées, par jour
    def serial(self, text):
        return serial_of(self.programme, text)
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
        if any(name in said for name in ("committed_cents", "funds_cents", "outstanding_cents")):  # la contre-valeur
            kept = Counter()  # par sorte de détenteur : reçu moins donné, en centimes
            for (kind, holder, at), sum_of in end[2].items():
                kept[holder.split(":")[0]] += sum_of * {1: 1, 3: -1}.get(at, 0) if kind else 0
            spent, engaged = kept["paid"] + kept["credited"], sum(n for day, n in self.committed.items() if day <= until)
            left = sum(kept.values()) - kept["issue"] - spent
            expected.update(committed_cents=engaged, funds_cents=engaged - spent, outstanding_cents=left)
        wrong = [name for name, value in expected.items() if said.get(name) != value]
        need(not wrong, "closing_totals", f"la clôture dit autre chose : {', '.join(wrong)}")
        return period, until, end
    def record(self, body):
        """Contrôle les mentions ; donne le cédant et le cessionnaire imposés (ou None), et le jour du service."""
        kind, code = body["kind"], body["office"]["code"]
        need("corrects" not in body or kind in UNDOES, "corrects_unexpected", "ce type n'en corrige pas d'autre")
        said, region = mentions_of(body), body["agent"]["role"] in REGION.split()
        self.traces[kind] += 1
        self.agree(body)
        if kind in ("dispatch", "return", "acceptance", "hand_out"):
            return getattr(self, "record_" + kind)(said, "store" if region else "prescriber:" + code)
        if kind == "redemption":
            need(said[2] <= body["day"], "mention", "date de service future")
            return None, "provider:" + code, said[2]
        end = getattr(self, "record_" + kind, lambda said, body: None)(said, body)
        giver = None if region or kind not in ("reversal", "claim") else "provider:" + code
        return ("store", end, None) if kind == "mailing" else (giver, None, None)
    def record_order(self, said, body):
        order, count, size, first, last, until, grace = said
        first, last = self.serial(first), self.serial(last)
        right = until <= grace and 1 <= size <= 99 and 1 <= count == last - first + 1
        need(right, "mention", "les numéros ne font pas le compte, ou les dates ne se suivent pas")
        right = order == len(self.orders) + 1 and all(first > each["last"] for each in self.orders.values())
        need(right, "order", "commande hors suite ou numéros repris")
        ends = {"hand_out": (until, "validity_ended"), "redemption": (grace, "grace_ended")}
        own = {"first": first, "last": last, "size": size, "deliveries": 0, "active": False, "cents": count * size * body["face_cents"], "acknowledged": False,
               "stopped": set()}
        self.orders[order] = {**own, **ends}
    def ordered(self, number):
        need(number in self.orders, "order_unknown", f"la commande {number} n'existe pas")
        return self.orders[number]
    def record_activation(self, said, body):
        order = self.ordered(said[0])
        need(not order["active"], "order_already_activated", "la commande est déjà activée")
        order["active"] = True
        self.committed[body["day"]] += order["cents"]
    def record_exception(self, said, _):
        need(1 <= said[1] <= 99, "mention", "nombre de pass accordés impossible")
        need(said[0] == len(self.exceptions), "exception_sequence", "dérogation hors suite")
        self.exceptions[said[0]] = False
    def record_restore(self, said, body):
        epoch, kept, head, last, _, lost, _, declared = said
        need(epoch > self.epoch, "epoch", f"l'époque {epoch} n'est pas après l'époque {self.epoch}")
        right = (kept, head) == (self.position, self.head) and last > 0 and lost == max(last - kept, 1)
        need(right, "gap", "la perte déclarée n'est pas celle qui suit le récépissé précédent")
        need(re.fullmatch(HEX16, declared) and declared != body["agent"]["pseudonym"], "four_eyes", "même personne")
        self.epoch, self.gaps = epoch, self.gaps + [(lost, kept, body["number"])]
    def record_closing(self, _, body):
        self.closing = self.close(body["mentions"], body["day"])
    def record_dispatch(self, said, home, to="prescriber:" + CODE):
        number, place = said
        need(re.fullmatch(to, place), "mention", f"destination {place!r} fausse")
        need(place != home, "same_holder", f"{home} s'envoie à soi-même")
        need(number not in self.transits, "transit_reused", f"transit:{number} a déjà servi")
        self.transits[number] = (home, place)
        return home, f"transit:{number}", None
    def record_return(self, said, home):
        return self.record_dispatch(said, home, "store")
    def record_acceptance(self, said, home):
        number, recall = said
        need(recall in (None, 1), "mention", "mention recall fausse")
        need(number in self.transits, "transit_unknown", f"aucun envoi ne porte le numéro {number}")
        right = self.transits[number][not recall] == home and self.transits[number][1] != "circulation"
        need(right, "custody_path", f"transit:{number} n'est pas pour {home}")
        return f"transit:{number}", home, None
    def application(self, number, right, detail):
        """La demande, dans un état qui convient."""
        one = self.applications.get(number)
        need(one and right(one), "application", f"demande {number} : {detail}")
        return one
    def record_application(self, said, body):
        number, step, complete, passes, commitment, _ = said
        right = step == "completed" or step == "received" and passes is not None and 1 <= passes <= 99 and commitment is not None
        need(right and complete in (0, 1), "mention", "étape, suite, pass demandés ou engagement faux")
        if step == "completed":
            self.application(number, lambda one: one[1] == "incomplete", "pas à compléter")[1] = "open" if complete else "incomplete"
            return
        need(number == len(self.applications) + 1, "application", f"demande {number} hors suite")
        self.applications[number] = [passes, "open" if complete else "incomplete", None, None, None]
        self.filed[number] = body["number"]
    def record_application_decision(self, said, _):
        number, decision, reserved, reason, contacts = said
        accepted, refused = decision == "accepted" and reserved is not None, decision == "refused" and reason is not None
        need(accepted or refused, "mention", f"décision {decision!r} fausse")
        fits = lambda one: one[1] == "open" and one[0] == reserved if accepted else one[1] in ("open", "incomplete")
        self.application(number, fits, "décision impossible")[1] = "accepted" if accepted else "over"
        if refused:
            self.come_to_nothing(number, contacts)
    def record_application_end(self, said, _):
        need(said[1] in ("withdrawn", "expired"), "mention", f"suite {said[1]!r} inconnue")
        self.application(said[0], lambda one: one[1] in ("open", "incomplete", "accepted"), "plus en cours")[1] = "over"
        self.come_to_nothing(said[0], said[2])
    def letters_of(self, text):
        """Les lettres d'une mention : demande, carnet, ce qui en est dit."""
        for letter in text.split("; "):
            found = re.fullmatch(f"({COUNT}) ([A-Z0-9-]+)(?: ([^ ]+))?", letter)
            try:
                booklet = self.serial(found[2]) if found else None
            except Exception:  # la clé de contrôle
                booklet = None
            need(booklet, "mention", f"lettre {letter!r} illisible")
            yield int(found[1]), booklet, found[3]
    def on_its_way(self, one):
        return one[1] == "mailed" and self.booklets[one[2]][1] == f"transit:{one[3]}"
    def record_mailing(self, said, body):
        dispatch, place, text = said
        need(place == "circulation", "mention", f"destination {place!r} fausse")
        holder, due = f"transit:{dispatch}", lambda one: one[1] == "accepted" or one[1] == "mailed" and not self.on_its_way(one)
        letters, self.letters = list(self.letters_of(text)), {holder: {}}
        for number, booklet, word in letters:
            one = self.application(number, due, "rien à lui envoyer")
            need(word is None and booklet not in self.letters[holder], "application", f"lettre {number} dite autrement")
            self.letters[holder][booklet], one[1:] = one[0], ["mailed", booklet, dispatch, body["day"]]
        need(dispatch not in self.transits, "transit_reused", f"transit:{dispatch} a déjà servi")
        self.transits[dispatch] = ("store", "circulation")
        return holder
    def record_allocation(self, said, _):
        self.sendings, place = {}, f"prescriber:{CODE}"
        for sending in said[0].split("; "):
            found = re.fullmatch(f"({COUNT}) (store|{place}) ({place}) ({COUNT})", sending)
            need(found, "mention", f"envoi {sending!r} illisible")
            number, giver, taker = int(found[1]), found[2], found[3]
            need(giver != taker, "same_holder", f"{giver} s'envoie à soi-même")
            need(number not in self.transits, "transit_reused", f"transit:{number} a déjà servi")
            self.transits[number], self.sendings[f"transit:{number}"] = (giver, taker), (giver, int(found[4]))
    def record_letter_report(self, said, body):
        self.letters = {"circulation": {}, "store": {}}
        for text, taker in zip(said, self.letters):
            for number, booklet, word in self.letters_of(text) if text else ():
                need(word, "mention", f"lettre {number} : rien n'en est dit")
                one = self.application(number, lambda one: self.on_its_way(one) and one[2] == booklet, "pas en chemin")
                since, one[1] = one[4], "over" if taker == "circulation" else "accepted"
                right = taker == "store" or date_of(date.fromisoformat, DAY, word) and since <= word <= body["day"]
                need(right, "mention", f"lettre {number} : jour {word!r} impossible")
                self.letters[taker][booklet] = one[0]
                if taker == "circulation":
                    self.booklets[booklet][4] = word
    def check_letters(self, lines):
        """Les carnets déplacés sont ceux des lettres, chacun avec les pass accordés."""
        moved = {taker: {} for taker in self.letters}
        for line in lines:
            for number, _ in (each for text in line["items"] for each in self.items(text)):
                moved[line["to"]][number] = self.booklets[number][3]
        named = lambda ways: {way: set(ways[way]) if "circulation" in ways else ways[way] for way in ways}
        need(named(moved) == named(self.letters), "letters", "les carnets déplacés ne sont pas ceux des lettres")
    def record_hand_out(self, said, home):
        number = said[2]
        need(number in self.exceptions, "exception_unknown", f"la dérogation {number} n'existe pas")
        need(not self.exceptions[number], "exception_used", f"la dérogation {number} a déjà servi")
        self.exceptions[number] = number is not None
        return home, None, None
    def record_stock_take(self, said, _):
        need(self.held.get(said[0], 0) == said[1], "stock_take", f"{said[0]} n'a pas ce que l'inventaire attend")
    def record_loss(self, said, body):
        need(said[1] <= body["day"], "mention", "date de constat future")
    def lines(self, body, start, end, performed):
        kind, lines, undone, then = body["kind"], body["lines"], None, None
        right = bool(lines) == bool(KINDS[kind][0]) or kind in ("bank_return", "issuer_statement", "issuer_resolution")
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
        if kind in ("mailing", "letter_report"):
            self.check_letters(lines)
        if kind == "allocation":
            sent = {to: (giver, sum(e["booklets"] for e in lines if e["to"] == to)) for to, (giver, _) in self.sendings.items()}
            need(sent == self.sendings, "sendings", "un envoi n'emporte pas les carnets qu'il dit")
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
        right = right and (kind != "allocation" or self.sendings.get(taker, ("", 0))[0] == giver)
        right = right and (kind != "letter_report" or self.transits.get(int(giver[8:]), (0, 0))[1] == "circulation")
        need(right, "custody_path", f"ce récépissé {kind} ne va pas de {giver} à {taker}")
        given = kind == "replacement" and taker == "circulation" or kind == "mailing"
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
