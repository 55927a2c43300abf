"""A redemption desk on Django REST framework and PostgreSQL, as a small team would build it: one transaction for each
redemption, the head of the chain locked. Served by gunicorn (`desk:application`); the database is `DESK_DATABASE`, a
libpq connection string."""

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime

import django
import jwt
from django.conf import settings

SECRET = "the load client and its peers share this secret"
CODE_KEY = b"peers store codes under this key"
FACE_CENTS = 1000

settings.configure(
    SECRET_KEY="not used",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": None,
            **dict(part.split("=", 1) for part in os.environ["DESK_DATABASE"].split()),
        }
    },
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models, transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import exceptions, serializers  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Table(models.Model):
    class Meta:
        abstract = True
        managed = False


def table(name):
    return type("Meta", (), {"managed": False, "db_table": name, "app_label": "desk"})


class Venue(Table):
    Meta = table("venues")
    id = models.TextField(primary_key=True)
    holder = models.TextField()
    services = models.TextField()
    approved = models.BooleanField()


class User(Table):
    Meta = table("users")
    id = models.TextField(primary_key=True)
    venue = models.ForeignKey(Venue, models.DO_NOTHING)
    active = models.BooleanField()


class Booklet(Table):
    Meta = table("booklets")
    id = models.BigIntegerField(primary_key=True)
    passes_left = models.BigIntegerField()


class Pass(Table):
    Meta = table("passes")
    id = models.BigIntegerField(primary_key=True)
    booklet = models.ForeignKey(Booklet, models.DO_NOTHING)
    code_mac = models.TextField()
    holder = models.TextField()


class Journal(Table):
    Meta = table("journals")
    no = models.BigIntegerField(primary_key=True)
    position = models.BigIntegerField()
    head = models.TextField()


class Receipt(Table):
    Meta = table("receipts")
    position = models.BigIntegerField(primary_key=True)
    number = models.TextField()
    body = models.TextField()
    hash = models.TextField()


class Entry(Table):
    Meta = table("entries")
    position = models.BigIntegerField(primary_key=True)
    line = models.BigIntegerField()
    from_holder = models.TextField()
    to_holder = models.TextField()
    passes = models.BigIntegerField()
    value_cents = models.BigIntegerField()


class Balance(Table):
    Meta = table("balances")
    holder = models.TextField(primary_key=True)
    passes = models.BigIntegerField()
    value_cents = models.BigIntegerField()


class Reply(Table):
    Meta = table("replies")
    key_digest = models.TextField(primary_key=True)
    fingerprint = models.TextField()
    body = models.TextField()


class Refused(exceptions.APIException):
    def __init__(self, status, code):
        super().__init__(code)
        self.status_code = status


class Redemption(serializers.Serializer):
    venue_id = serializers.CharField(max_length=36)
    codes = serializers.ListField(child=serializers.CharField(max_length=19), min_length=1, max_length=1)
    service = serializers.CharField(max_length=64)
    performed_on = serializers.DateField()


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def caller(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        raise Refused(401, "token_missing")
    try:
        return jwt.decode(token, SECRET, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError:
        raise Refused(401, "token_invalid") from None


@transaction.atomic
def redeem(user, key, fingerprint, ask):
    """The body to answer with, and whether it was given before."""
    known = Reply.objects.filter(key_digest=key).first()
    if known:
        if known.fingerprint != fingerprint:
            raise Refused(422, "idempotency_key_reused")
        return known.body, True
    agent = User.objects.select_related("venue").filter(
        id=user, active=True, venue_id=ask["venue_id"], venue__approved=True
    ).first()
    if not agent:
        raise Refused(403, "venue_not_yours")
    if ask["service"] not in agent.venue.services.split(","):
        raise Refused(422, "service_not_offered")
    holder = agent.venue.holder
    mac = hmac.new(CODE_KEY, ask["codes"][0].encode(), hashlib.sha256).hexdigest()
    found = Pass.objects.filter(code_mac=mac).first()
    if not found:
        raise Refused(404, "code_unknown")
    if Pass.objects.filter(id=found.id, holder="circulation").update(holder=holder) != 1:
        raise Refused(409, "already_redeemed")
    Booklet.objects.filter(id=found.booklet_id).update(passes_left=F("passes_left") - 1)
    journal = Journal.objects.select_for_update().get(no=1)
    position = journal.position + 1
    sealed = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"), "from": "circulation", "kind": "redemption",
        "number": f"LOAD1-{position:08}", "pass": found.id, "passes": 1, "performed_on": str(ask["performed_on"]),
        "position": position, "prev": journal.head, "service": ask["service"], "to": holder,
        "value_cents": FACE_CENTS, "venue": ask["venue_id"],
    }
    text = json.dumps(sealed, separators=(",", ":"))
    digest = sha256(text)
    Receipt.objects.create(position=position, number=sealed["number"], body=text, hash=digest)
    Entry.objects.create(
        position=position, line=1, from_holder="circulation", to_holder=holder, passes=1, value_cents=FACE_CENTS
    )
    for name, passes in (("circulation", -1), (holder, 1)):
        Balance.objects.filter(holder=name).update(
            passes=F("passes") + passes, value_cents=F("value_cents") + passes * FACE_CENTS
        )
    body = '{"receipt":{"hash":"' + digest + '",' + text[1:] + "}"
    Reply.objects.create(key_digest=key, fingerprint=fingerprint, body=body)
    Journal.objects.filter(no=1).update(position=position, head=digest)
    return body, False


class Redemptions(APIView):
    def post(self, request):
        user = caller(request)
        key = request.headers.get("Idempotency-Key")
        if not key:
            raise Refused(400, "idempotency_key_missing")
        ask = Redemption(data=request.data)
        ask.is_valid(raise_exception=True)
        fingerprint = sha256(json.dumps(request.data, sort_keys=True))
        body, replayed = redeem(user, sha256(f"{user} {key}"), fingerprint, ask.validated_data)
        answer = HttpResponse(body, status=201, content_type="application/json")
        if replayed:
            answer["Idempotent-Replay"] = "true"
        return answer


urlpatterns = [path("api/v1/programmes/LOAD1/redemptions", Redemptions.as_view())]
application = get_wsgi_application()
