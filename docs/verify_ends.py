"""La fin des commandes : suspension, prorogation, reconnaissance, péremption, avoir, et ce qui se détruit à deux (voir
RECEIPT-FORMAT.md, §7). À garder à côté de verify_account.py, qui s'en sert. Écrit d'après le format seul ; Python 3.8 ou plus."""
import re
from verify_receipt import COUNT, need

STATES = {"unused": "store|(transit|prescriber):.*|circulation", "withdrawn": "blocked|lost", "used": "(provider|claimed):.*",
          "paid": "paid:.*", "expired": "expired|destroyed", "credited": "credited"}  # ce qu'est devenu un pass, d'après son détenteur
SIDES = {"used": "spent", "paid": "spent", "credited": "credited"}  # le reste est à rendre

def state_of(holder):
    return next((name for name, shape in STATES.items() if re.fullmatch(shape, holder)), None)
def gap_of(ledger, issuer):
    """L'écart entre le registre et l'émetteur, s'il y en a un."""
    if issuer == "-":
        return "unlisted"
    own, other = SIDES.get(ledger), SIDES.get(issuer)
    if own == other:
        return None
    return next((f"{side}_{where}" for side in ("spent", "credited") for at, where in ((own, "here"), (other, "there")) if at == side))

class Ends:
    """La part du compte qui suit la fin des commandes. Qui s'en sert donne items(), ordered(), batch(), balances et proposals."""
    def record_suspension(self, said, body):
        what = {"hand_outs": {"hand_out"}, "redemptions": {"redemption"}, "everything": {"hand_out", "redemption"}}
        need(said[1] in what, "mention", f"portée {said[1]!r} inconnue")
        for each in said[0].split(" "):
            need(re.fullmatch(COUNT, each), "mention", f"commande {each!r}")
            order, change = self.ordered(int(each)), what[said[1]]
            after = order["stopped"] | change if body["kind"] == "suspension" else order["stopped"] - change
            need(after != order["stopped"], "suspension", f"l'état de la commande {each} ne change pas")
            order["stopped"] = after
    record_resumption = record_suspension
    def record_prorogation(self, said, body):
        order = self.ordered(said[0])
        until, grace = order["hand_out"][0], order["redemption"][0]
        right = said[1] > until and said[1] >= body["day"] and said[2] >= max(grace, said[1])
        need(right, "prorogation", "la fin de validité n'est pas repoussée")
        order.update(hand_out=(said[1], "validity_ended"), redemption=(said[2], "grace_ended"), acknowledged=False)
    def record_acknowledgement(self, said, body):
        order = self.ordered(said[0])
        held = [(self.batch(batch)[0], holder, had[1]) for (batch, holder), had in self.balances.items()]
        left = sum(n for own, holder, n in held if own == said[0] and re.match(r"(store|transit|prescriber)\b", holder))
        right = said[1] == order["hand_out"][0] >= body["day"] and not order["acknowledged"] and said[2] == left
        need(right, "acknowledgement", f"responsabilité reconnue un autre jour, deux fois, ou pas de {left} pass")
        order["acknowledged"] = True
    def record_expiry(self, said, body):
        grace = self.ordered(said[0])["redemption"][0]
        need(body["day"] > grace, "grace_not_ended", "le délai de grâce court encore")
    def record_credit_note(self, said, body):
        need(said[2] <= body["day"], "mention", "avoir reçu dans le futur")
        self.ordered(said[0])
        need(said[3] == body["total"]["cents"], "credit_amount", "autre valeur")
    def named(self, texts):
        """Ce que désignent des textes, une fois chacun."""
        named = [each for text in texts for each in self.items(text)]
        need(len(named) == len(set(named)), "proposal", "un carnet ou un pass y est nommé deux fois")
        return set(named)
    def record_destruction_proposal(self, said, body):
        number, reason, items = said
        named = self.named(items.split("; "))
        need(number == len(self.proposals) + 1, "proposal", f"la proposition {len(self.proposals) + 1} est attendue")
        self.proposals.append((reason, body["day"], body["agent"]["pseudonym"], named))
    def record_destruction(self, said, body):
        number, *told = said
        moved = self.named(text for line in body["lines"] for text in line["items"])
        known = 1 <= number <= len(self.proposals) and self.proposals[number - 1]
        need(known, "proposal", f"la proposition {number} n'est pas à signer")
        need((*told, moved) == known, "proposal", f"ce n'est pas ce que dit la proposition {number}")
        self.proposals[number - 1] = None
    def differing(self, order, text):
        """Les pass en écart, et ceux d'entre eux que la liste n'a pas."""
        seen, unlisted = set(), 0
        for part in text.split("; ") if text else ():
            gap, ledger, issuer, *items = (part + " - - -").split(" ")[:3] + part.split(" ")[3:]
            right = items and ledger in STATES and (issuer == "-" or issuer in STATES) and gap == gap_of(ledger, issuer)
            need(right, "mention", f"écart {part[:60]!r} illisible")
            for text in items:
                for number, rank in self.items(text):
                    booklet = self.booklets.get(number, [None, "", 0])
                    for one in [rank] if rank else range(1, booklet[2] + 1):
                        own = booklet[0] and self.batch(booklet[0])[0] == order and (number, one) not in seen
                        need(own and state_of(self.holder_of(number, one)) == ledger, "contradiction", f"{text} n'est pas là, ou l'est deux fois")
                        seen.add((number, one))
                        unlisted += issuer == "-"
        return len(seen), unlisted
    def record_contradictory_statement(self, said, _):
        order, _, listed, agreed, differing, *counts, gaps = said
        self.ordered(order)
        stands = dict.fromkeys(STATES, 0)
        for (batch, holder), had in self.balances.items():
            if self.batch(batch)[0] == order and state_of(holder):
                stands[state_of(holder)] += had[1]
        need(counts[::2] == [*stands.values()], "contradiction", f"la commande {order} n'a pas au registre ce qui en est dit")
        own, other, (count, unlisted) = sum(counts[::2]), sum(counts[1::2]), self.differing(order, gaps)
        right = (count, own - count, other, own - unlisted) == (differing, agreed, listed, listed)
        need(right, "contradiction", "les pass comptés ne sont pas ceux qui sont dits")
