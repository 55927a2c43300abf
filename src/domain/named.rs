//! Enums whose variants have one stable name each, in the API and in the database. What never lives here: such an
//! enum.

/// Declares an enum whose variants have one stable `snake_case` name each.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident, $error:expr, { $($(#[$variant_doc:meta])* $variant:ident => $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name used in the API and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads the stable name.
            ///
            /// # Errors
            /// When no variant has this name.
            pub fn parse(text: &str) -> Result<Self, Malformed> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err($error) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::domain::refusal::NotListed;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                let names = Self::ALL.iter().map(|variant| variant.as_str());
                Self::parse(&text).map_err(|malformed| crate::domain::refusal::NotListed::new(malformed, names))
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }
    };
}
pub(crate) use named;
