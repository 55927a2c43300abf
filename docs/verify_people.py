"""Ce que les récépissés disent des personnes : qui accepte d'être rappelé, chaque rappel, et ce qui est effacé (voir
RECEIPT-FORMAT.md, §7). À garder à côté de verify_account.py, qui s'en sert. Écrit d'après le format seul ; Python 3.8 ou plus."""
from collections import Counter
from verify_receipt import REGION, need

CHANNELS = ("phone", "email", "letter")

class People:
    """La part du compte qui suit les personnes, sans les connaître."""
    def __init__(self):
        self.agreed, self.erased = {}, 0  # remise : [par qui, rappels], jusqu'au retrait ; contacts effacés
        self.filed = {}  # demande : récépissé qui l'a déposée
        self.traces, self.key = Counter(), 1  # traces de personnes, non effacées ; clé en usage
    def record_follow_up(self, said, body):
        hand_out, step, reminder, channel = said
        need(step in ("reminded", "revoked"), "mention", f"étape {step!r} inconnue")
        region, one = body["agent"]["role"] in REGION.split(), self.agreed.get(hand_out)
        need(one and (region or one[0] == body["office"]["code"]), "follow_up", f"la remise {hand_out} n'est pas à suivre ainsi")
        if step == "revoked":
            return self.agreed.pop(hand_out) and None
        need(channel in CHANNELS, "mention", f"moyen {channel!r} inconnu")
        need(reminder is not None, "mention", "rappel sans rang")
        own = region if one[0] is None else one[0] == body["office"]["code"]
        need(own and reminder == one[1] + 1, "follow_up", f"la remise {hand_out} n'est pas à suivre ainsi")
        one[1] = reminder
    def agree(self, body):
        """La personne accepte d'être rappelée."""
        channel = body["mentions"].get("follow_up")
        given = body["kind"] == "hand_out" or (body["kind"], body["mentions"].get("step")) == ("application", "received")
        if given and channel is not None:
            need(channel in CHANNELS, "mention", f"moyen {channel!r} inconnu")
            machine = body["agent"]["role"] == "platform"  # la Région rappelle alors
            self.agreed[body["number"]] = [None if machine else body["office"]["code"], 0]
    def come_to_nothing(self, application, contacts):
        """D'une demande sans suite, le contact est effacé si le récépissé le dit."""
        right = contacts is None or contacts == 1 and self.agreed.pop(self.filed[application], None)
        need(right, "application", f"demande {application} : pas de contact à effacer")
    def record_people_key(self, said, _):
        key, previous, *_ = said
        need(previous == self.key < key < 256, "people_key", f"la clé n° {key} ne suit pas la clé n° {self.key}")
        self.key = key
    def record_erasure(self, said, body):
        reason, people, *counts, before, contacts = said
        need(reason in ("request", "retention", "follow_up"), "mention", f"motif {reason!r} inconnu")
        need(reason != "retention" or before and before < body["day"], "mention", "dernier contact sans date, ou futur")
        left = {name: self.traces[name] - n for name, n in zip(("hand_out", "exception", "replacement"), counts)}
        served = reason == "follow_up" and (people, max(counts)) == (0, 0) and (contacts or 0) > 0
        right = served or reason != "follow_up" and people >= 1 and (reason != "request" or people == 1)
        right = right and min(counts) >= 0 and min(left.values()) >= 0
        right = right and 0 <= (contacts or 0) <= len(self.agreed) - self.erased
        need(right, "erasure", "l'effacement compte plus de traces que le journal n'en a laissé, ou personne")
        self.erased += contacts or 0
        for name, n in left.items():
            self.traces[name] = n
