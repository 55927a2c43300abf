//! The tree over a real journal, on both engines: its roots are those of the plain tree over the receipts' bytes, its
//! proofs hold offline, and a witness signs only what continues what it signed.

use std::path::{Path, PathBuf};
use std::process::Command;

use ed25519_dalek::SigningKey;
use recepisse::receipts::merkle::{BLOCK, Hash, continues, includes, leaf, root_of};
use recepisse::receipts::note::{Checkpoint, NamedKey, Note, WitnessRequest, cosign, proof};
use recepisse::receipts::seal;
use recepisse::receipts::witness::{Refused, judge};
use recepisse::store::StoreError;
use recepisse::tree::{BeyondTheEnd, Cosigned, Tree, extend, keep};
use recepisse::witness_folder::{NotTaken, take_up};

use crate::harness::{World, on_every_engine, python_is_here};

/// Something of the tree of `size` receipts.
fn of<T>(world: &World, size: Option<u64>, work: impl FnOnce(&mut Tree<'_>) -> Result<T, StoreError>) -> T {
    let found: Result<T, StoreError> =
        world.store.read(|tx| work(&mut Tree::of(tx, &world.programme, size)?.ok().unwrap()));
    found.unwrap()
}

fn checkpoint(world: &World, size: Option<u64>) -> Checkpoint {
    let found: Result<Checkpoint, StoreError> =
        world.store.read(|tx| Tree::of(tx, &world.programme, size)?.unwrap().checkpoint());
    found.unwrap()
}

fn leaves(world: &World) -> Vec<Hash> {
    world.receipts().iter().map(|receipt| leaf(receipt.body.as_bytes())).collect()
}

/// A journal of a little more than two blocks.
fn lived(world: &World) {
    for order in 0..2 * BLOCK + 9 {
        world.region_admin().does(world.order(&format!("CMD-{order}"), 1));
    }
}

#[test]
fn roots_and_proofs_are_those_of_the_receipts_with_and_without_kept_blocks() {
    on_every_engine(|world| {
        lived(world);
        let (all, size) = (leaves(world), 2 * BLOCK + 9);
        let before = checkpoint(world, None);
        assert_eq!((before.size, before.root), (size, root_of(&all)), "{}", world.engine());
        extend(&world.store, world.programme.no).unwrap();
        extend(&world.store, world.programme.no).unwrap();
        let kept = world.store.read::<_, StoreError>(|tx| tx.tree_blocks(world.programme.no, 0, 9)).unwrap();
        assert_eq!(kept.len(), 2);
        assert_eq!(checkpoint(world, None), before, "kept blocks change nothing");
        for position in [1, 2, BLOCK, BLOCK + 1, size] {
            let path = of(world, None, |tree| tree.inclusion(position)).unwrap();
            let this = &all[usize::try_from(position - 1).unwrap()];
            assert!(includes(&before.root, size, position - 1, this, &path), "{position}");
            assert!(!includes(&before.root, size, position - 1, &[0; 32], &path), "{position}");
        }
        assert_eq!(of(world, None, |tree| tree.inclusion(size + 1)), None);
        for old in [1, 7, BLOCK, BLOCK + 3, size] {
            let older = checkpoint(world, Some(old));
            assert_eq!(older.root, root_of(&all[..usize::try_from(old).unwrap()]));
            let proof = of(world, None, |tree| tree.consistency(old)).unwrap();
            assert!(continues((old, &older.root), (size, &before.root), &proof), "{old}");
        }
        let beyond: Result<_, StoreError> =
            world.store.read(|tx| Ok(Tree::of(tx, &world.programme, Some(size + 1))?.err()));
        assert_eq!(beyond.unwrap(), Some(BeyondTheEnd));
    });
}

#[test]
fn a_kept_block_that_is_not_what_the_receipts_say_is_found_by_the_audit() {
    on_every_engine(|world| {
        lived(world);
        let key = world.keys.seal_key().verifying_key();
        let verify = || recepisse::audit::verify(&world.store, &[key], &world.programme, &mut |_, _| {});
        extend(&world.store, world.programme.no).unwrap();
        verify().unwrap();
        world.write(|tx| tx.insert_tree_block(world.programme.no, 2, &[7; 32]));
        let told = verify().unwrap_err().to_string();
        assert!(told.contains("tree, bloc 2"), "{told}");
    });
}

/// Exit status and first line of the script that shares no code with ours.
fn script(file: &Path, more: &[&str]) -> (i32, String) {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/verify_proof.py");
    let output = Command::new("python3").arg("-I").arg(script).arg(file).args(more).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_proof_of_a_receipt_is_checked_offline_by_another_program() {
    if !python_is_here() {
        return;
    }
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let (receipt, folder) = (world.receipts().remove(3), tempfile::tempdir().unwrap());
        let witness = SigningKey::from_bytes(&[9; 32]);
        let named = NamedKey::of_witness("payeur.example/w1", witness.verifying_key()).unwrap();
        let size = checkpoint(world, None).size;
        let line = cosign(&named, &witness, 1_700_000_000, &checkpoint(world, None).to_string());
        let kept = keep(&world.store, &world.programme, std::slice::from_ref(&named), (size, &line)).unwrap();
        assert_eq!(kept, Cosigned::Kept);
        let text = of(world, None, |tree| {
            let path = tree.inclusion(4)?.unwrap();
            Ok(proof(receipt.body.as_bytes(), 3, &path, &tree.note(&world.keys)?))
        });
        let file = folder.path().join("x.tlog-proof");
        let (key, vkey) = (seal::write_key(&world.keys.seal_key().verifying_key()), named.to_string());
        std::fs::write(&file, &text).unwrap();
        let (status, told) = script(&file, &["--key", &key, "--witness", &vkey]);
        assert!(status == 0 && told.contains(&receipt.number) && told.contains("signé à 1700000000"), "{told}");
        let (status, told) = script(&file, &["--key", &key]);
        assert!(status == 0 && told.contains("NON ATTESTÉ"), "{told}");
        let stranger = NamedKey::of_witness("autre.example/w2", witness.verifying_key()).unwrap().to_string();
        assert_eq!(script(&file, &["--key", &key, "--witness", &stranger]).0, 1);
        assert_eq!(script(&file, &["--key", &"d7".repeat(32)]).0, 1);
        // Every line in turn is changed a little: none of them may pass.
        for (place, line) in text.lines().enumerate().filter(|(_, line)| line.len() > 8 && !line.contains("payeur")) {
            let middle = line.char_indices().nth(line.chars().count() / 2).unwrap().0;
            let other = if line[middle..].starts_with('A') { "B" } else { "A" };
            let changed = format!(
                "{}{other}{}",
                &line[..middle],
                &line[middle + line[middle..].chars().next().unwrap().len_utf8()..]
            );
            let lines: Vec<&str> =
                text.lines().enumerate().map(|(at, line)| if at == place { &changed } else { line }).collect();
            std::fs::write(&file, lines.join("\n") + "\n").unwrap();
            let (status, told) = script(&file, &["--key", &key]);
            assert_ne!(status, 0, "{line} became {changed}: {told}");
        }
    });
}

fn request(world: &World, old: u64) -> WitnessRequest {
    of(world, None, |tree| tree.request(&world.keys, old)).unwrap()
}

#[test]
fn a_witness_signs_what_continues_and_refuses_a_fork_or_a_way_back() {
    on_every_engine(|world| {
        let key = world.keys.seal_key().verifying_key();
        world.stock_up(1);
        let first = judge(&request(world, 0), key, None).unwrap();
        world.region_admin().does(world.order("CMD-2", 1));
        let second = judge(&request(world, first.size), key, Some(&first)).unwrap();
        assert_eq!(second.size, first.size + 1);
        assert_eq!(judge(&request(world, second.size), key, Some(&second)), Ok(second.clone()), "the same again");
        let asked = judge(&request(world, 0), key, Some(&second));
        assert_eq!(asked, Err(Refused::OtherStart { signed: second.size, asked: 0 }));
        let stranger = SigningKey::from_bytes(&[9; 32]).verifying_key();
        assert_eq!(judge(&request(world, 0), stranger, None), Err(Refused::Signature));
        // The same key over another history of the same length, and over a longer one.
        let other = World::new(world.engine());
        other.stock_up(2);
        assert_eq!(other.keys.seal_key().verifying_key(), key, "the control: its signatures hold");
        let back = judge(&request(&other, 0), key, Some(&second));
        assert_eq!(back, Err(Refused::Rollback { signed: second.size, size: first.size }));
        other.region_admin().does(other.order("CMD-2", 1));
        let forked = Err(Refused::Fork { signed: second.size });
        assert_eq!(judge(&request(&other, second.size), key, Some(&second)), forked);
        other.region_admin().does(other.order("CMD-3", 1));
        assert_eq!(judge(&request(&other, second.size), key, Some(&second)), forked);
    });
}

/// What is left in a folder, by name.
fn left(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_a_witness_leaves_in_a_folder_is_taken_up_or_refused_with_its_reason() {
    on_every_engine(|world| {
        world.stock_up(1);
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let witness = SigningKey::from_bytes(&[9; 32]);
        let named = NamedKey::of_witness("payeur.example/w1", witness.verifying_key()).unwrap();
        let stranger = NamedKey::of_witness("autre.example/w2", witness.verifying_key()).unwrap();
        let signed = |by: &NamedKey, size| {
            let mut note = of(world, size, |tree| tree.note(&world.keys));
            note.signatures.push(cosign(by, &witness, 7, &checkpoint(world, size).to_string()));
            note.to_string()
        };
        let all = checkpoint(world, None).size;
        let good = signed(&named, None);
        for (name, text) in [
            ("1.note", good.clone()),
            ("2.note", signed(&stranger, None)),
            ("3.note", "…".to_owned()),
            ("4.note", good.replace("recepisse/HDF21", "recepisse/AUTRE")),
            ("5.note", signed(&named, Some(all - 1))),
            ("6.note", good.replacen(&format!("\n{all}\n"), &format!("\n{}\n", all - 1), 1)),
            ("encore.partiel", good.clone()),
        ] {
            std::fs::write(place.join(name), text).unwrap();
        }
        let looked = take_up(&world.store, std::slice::from_ref(&named), place).unwrap();
        let outcomes: Vec<_> = looked.into_iter().map(|looked| looked.outcome).collect();
        assert_eq!(
            outcomes,
            [
                Ok(("HDF21".to_owned(), all)),
                Err(NotTaken::NotOurs),
                Err(NotTaken::Malformed),
                Err(NotTaken::Programme),
                Err(NotTaken::Older),
                Err(NotTaken::NotOurs),
            ],
            "{}",
            world.engine()
        );
        assert_eq!(left(place), ["encore.partiel", "pris", "refuses"]);
        assert_eq!(left(&place.join("pris")), ["1.note"]);
        let refused = left(&place.join("refuses"));
        assert_eq!(refused.len(), 10, "{refused:?}");
        let reason = std::fs::read_to_string(place.join("refuses/4.note.raison.txt")).unwrap();
        assert_eq!(reason, "ce point de contrôle n'est d'aucun dispositif de ce registre.\n");
        let note = Note::parse(&of(world, None, |tree| tree.note(&world.keys)).to_string()).unwrap();
        assert!(named.signed(&note), "the tree is witnessed");
        assert_eq!(take_up(&world.store, std::slice::from_ref(&named), place).unwrap(), []);
    });
}

#[test]
fn what_a_known_witness_signed_is_kept_and_shown_and_nothing_else() {
    on_every_engine(|world| {
        world.stock_up(1);
        let witness = SigningKey::from_bytes(&[9; 32]);
        let named = NamedKey::of_witness("payeur.example/w1", witness.verifying_key()).unwrap();
        let known = [named.clone()];
        let text = |size| checkpoint(world, size).to_string();
        let all = checkpoint(world, None).size;
        let kept = |size, line| keep(&world.store, &world.programme, &known, (size, line)).unwrap();
        let line = cosign(&named, &witness, 7, &text(None));
        assert_eq!(kept(all - 1, &line), Cosigned::NotOurs, "of another size");
        let forged = cosign(&named, &SigningKey::from_bytes(&[8; 32]), 7, &text(None));
        assert_eq!(kept(all, &forged), Cosigned::NotOurs);
        assert_eq!(keep(&world.store, &world.programme, &[], (all, &line)).unwrap(), Cosigned::NotOurs);
        assert_eq!(of(world, None, |tree| tree.note(&world.keys)).signatures.len(), 1);
        assert_eq!(kept(all, &line), Cosigned::Kept);
        let older = cosign(&named, &witness, 9, &text(Some(all - 1)));
        assert_eq!(kept(all - 1, &older), Cosigned::Older);
        let note = Note::parse(&of(world, None, |tree| tree.note(&world.keys)).to_string()).unwrap();
        assert!(named.signed(&note) && note.signatures.len() == 2);
        assert_eq!(Checkpoint::parse(&note.text).unwrap().size, all);
        world.region_admin().does(world.order("CMD-2", 1));
        assert_eq!(
            of(world, None, |tree| tree.note(&world.keys)).signatures.len(),
            1,
            "the next tree is not witnessed"
        );
    });
}
