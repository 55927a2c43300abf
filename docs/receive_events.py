"""Receives the events of a webhook, and believes only what is signed.

python3 receive_events.py PORT SECRET [OLDEST_SECONDS]     (PORT 0: any; SECRET: whsec_…, shown when the webhook was made)
"""
import hashlib, hmac, http.server, json, sys, time

PORT, SECRET = int(sys.argv[1]), sys.argv[2].encode()
OLDEST_SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 300
seen = set()  # in real life a table: an event may come twice, under the same identifier


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fields = [field.partition("=") for field in self.headers.get("Recepisse-Signature", "").split(",")]
        moment = next((value for name, _, value in fields if name == "t"), "0")
        expected = hmac.new(SECRET, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        signed = any(hmac.compare_digest(expected, value) for name, _, value in fields if name == "v1")
        if not signed or abs(time.time() - int(moment)) > OLDEST_SECONDS:
            return self.answer(401)
        event = json.loads(body)
        if event["id"] not in seen:
            seen.add(event["id"])
            print(event["type"], event["id"], flush=True)  # here: what is to be done about it
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", PORT), Receiver)
print(f"http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()
