//! The code of a pass: the bearer secret that a venue types or scans. It can be read and compared, never shown
//! by accident: no `Display`, no `Serialize`, and a `Debug` without the secret. What never lives here: the
//! random source (bytes are handed in) and the key under which the payload is stored.

use std::fmt;

use serde::Deserialize;

use super::refusal::Malformed;

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Symbols that carry the secret: 70 bits.
const PAYLOAD: usize = 14;

/// No code is longer as typed, separators included; a longer text is not looked at.
const LONGEST_TYPED: usize = 64;

/// 16 symbols in Crockford base 32: 14 random ones (70 bits) and two Reed-Solomon check symbols over GF(32),
/// with x⁵+x²+1, α = 2 and the generator (x+α)(x+α²). One or two wrong symbols are always noticed. The check
/// filters typing errors; it is public and adds no security.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct PassCode([u8; PAYLOAD]);

impl PassCode {
    /// The code with these 14 symbols, each below 32.
    ///
    /// # Errors
    /// [`Malformed::PassCode`] when a symbol is 32 or more.
    pub fn from_payload(symbols: [u8; PAYLOAD]) -> Result<Self, Malformed> {
        if symbols.iter().all(|symbol| *symbol < 32) { Ok(Self(symbols)) } else { Err(Malformed::PassCode) }
    }

    /// The code made of the first 70 bits, which must come from a cryptographic random source.
    #[must_use]
    pub fn from_random(bytes: &[u8; 9]) -> Self {
        let bits = bytes.iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte)) >> 2;
        let mut symbols = [0; PAYLOAD];
        for (place, symbol) in symbols.iter_mut().rev().enumerate() {
            *symbol = u8::try_from(bits >> (5 * place) & 31).unwrap_or_default();
        }
        Self(symbols)
    }

    /// Reads a code as people type it: case, spaces and hyphens do not matter, `O` is read as `0`, `I` and `L`
    /// as `1`.
    ///
    /// # Errors
    /// [`Malformed::PassCode`] for any other character, another length or a wrong check.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > LONGEST_TYPED {
            return Err(Malformed::PassCode);
        }
        let typed: Vec<u8> =
            text.chars().filter(|c| !separates(*c)).map(symbol).collect::<Option<_>>().ok_or(Malformed::PassCode)?;
        let (payload, check) = typed.split_first_chunk::<PAYLOAD>().ok_or(Malformed::PassCode)?;
        if check == check_symbols(payload) { Ok(Self(*payload)) } else { Err(Malformed::PassCode) }
    }

    /// The 14 symbols that carry the secret, as text: what the keyed hash covers.
    #[must_use]
    pub fn payload(&self) -> String {
        self.0.iter().map(|symbol| letter(*symbol)).collect()
    }

    /// `7K3M-Q9TX-2WHB-5CTW`: for the print file, once, and for nothing else.
    #[must_use]
    pub fn grouped(&self) -> String {
        let mut text = String::with_capacity(19);
        for (place, symbol) in self.0.iter().chain(&check_symbols(&self.0)).enumerate() {
            if place > 0 && place.is_multiple_of(4) {
                text.push('-');
            }
            text.push(letter(*symbol));
        }
        text
    }
}

/// Says that there is a code, never which one.
impl fmt::Debug for PassCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassCode(…)")
    }
}

impl TryFrom<String> for PassCode {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

/// Spaces of any width and the hyphens that word processors put in their place.
fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

fn symbol(typed: char) -> Option<u8> {
    let letter = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|known| char::from(*known) == letter)?;
    u8::try_from(place).ok()
}

fn letter(symbol: u8) -> char {
    ALPHABET.get(usize::from(symbol)).copied().map_or('?', char::from)
}

/// The remainder of payload · x² by (x+2)(x+4) = x²+6x+8, highest power first.
fn check_symbols(payload: &[u8; PAYLOAD]) -> [u8; 2] {
    payload.iter().fold([0, 0], |[high, low], symbol| {
        let carry = high ^ symbol;
        [low ^ times(carry, 6), times(carry, 8)]
    })
}

/// The product in GF(32) with x⁵+x²+1.
fn times(left: u8, right: u8) -> u8 {
    let (product, _) = (0..5).fold((0, left), |(product, shifted), bit| {
        let product = if right >> bit & 1 == 1 { product ^ shifted } else { product };
        let doubled = shifted << 1;
        (product, if doubled > 31 { doubled ^ 0b10_0101 } else { doubled })
    });
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: [&str; 5] =
        ["0000000000000000", "0000000000000168", "10000000000000C7", "7K3MQ9TX2WHB5CTW", "ZZZZZZZZZZZZZZ62"];

    #[test]
    fn the_published_vectors_are_read_and_written() {
        for vector in VECTORS {
            let code = PassCode::parse(vector).unwrap();
            assert_eq!(code.payload(), vector[..14]);
            assert_eq!(code.grouped().replace('-', ""), vector);
            assert_eq!(PassCode::from_payload(code.0), Ok(code));
        }
        assert_eq!(PassCode::parse(VECTORS[3]).unwrap().grouped(), "7K3M-Q9TX-2WHB-5CTW");
    }

    #[test]
    fn what_people_type_is_forgiven() {
        let code = PassCode::parse("7K3MQ9TX2WHB5CTW").unwrap();
        for typed in ["7k3m-q9tx-2whb-5ctw", " 7K3M Q9TX\u{a0}2WHB 5CTW\n", "7K3M‑Q9TX‑2WHB‑5CTW"] {
            assert_eq!(PassCode::parse(typed).as_ref(), Ok(&code), "{typed}");
        }
        for typed in ["IOOOOOOOOOOOOOc7", "looo-oooo-oooo-ooC7", "i0o0oooooooo00C7"] {
            assert_eq!(PassCode::parse(typed).map(|code| code.payload()), Ok("10000000000000".to_owned()));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for wrong in [
            "",
            "7K3MQ9TX2WHB5CT",
            "7K3MQ9TX2WHB5CTW0",
            "7K3MQ9TX2WHB5CTU",
            "7K3M_Q9TX_2WHB_5CTW",
            "7K3MQ9TX2WHB5CT\0",
            "７K3MQ9TX2WHB5CTW",
            "00000000000000ı8",
            &"-".repeat(65),
        ] {
            assert_eq!(PassCode::parse(wrong), Err(Malformed::PassCode), "{wrong:?}");
        }
        assert_eq!(PassCode::from_payload([32; 14]), Err(Malformed::PassCode));
    }

    #[test]
    fn random_bytes_give_their_first_seventy_bits() {
        assert_eq!(PassCode::from_random(&[0; 9]).payload(), "00000000000000");
        assert_eq!(PassCode::from_random(&[255; 9]).payload(), "ZZZZZZZZZZZZZZ");
        assert_eq!(PassCode::from_random(&[8, 0, 0, 0, 0, 0, 0, 0, 4]).payload(), "10000000000001");
        assert_eq!(PassCode::from_random(&[0, 0, 0, 0, 0, 0, 0, 0, 3]).payload(), "00000000000000");
    }

    fn symbols(text: &str) -> [u8; 16] {
        let symbols: Vec<u8> = text.chars().filter_map(symbol).collect();
        symbols.try_into().unwrap()
    }

    fn caught(word: &[u8; 16]) -> bool {
        let payload: [u8; 14] = word[..14].try_into().unwrap();
        check_symbols(&payload) != word[14..]
    }

    #[test]
    fn every_single_and_double_substitution_is_caught() {
        let right = symbols("7K3MQ9TX2WHB5CTW");
        assert!(!caught(&right));
        let mut tried = 0;
        for first in 0..16 {
            for change in 1..32 {
                let mut one = right;
                one[first] ^= change;
                assert!(caught(&one));
                tried += 1;
                for second in first + 1..16 {
                    for other in 1..32 {
                        let mut two = one;
                        two[second] ^= other;
                        assert!(caught(&two));
                        tried += 1;
                    }
                }
            }
        }
        assert_eq!(tried, 115_816);
    }

    #[test]
    fn every_swap_is_caught() {
        let right = symbols("7K3MQ9TX2WHB5CTW");
        for first in 0..16 {
            for second in first + 1..16 {
                let mut swapped = right;
                swapped.swap(first, second);
                assert!(swapped == right || caught(&swapped));
            }
        }
    }

    #[test]
    fn a_code_is_never_printed_for_debugging() {
        let code = PassCode::parse("7K3MQ9TX2WHB5CTW").unwrap();
        assert_eq!(format!("{code:?} {:?}", Some(&code)), "PassCode(…) Some(PassCode(…))");
    }

    #[test]
    fn a_code_is_read_from_json_by_its_parser_and_the_error_does_not_repeat_it() {
        assert!(serde_json::from_str::<PassCode>("\"7k3m-q9tx-2whb-5ctw\"").is_ok());
        let refused = serde_json::from_str::<PassCode>("\"7K3MQ9TX2WHB5CTX\"").unwrap_err().to_string();
        assert!(refused.starts_with("code_malformed") && !refused.contains("7K3M"), "{refused}");
    }
}
