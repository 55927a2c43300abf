//! The communes of France by INSEE code, with their department, region and intercommunalité (EPCI). The data
//! are compiled in; `README.md` in this folder says where they come from and how to renew them. What never
//! lives here: postal codes as places. A postal code may cover several communes, so it only helps to guess
//! what was meant.

mod figures;
mod neighbourhood;
mod table;
mod whereabouts;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::figures::{CommuneFigures, FiguresThen};
pub use self::whereabouts::{Whereabouts, whereabouts};
use super::refusal::Malformed;

pub use neighbourhood::NeighbourhoodCode;

/// An INSEE commune code (Code officiel géographique): five characters, `2A` or `2B` for Corsica. Its form is
/// checked, not that the commune exists: see [`commune`] and [`resolve`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommuneCode([u8; 5]);

impl CommuneCode {
    /// Reads a code of the national pattern `^([013-9]\d|2[AB1-9])\d{3}$`; lower case and surrounding spaces are
    /// forgiven.
    ///
    /// # Errors
    /// [`Malformed::Commune`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim_matches(' ').to_ascii_uppercase();
        let code: [u8; 5] = text.as_bytes().try_into().map_err(|_| Malformed::Commune)?;
        let [first, second, rest @ ..] = code;
        let department = match first {
            b'2' => matches!(second, b'A' | b'B' | b'1'..=b'9'),
            _ => first.is_ascii_digit() && second.is_ascii_digit(),
        };
        if department && rest.iter().all(u8::is_ascii_digit) { Ok(Self(code)) } else { Err(Malformed::Commune) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for CommuneCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommuneCode({self})")
    }
}

impl fmt::Display for CommuneCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for CommuneCode {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<CommuneCode> for String {
    fn from(code: CommuneCode) -> Self {
        code.as_str().to_owned()
    }
}

/// A commune of today, or a municipal arrondissement of Paris, Lyon or Marseille.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commune {
    pub code: CommuneCode,
    pub name: &'static str,
    /// Department code, `59`; the collectivity's code overseas, `975`.
    pub department: &'static str,
    /// Region code, `32`; the collectivity's code overseas, `975`.
    pub region: &'static str,
    /// SIREN of its intercommunalité; a few islands and the overseas collectivities have none.
    pub epci: Option<&'static str>,
    /// For a municipal arrondissement: the commune it is part of.
    pub commune: Option<CommuneCode>,
    /// Legal population; 0 where none is published.
    pub population: u32,
    postal_codes: &'static str,
}

impl Commune {
    /// The commune that it is part of, or itself.
    #[must_use]
    pub fn whole(&self) -> CommuneCode {
        self.commune.unwrap_or(self.code)
    }

    /// Its postal codes, in La Poste's order.
    pub fn postal_codes(&self) -> impl Iterator<Item = &'static str> {
        self.postal_codes.split('|').filter(|code| !code.is_empty())
    }
}

/// An intercommunalité (EPCI à fiscalité propre).
#[derive(Debug, PartialEq, Eq)]
pub struct Epci {
    /// Nine digits.
    pub siren: &'static str,
    pub name: &'static str,
    /// `CC`, `CA`, `CU`, `METRO` or `MET69`.
    pub kind: &'static str,
}

/// A region, or an overseas collectivity in its stead.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    pub code: &'static str,
    pub name: &'static str,
}

/// A department, or an overseas collectivity in its stead.
#[derive(Debug, PartialEq, Eq)]
pub struct Department {
    pub code: &'static str,
    pub name: &'static str,
    /// The code of its region.
    pub region: &'static str,
}

/// Why a text names no commune of today. `Display` says it in French.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// Not the form of an INSEE code.
    Malformed,
    /// A postal code: the communes that have it.
    PostalCode { postal_code: String, communes: Vec<Commune> },
    /// A code of before a merger: the commune of today, or two where the merger was undone.
    Former { code: CommuneCode, current: Vec<Commune> },
    /// The form of an INSEE code, and no commune's.
    Absent(CommuneCode),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str(
                "Ce texte n'est pas un code commune de l'Insee : cinq caractères sont attendus, par exemple 59392 \
                 pour Maubeuge.",
            ),
            Self::PostalCode { postal_code, communes } => {
                write!(f, "{postal_code} est un code postal, pas un code commune de l'Insee : {}.", named(communes))
            }
            Self::Former { code, current } => {
                write!(f, "Le code {code} n'est plus celui d'une commune ; aujourd'hui : {}.", named(current))
            }
            Self::Absent(code) => write!(f, "Le code {code} n'est celui d'aucune commune."),
        }
    }
}

impl std::error::Error for Unknown {}

/// `Maubeuge (59392), Assevent (59021)`, at most ten of them.
fn named(communes: &[Commune]) -> String {
    let shown: Vec<String> = communes.iter().take(10).map(|it| format!("{} ({})", it.name, it.code)).collect();
    let more = if communes.len() > shown.len() { "…" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// All communes and municipal arrondissements, by code.
pub fn communes() -> impl Iterator<Item = Commune> {
    table::communes()
}

/// The commune or municipal arrondissement with this code today.
#[must_use]
pub fn commune(code: &CommuneCode) -> Option<Commune> {
    table::commune(*code)
}

/// The communes of today at the place of one that no longer exists; none for any other code.
#[must_use]
pub fn successors(code: &CommuneCode) -> Vec<Commune> {
    table::successors(code).filter_map(|current| commune(&CommuneCode::parse(current).ok()?)).collect()
}

/// Where a code is today: its commune, or those that took its place; none for the code of no commune.
#[must_use]
pub fn today(code: &CommuneCode) -> Vec<Commune> {
    commune(code).map_or_else(|| successors(code), |here| vec![here])
}

/// The communes and arrondissements that have this postal code, the most populous first. For help only: 3,000 texts are the INSEE code
/// of one commune and the postal code of others, so an interface shows the name that a code resolved to.
#[must_use]
pub fn with_postal_code(text: &str) -> Vec<Commune> {
    let mut found: Vec<Commune> =
        table::communes_with(text).filter(|commune| commune.postal_codes().any(|code| code == text)).collect();
    found.sort_by_key(|commune| std::cmp::Reverse(commune.population));
    found
}

/// The commune that an INSEE code names. A text that is the INSEE code of a commune is taken for that, even when
/// it also is a postal code elsewhere.
///
/// # Errors
/// [`Unknown`], with what may have been meant.
pub fn resolve(text: &str) -> Result<Commune, Unknown> {
    let text = text.trim_matches(' ');
    let code = CommuneCode::parse(text);
    if let Some(found) = code.ok().as_ref().and_then(commune) {
        return Ok(found);
    }
    if let Ok(code) = code {
        let current = successors(&code);
        if !current.is_empty() {
            return Err(Unknown::Former { code, current });
        }
    }
    let communes = with_postal_code(text);
    if !communes.is_empty() {
        return Err(Unknown::PostalCode { postal_code: text.to_owned(), communes });
    }
    Err(code.map_or(Unknown::Malformed, Unknown::Absent))
}

/// The intercommunalité with this SIREN.
#[must_use]
pub fn epci(siren: &str) -> Option<&'static Epci> {
    table::find(epcis(), siren, |epci| epci.siren)
}

/// All intercommunalités, by SIREN.
#[must_use]
pub fn epcis() -> &'static [Epci] {
    table::epcis()
}

/// The communes of an intercommunalité, by code, without municipal arrondissements.
pub fn communes_of_epci(siren: &str) -> impl Iterator<Item = Commune> {
    communes().filter(move |commune| commune.epci == Some(siren) && commune.commune.is_none())
}

/// The commune of today that a code has become, an arrondissement told as its commune.
#[must_use]
pub fn whole_today(code: &str) -> Option<CommuneCode> {
    Some(today(&CommuneCode::parse(code).ok()?).first()?.whole())
}

/// The region with this code: `32` is Hauts-de-France.
#[must_use]
pub fn region(code: &str) -> Option<&'static Region> {
    table::find(table::regions(), code, |region| region.code)
}

/// The department with this code: `59` is Nord.
#[must_use]
pub fn department(code: &str) -> Option<&'static Department> {
    table::find(table::departments(), code, |department| department.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> CommuneCode {
        CommuneCode::parse(text).unwrap()
    }

    #[test]
    fn a_commune_code_follows_the_national_pattern() {
        for right in ["59392", "01001", "2A004", "2B033", "97502", "21231", "98735"] {
            assert_eq!(code(right).to_string(), right);
        }
        assert_eq!(code(" 2a004 "), code("2A004"));
        for wrong in ["", "5939", "593920", "20004", "2C004", "A9392", "59A92", "59 392", "５9392", "59392\0", "5939é"]
        {
            assert_eq!(CommuneCode::parse(wrong), Err(Malformed::Commune), "{wrong:?}");
        }
        assert!(serde_json::from_str::<CommuneCode>("\"59392\"").is_ok_and(|read| read == code("59392")));
    }

    #[test]
    fn maubeuge_is_in_the_north_of_hauts_de_france() {
        let maubeuge = commune(&code("59392")).unwrap();
        assert_eq!((maubeuge.name, maubeuge.department, maubeuge.region), ("Maubeuge", "59", "32"));
        assert_eq!(maubeuge.postal_codes().collect::<Vec<_>>(), ["59600"]);
        assert!(maubeuge.population > 20_000);
        assert_eq!(epci(maubeuge.epci.unwrap()).unwrap().name, "CA Maubeuge Val de Sambre");
        assert_eq!(region("32").unwrap().name, "Hauts-de-France");
        let north = department("59").unwrap();
        assert_eq!((north.name, north.region), ("Nord", "32"));
    }

    #[test]
    fn every_line_of_the_data_is_read_and_refers_to_what_exists() {
        assert_eq!((communes().count(), epcis().len()), (35_014, 1_255));
        assert!(communes().is_sorted_by(|one, next| one.code < next.code));
        assert!(communes().all(|one| commune(&one.code) == Some(one)));
        for one in communes() {
            assert!(region(one.region).is_some() && department(one.department).is_some(), "{}", one.code);
            assert!(one.epci.is_none_or(|siren| epci(siren).is_some()), "{}", one.code);
            assert_eq!(department(one.department).unwrap().region, one.region);
        }
        assert!(epcis().iter().all(|epci| communes_of_epci(epci.siren).next().is_some()));
    }

    #[test]
    fn a_code_before_between_or_after_all_others_is_no_communes() {
        for absent in ["01000", "01003", "59999", "99999"] {
            assert_eq!(commune(&code(absent)), None, "{absent}");
        }
    }

    #[test]
    fn hauts_de_france_has_five_departments() {
        let departments: std::collections::BTreeSet<&str> =
            communes().filter(|one| one.region == "32").map(|one| one.department).collect();
        assert_eq!(departments.into_iter().collect::<Vec<_>>(), ["02", "59", "60", "62", "80"]);
    }

    #[test]
    fn an_arrondissement_points_to_its_commune() {
        let third = resolve("69383").unwrap();
        assert_eq!(third.commune, Some(code("69123")));
        assert_eq!(third.epci, commune(&code("69123")).unwrap().epci);
        assert_eq!(communes().filter(|one| one.commune.is_some()).count(), 45);
    }

    #[test]
    fn an_intercommunalite_lists_its_communes() {
        let names: Vec<&str> = communes_of_epci("200043396").map(|one| one.name).collect();
        assert_eq!(names.len(), 43);
        assert!(names.contains(&"Maubeuge"));
        assert_eq!(communes_of_epci("000000000").count(), 0);
        assert!(communes_of_epci("200046977").all(|one| one.commune.is_none()));
    }

    #[test]
    fn a_postal_code_is_answered_with_the_communes_that_have_it() {
        let Err(Unknown::PostalCode { postal_code, communes }) = resolve("59740") else { panic!("59740") };
        assert_eq!(postal_code, "59740");
        assert!(communes.iter().any(|one| one.name == "Solre-le-Château"));
        // The form of a postal code of Corsica is not that of an INSEE code.
        assert!(matches!(resolve("20000"), Err(Unknown::PostalCode { communes, .. }) if communes[0].name == "Ajaccio"));
        assert!(resolve("59740").unwrap_err().to_string().contains("Solre-le-Château (59572)"));
    }

    #[test]
    fn a_text_that_is_both_is_an_insee_code_and_the_homonyms_can_be_shown() {
        assert_eq!(resolve("59600").unwrap().name, "Tourmignies");
        assert_eq!(with_postal_code("59600")[0].name, "Maubeuge");
    }

    #[test]
    fn a_former_commune_names_the_one_of_today() {
        let Err(Unknown::Former { current, .. }) = resolve("01003") else { panic!("01003") };
        assert_eq!(current[0].code, code("01165"));
        assert_eq!(successors(&code("60455")).len(), 2);
        assert_eq!(successors(&code("59392")), Vec::<Commune>::new());
    }

    #[test]
    fn other_texts_are_malformed_or_absent() {
        for wrong in ["", "Maubeuge", "5939", "593922", "59 39", "\0\0\0\0\0"] {
            assert_eq!(resolve(wrong), Err(Unknown::Malformed), "{wrong:?}");
        }
        assert_eq!(resolve("59999"), Err(Unknown::Absent(code("59999"))));
        assert_eq!(resolve(" 59392 ").unwrap().name, "Maubeuge");
    }

    #[test]
    fn the_sentences_are_french_and_name_places() {
        assert_eq!(
            resolve("01003").unwrap_err().to_string(),
            "Le code 01003 n'est plus celui d'une commune ; aujourd'hui : Francheleins (01165)."
        );
        assert_eq!(resolve("59999").unwrap_err().to_string(), "Le code 59999 n'est celui d'aucune commune.");
    }
}
