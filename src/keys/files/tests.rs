//! A folder of keys: made once, read again, and refused in every state in which it must not be believed.

use super::*;
use crate::clock::SeededEntropy;
use crate::keys::Purpose;

fn open(folder: &Path) -> Result<Keys, KeyError> {
    Keys::open_or_create(folder, &SeededEntropy::new(1))
}

/// A data directory that goes away with the test, and its folder of keys already made.
fn made() -> (tempfile::TempDir, PathBuf) {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("keys");
    open(&folder).unwrap();
    (data, folder)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_first_start_makes_every_key_for_the_owner_alone() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("data/keys");
    open(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    let mut expected = SECRETS.to_vec();
    expected.extend([SEAL_PUBLIC, FIRST_OF_PEOPLE]);
    expected.sort_unstable();
    assert_eq!(names(&folder), expected);
    assert_eq!(names(&data.path().join("data")), ["keys"]);
    for name in SECRETS {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&folder.join(SEAL_PUBLIC)), 0o644);
    assert_eq!(fs::read_to_string(folder.join(TOKEN)).unwrap().len(), 65);
}

#[test]
fn an_empty_folder_made_beforehand_is_filled() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("keys");
    fs::create_dir(&folder).unwrap();
    open(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
}

#[test]
fn a_second_start_reads_the_same_keys() {
    let (_data, folder) = made();
    let first = Keys::for_tests(1);
    let again = Keys::open_or_create(&folder, &SeededEntropy::new(99)).unwrap();
    assert_eq!(again.seal_key_id(), first.seal_key_id());
    assert_eq!(again.token_key(), first.token_key());
    assert_eq!(again.pepper(), first.pepper());
    for purpose in [Purpose::Print, Purpose::Identity, Purpose::Commitment, Purpose::Cursor] {
        assert_eq!(again.mac(purpose, &[b"x"]), first.mac(purpose, &[b"x"]));
    }
}

#[test]
fn the_process_that_came_second_keeps_the_keys_of_the_first() {
    let (data, folder) = made();
    create(&folder, &Keys::for_tests(2)).unwrap();
    assert_eq!(open(&folder).unwrap().seal_key_id(), Keys::for_tests(1).seal_key_id());
    assert_eq!(names(data.path()), ["keys"]);
}

#[test]
fn each_lost_key_stops_the_start_and_is_named() {
    for name in SECRETS.into_iter().chain([FIRST_OF_PEOPLE]) {
        let (_data, folder) = made();
        fs::remove_file(folder.join(name)).unwrap();
        let error = open(&folder).unwrap_err();
        assert!(matches!(&error, KeyError::Missing { missing, .. } if *missing == [name]), "{error:?}");
        assert!(error.to_string().contains(name));
        assert!(!folder.join(name).exists());
    }
}

#[test]
fn a_public_key_alone_says_that_the_others_were_lost() {
    let (_data, folder) = made();
    for name in SECRETS.into_iter().chain([FIRST_OF_PEOPLE]) {
        fs::remove_file(folder.join(name)).unwrap();
    }
    assert!(matches!(open(&folder), Err(KeyError::Missing { missing, .. }) if missing.len() == 9));
}

#[test]
fn a_folder_that_holds_something_else_is_not_taken() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("notes.txt"), "x").unwrap();
    assert!(matches!(open(data.path()), Err(KeyError::Missing { missing, .. }) if missing.len() == 9));
}

#[test]
fn keys_that_others_may_read_are_refused_with_the_command_that_helps() {
    for (name, open_mode, advised) in
        [(TOKEN, 0o640, "600"), (SEAL, 0o604, "600"), (CODES, 0o660, "600"), ("", 0o750, "700")]
    {
        let (_data, folder) = made();
        let path = if name.is_empty() { folder.clone() } else { folder.join(name) };
        fs::set_permissions(&path, Permissions::from_mode(open_mode)).unwrap();
        let error = open(&folder).unwrap_err();
        assert!(matches!(error, KeyError::Exposed { .. }), "{error:?}");
        assert!(error.to_string().contains(&format!("chmod {advised} {}", path.display())), "{error}");
    }
}

#[test]
fn a_key_of_another_shape_is_refused() {
    let (_data, folder) = made();
    let path = folder.join(PRINT);
    let good = fs::read_to_string(&path).unwrap();
    let upper = format!("{}\n", "A".repeat(64));
    for wrong in ["", "\n", &good[..64], &good[1..], &format!("{good}\n"), &upper, &"g".repeat(65), &"0".repeat(5000)] {
        fs::write(&path, wrong).unwrap();
        let error = open(&folder).unwrap_err();
        assert!(matches!(error, KeyError::Unreadable { .. }), "{wrong:?}: {error:?}");
    }
    fs::write(&path, [0xFF; 65]).unwrap();
    assert!(matches!(open(&folder), Err(KeyError::Unreadable { .. })));
    fs::write(&path, good).unwrap();
    fs::write(folder.join(SEAL), "-----BEGIN PRIVATE KEY-----\n").unwrap();
    assert!(matches!(open(&folder), Err(KeyError::Unreadable { .. })));
}

#[test]
fn no_error_shows_a_key() {
    let (_data, folder) = made();
    let secret = "c0ffee".repeat(10);
    fs::write(folder.join(TOKEN), &secret).unwrap();
    let error = open(&folder).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("c0ffee"));
}

#[test]
fn the_public_key_is_written_again_when_lost_and_refused_when_false() {
    let (_data, folder) = made();
    let path = folder.join(SEAL_PUBLIC);
    let good = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    open(&folder).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), good);
    fs::write(&path, public_pem(&folder, &Keys::for_tests(2).seal).unwrap()).unwrap();
    assert!(matches!(open(&folder), Err(KeyError::Unreadable { .. })));
}

#[test]
fn a_key_of_people_is_added_read_by_who_runs_already_and_destroyed() {
    let (_data, folder) = made();
    let runs = open(&folder).unwrap();
    let before = runs.people().macs(1, &[b"somebody"]);
    assert_eq!(Keys::add_people(&folder, &SeededEntropy::new(3)).unwrap(), 2);
    assert_eq!(mode(&folder.join("people-2.key")), 0o600);
    assert_eq!(runs.people().numbers(), [1]);
    runs.people().reload().unwrap();
    assert_eq!(runs.people().digest(2), open(&folder).unwrap().people().digest(2));
    assert_eq!((runs.people().numbers(), runs.people().macs(2, &[b"somebody"])[1]), (vec![2, 1], before[0]));
    assert!(matches!(Keys::destroy_people(&folder, 3), Err(KeyError::People { number: 3, .. })));
    Keys::destroy_people(&folder, 1).unwrap();
    assert_eq!(open(&folder).unwrap().people().numbers(), [2]);
    assert!(!folder.join(FIRST_OF_PEOPLE).exists());
}

#[test]
fn what_a_cut_start_left_behind_does_not_prevent_the_next() {
    let data = tempfile::tempdir().unwrap();
    let left = data.path().join(format!("keys.new-{}", std::process::id()));
    fs::create_dir(&left).unwrap();
    fs::write(left.join(TOKEN), "half").unwrap();
    open(&data.path().join("keys")).unwrap();
    assert_eq!(names(data.path()), ["keys"]);
}
