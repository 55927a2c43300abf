//! What an operator does, command by command as `docs/OPERATIONS.md` writes it, with the program itself and over its
//! sockets. What never lives here: what is inside a backup or a loss (see `drill`).

use std::io::Write as _;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Engine, Heard, Place, Program, Served, cluster, engines, hear, told};

/// A program with a database of its own.
struct Installation {
    program: Program,
    place: Place,
    engine: Engine,
}

impl Installation {
    fn empty(engine: Engine) -> Self {
        Self { program: Program::new(), place: Place::empty(engine), engine }
    }

    /// The command as the documents have it, on this database.
    fn run(&self, arguments: &[&str]) -> Output {
        self.program.run(&[arguments, &["--database", &self.place.url]].concat())
    }

    /// One that copies, with PostgreSQL's own programs where they are installed.
    fn copies(&self, arguments: &[&str]) -> Output {
        let programs = (self.engine == Engine::Postgres).then(|| cluster().unwrap().binaries.to_str().unwrap());
        let named: Vec<&str> = programs.into_iter().flat_map(|folder| ["--postgresql-bin", folder]).collect();
        self.run(&[arguments, &named].concat())
    }

    fn serve(&self) -> Served {
        self.program.serve(&["--database", &self.place.url])
    }
}

#[track_caller]
fn done(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", told(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Somebody who has signed in.
struct Client<'s> {
    server: &'s Served,
    token: String,
}

impl<'s> Client<'s> {
    fn sign_in(server: &'s Served, email: &str, password: &str) -> Self {
        let nobody = Client { server, token: String::new() };
        let answer = nobody.post("/api/v1/auth/login", "", &json!({ "email": email, "password": password }));
        Self { server, token: answer.json()["access_token"].as_str().unwrap().to_owned() }
    }

    fn post(&self, path: &str, key: &str, body: &Value) -> Heard {
        self.ask(
            "POST",
            path,
            &format!("idempotency-key: {key}\r\ncontent-type: application/json\r\n"),
            &body.to_string(),
        )
    }

    fn get(&self, path: &str) -> Heard {
        self.ask("GET", path, "", "")
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Heard {
        let mut stream = self.server.connect();
        let (token, length) = (&self.token, body.len());
        let head = format!("{method} {path} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\n{headers}");
        write!(stream, "{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}").unwrap();
        hear(&mut stream).unwrap()
    }

    /// The order of the README.
    fn order(&self, key: &str) -> Heard {
        let organisations = self.get("/api/v1/organisations?limit=200").json();
        let issuer = organisations["items"].as_array().unwrap().iter().find(|one| one["kinds"] == json!(["issuer"]));
        let body = json!({
            "number": "CMD-ESSAI-1", "ordered_on": "2021-10-04", "issuer_id": issuer.unwrap()["id"],
            "booklets": 20, "passes_per_booklet": 10, "face_value_cents": 1000, "fees_cents": 0,
            "funding": [{ "funder": "État", "basis_points": 10_000 }], "validity_end": "2027-12-31",
        });
        self.post("/api/v1/programmes/HDF21/orders", key, &body)
    }
}

const KEY: &str = "premier-recepisse-0001";

#[test]
fn a_register_is_backed_up_while_it_serves_lost_restored_and_the_loss_declared_by_two_people() {
    for engine in engines() {
        let mut installation = Installation::empty(*engine);
        let shown = done(&installation.run(&["demo", "--no-serve"]));
        let (_, rest) = shown.split_once("mot de passe commun : ").unwrap();
        let password = rest.lines().next().unwrap();

        let server = installation.serve();
        let admin = Client::sign_in(&server, "programme@demo.example", password);
        let saved = done(&installation.copies(&["backup", "--output", "copy"]));
        assert!(saved.contains("Sauvegarde faite") && !saved.contains("n'a pas été vérifiée"), "{saved}");
        let lost = admin.order(KEY);
        assert_eq!(lost.status, 201, "{lost:?}");
        let lost = lost.json()["receipt"].clone();
        server.stop();

        installation.place = Place::empty(*engine);
        let restored = done(&installation.copies(&["restore", "--from", "copy"]));
        assert!(restored.contains("restaurée") && restored.contains("lecture seule"), "{restored}");
        let again = installation.copies(&["restore", "--from", "copy"]);
        assert_eq!(again.status.code(), Some(1), "what is there is never overwritten");
        assert!(told(&again).contains("rien n'a été restauré"), "{}", told(&again));
        assert!(!done(&installation.run(&["verify"])).contains("PERTE"));
        assert!(done(&installation.run(&["rebuild", "--check"])).contains("aucun écart"));

        let server = installation.serve();
        let admin = Client::sign_in(&server, "programme@demo.example", password);
        assert_eq!(admin.get("/ready").json()["frozen_programmes"], json!(["HDF21"]));
        admin.order(KEY).is_refused(503, "ledger_rolled_back");
        let declared =
            admin.post("/api/v1/programmes/HDF21/restore", "a-key-to-declare", &json!({ "reason": "drill" }));
        assert!(declared.status < 300, "{declared:?}");
        let finance = Client::sign_in(&server, "finances@demo.example", password);
        let confirmed = finance.post("/api/v1/programmes/HDF21/restore/confirmation", "a-key-to-confirm", &json!({}));
        assert_eq!(confirmed.status, 201, "{confirmed:?}");
        let order = admin.order(KEY);
        assert_eq!((order.status, order.header("idempotent-replay")), (201, None), "{order:?}");
        let number = order.json()["receipt"]["number"].as_str().unwrap().to_owned();
        assert!(number.contains("E2-") && number != lost["number"].as_str().unwrap(), "{number}");
        server.stop();

        let verified = done(&installation.run(&["verify"]));
        let kept = lost["position"].as_i64().unwrap() - 1;
        let declared = format!("PERTE DÉCLARÉE : 1 récépissé au moins après la position {}", spaced(kept));
        assert!(verified.starts_with("HDF21 : conforme.") && verified.contains(&declared), "{verified}");
    }
}

/// `1030` as `1 030`.
fn spaced(number: i64) -> String {
    recepisse::demo::thousands(number)
}

/// Waits until the server has put a note aside.
fn is_taken(note: &Path) {
    let began = Instant::now();
    while !note.exists() {
        assert!(began.elapsed() < Duration::from_mins(1), "{} is not taken up", note.display());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn what_is_over_is_closed_by_command_and_a_witness_elsewhere_signs_that_the_journal_only_grew() {
    for engine in engines() {
        let installation = Installation::empty(*engine);
        let shown = done(&installation.run(&["demo", "--no-serve"]));
        let (_, rest) = shown.split_once("mot de passe commun : ").unwrap();
        let password = rest.lines().next().unwrap();
        let close = ["close", "--as", "finances@demo.example"];
        let closed = done(&installation.run(&close));
        assert!(closed.contains("(day)") && closed.contains("plus rien à clôturer"), "{closed}");
        let again = done(&installation.run(&close));
        assert!(again.contains(" : 0 clôtures"), "{again}");
        let stranger = installation.run(&["close", "--as", "programme@demo.example"]);
        assert_eq!(stranger.status.code(), Some(1), "{}", told(&stranger));
        assert!(done(&installation.run(&["verify"])).contains("conforme"));

        // The witness's machine has the program, a folder, and what comes to it in files.
        let witness = ["witness", "--state", "temoin", "--name", "paierie.example/w1"];
        let key = done(&installation.program.run(&[&witness[..], &["--show-key"]].concat()));
        std::fs::create_dir(installation.program.folder().join("depot")).unwrap();
        let settings = [
            "--database",
            &installation.place.url,
            "--witness",
            key.trim(),
            "--witness-folder",
            "depot",
            "--close-as",
            close[2],
        ];
        let server = installation.program.serve(&settings);
        let admin = Client::sign_in(&server, "programme@demo.example", password);
        let programme = "/api/v1/programmes/HDF21";
        let tree = || admin.get(&format!("{programme}/tree")).json();
        assert_eq!(tree()["state"], "unwitnessed");
        let seal =
            admin.get(&format!("{programme}/verification")).json()["seal_public_key"].as_str().unwrap().to_owned();
        let ask = |old: i64| {
            let request = admin.get(&format!("{programme}/checkpoint/witnessing?old={old}"));
            installation.program.has_file("demande.txt", &request.body);
            installation.program.run(&[&witness[..], &["--key", &seal, "demande.txt"]].concat())
        };
        let size = tree()["size"].as_i64().unwrap();
        let hand_in = |size: i64, line: &str| {
            admin.post(&format!("{programme}/checkpoint/witnessing"), "", &json!({ "size": size, "cosignature": line }))
        };
        let line = done(&ask(0));
        assert_eq!(hand_in(size, &line).json()["state"], "witnessed");
        hand_in(size - 1, &line).is_refused(422, "cosignature_not_ours");
        assert_eq!(admin.order(KEY).status, 201);
        assert_eq!(tree()["state"], "behind");
        let refused = ask(0);
        assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
        assert!(String::from_utf8_lossy(&refused.stdout).contains(&format!("old={size}")), "{}", told(&refused));
        assert_eq!(hand_in(size + 1, &done(&ask(size))).json()["state"], "witnessed");

        // And without an account: the note that it writes is left in a folder of the server's.
        let stop = json!({ "orders": ["CMD-ESSAI-1"], "scope": "hand_outs", "reason": "decision" });
        assert_eq!(admin.post(&format!("{programme}/suspensions"), "seconde-suspension-01", &stop).status, 201);
        let request = admin.get(&format!("{programme}/checkpoint/witnessing?old={}", size + 1));
        installation.program.has_file("demande.txt", &request.body);
        let note = ["--key", &seal, "--note", "depot/HDF21.note", "demande.txt"];
        done(&installation.program.run(&[&witness[..], &note].concat()));
        is_taken(&installation.program.folder().join("depot/pris/HDF21.note"));
        assert_eq!(tree()["state"], "witnessed");
        server.stop();
    }
}
