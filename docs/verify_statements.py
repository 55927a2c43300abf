"""Les demandes de remboursement qui se closent, et les états de l'émetteur, quand c'est lui qui paie les structures (voir
RECEIPT-FORMAT.md, §7) : chaque écart est là où il se dit, résolu une fois, et les pass ne bougent que d'autant. À garder à côté de verify_account.py, qui s'en sert.
Écrit d'après le format seul ; Python 3.8 ou plus."""
import re
from collections import Counter
from verify_receipt import CODE, COUNT, need

OTHERWISE = ("venue_differs", "amount_differs", "day_differs")  # utilisé, mais dit autrement
CLASSES = (*OTHERWISE, "not_redeemed", "not_payable", "paid_twice", "absent", "disputed")
PLACES = {"not_redeemed": "store|(transit|prescriber):.*|circulation", "absent": "provider:{0}", "disputed": "paid:{0}",
          **{name: "(provider|paid):{0}" for name in OTHERWISE}}  # où est le pass d'un écart ; {0} : la structure
NEVER = {"accepted": ("not_redeemed", "not_payable", "absent"), "issuer_corrects": (),
         "venue_corrects": ("not_payable", "paid_twice", "amount_differs")}  # ce qui ne se résout pas ainsi

class Statements:
    """La part du compte qui suit les états. Qui s'en sert donne items(), booklets et departed."""
    def __init__(self):
        self.said, self.differences = [], {}  # dernier écart de chaque état ; (état, n°) : (nature, pass), s'il est ouvert
        self.standing = Counter()  # demande de remboursement : pass qui y restent
    def record_claim(self, said, body, sign=1):
        self.standing[said[0]] += sign * body["total"]["passes"]
    def record_claim_rejection(self, said, body):
        self.record_claim(said, body, -1)
    record_overpayment = record_claim_rejection
    def record_bank_return(self, said, _):
        """Une demande revenue de la banque, et dont il ne reste aucun pass, est close."""
        ended, returned = said[1:]
        if ended is None:
            return
        need(returned is not None, "mention", "demandes closes sans être revenues")
        for claim in ended.split(" ") + returned.split(" "):
            need(re.fullmatch(COUNT, claim), "mention", f"demande {claim!r} illisible")
        for claim in ended.split(" "):
            right = claim in returned.split(" ") and self.standing.pop(int(claim), None) == 0
            need(right, "claim_ended", f"la demande n° {claim} n'est pas revenue, ou a encore des pass à payer")
    def statement(self, number):
        need(1 <= number <= len(self.said), "statement", f"état n° {number} : il n'existe pas")
    def holder_of(self, number, rank):
        booklet = self.booklets.get(number)
        if (number, rank) in self.departed:
            return self.departed[number, rank][0]
        return booklet[1] if booklet and rank <= booklet[2] else ""
    def listed(self, text):
        """Les écarts d'une mention : n°, nature, pass, structure."""
        before = 0
        for part in text.split("; ") if text else ():
            found = re.fullmatch(f"({COUNT}) ([a-z_]+) ([^ ]+) ([0-9]+) ({CODE}|-)", part)
            need(found and found[2] in CLASSES and int(found[1]) > before, "mention", f"écart {part!r} illisible")
            before, [(booklet, rank)] = int(found[1]), self.items(found[3])[:1]
            need(rank and ".." not in found[3], "mention", f"{found[3]!r} n'est pas un pass")
            yield before, found[2], (booklet, rank), found[5]
    def check_place(self, statement, number, name, one, provider):
        right = re.fullmatch(PLACES.get(name, ".*").format(re.escape(provider)), self.holder_of(*one))
        need(right, "statement", f"état n° {statement} : le pass de l'écart {number} ({name}) est ailleurs")
    def open(self, statement, listed, said):
        for number, name, one, _ in listed:
            need(number > self.said[statement - 1], "statement", f"état n° {statement} : écart {number} hors suite")
            self.said[statement - 1], self.differences[statement, number] = number, (name, one)
        self.check_open(statement, said)
    def check_open(self, statement, said):
        left = sum(of == statement for of, _ in self.differences)
        need(said == left, "statement", f"état n° {statement} : {left} écarts sont ouverts")
    def moved(self, body):
        items = (one for line in body["lines"] for text in line["items"] for one in self.items(text))
        return {(number, rank) for number, rank in items if rank}
    def record_issuer_statement(self, said, body):
        statement, month, _, _, _, matched, left, corrects, text, corrected = said
        need(re.fullmatch(r"(?a)(18[5-9]\d|19\d\d|2[01]\d\d|2200)-(0[1-9]|1[0-2])", month), "mention", f"mois {month!r}")
        need(statement == len(self.said) + 1, "statement", f"état n° {statement} hors suite")
        if corrects is not None:
            self.statement(corrects)
        listed = list(self.listed(text))
        for number, name, one, provider in listed:
            self.check_place(statement, number, name, one, provider)
        for part in corrected.split("; ") if corrected else ():
            found = re.fullmatch(f"({COUNT})/({COUNT})", part)
            need(found, "mention", f"ligne corrigée {part!r} illisible")
            self.statement(int(found[1]))
            self.differences.pop((int(found[1]), int(found[2])), None)
        self.said.append(0)
        self.open(statement, listed, left)
        moved = self.moved(body)
        right = len(moved) == matched if corrects is None else len(moved) <= matched
        right = right and all(name == "paid_twice" or one not in moved for _, name, one, _ in listed)
        need(right, "statement", f"état n° {statement} : les pass payés ne sont pas ceux qui concordent")
    def record_issuer_dispute(self, said, body):
        statement, text, left = said
        self.statement(statement)
        listed = list(self.listed(text))
        for number, name, one, provider in listed:
            right = name == "disputed" and provider == body["office"]["code"]
            need(right, "statement", f"état n° {statement} : une structure conteste ses propres pass")
            self.check_place(statement, number, name, one, provider)
        self.open(statement, listed, left)
    def record_issuer_resolution(self, said, body):
        statement, numbers, resolution, _, left = said
        right = resolution in NEVER and all(re.fullmatch(COUNT, number) for number in numbers.split(" "))
        need(right, "mention", f"décision {resolution!r} ou écarts {numbers!r} illisibles")
        due = set()
        for number in map(int, numbers.split(" ")):
            name, one = self.differences.pop((statement, number), (None, None))
            kind = self.holder_of(*one).split(":")[0] if name else ""
            late = name == "not_redeemed" and kind == "provider"  # utilisé depuis
            right = name and (name not in NEVER[resolution] or late)
            need(right, "statement", f"état n° {statement} : l'écart {number} n'est pas à résoudre ainsi")
            paid = resolution == "accepted" and kind == "provider" and (late or name in OTHERWISE)
            owed = resolution == "issuer_corrects" and kind == "paid" and name in (*OTHERWISE, "disputed")
            due |= {one} if paid or owed else set()
        self.check_open(statement, left)
        need(self.moved(body) == due, "statement", f"état n° {statement} : d'autres pass sont déplacés")
