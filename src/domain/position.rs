//! Where something is on the Earth, in whole ten-millionths of a degree (about a centimetre), and how far apart two
//! places are, in whole metres. What never lives here: a float. Two machines must order the same venues the same way.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::refusal::Malformed;

/// Ten-millionths of a degree in a degree.
const DEGREE: i64 = 10_000_000;
/// Digits after the point that are kept.
const DIGITS: usize = 7;
/// The mean radius of the Earth.
const RADIUS_METRES: i128 = 6_371_009;
/// One, in the fixed-point numbers of this file.
const ONE: i128 = 1_000_000_000_000_000;
/// π, times [`ONE`].
const PI: i128 = 3_141_592_653_589_793;

/// A latitude or a longitude in decimal degrees (WGS 84), written `50.27875`: at most seven digits after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Degrees(i32);

impl Degrees {
    /// Reads decimal degrees between -180 and 180 with a point; beyond the seventh digit the text is rounded.
    ///
    /// # Errors
    /// [`Malformed::Degrees`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        Self::read(text.trim()).ok_or(Malformed::Degrees)
    }

    fn read(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.len() <= 20 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits(whole) && digits(fraction)) {
            return None;
        }
        let kept: String = fraction.chars().chain("0000000".chars()).take(DIGITS).collect();
        let up = fraction.chars().nth(DIGITS).is_some_and(|next| next >= '5');
        let value = whole.parse::<i64>().ok()?.checked_mul(DEGREE)? + kept.parse::<i64>().ok()? + i64::from(up);
        let value = if negative { -value } else { value };
        let within = (-180 * DEGREE..=180 * DEGREE).contains(&value);
        i32::try_from(value).ok().filter(|_| within).map(Self)
    }

    /// In fixed point, as radians.
    fn radians(self) -> i128 {
        i128::from(self.0) * PI / i128::from(180 * DEGREE)
    }

    /// Ten-millionths of a degree.
    #[must_use]
    pub fn e7(self) -> i64 {
        self.0.into()
    }
}

impl fmt::Display for Degrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, value) = (if self.0 < 0 { "-" } else { "" }, i64::from(self.0).abs());
        let fraction = format!("{:07}", value % DEGREE);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{fraction}", value / DEGREE)
    }
}

impl TryFrom<String> for Degrees {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<Degrees> for String {
    fn from(degrees: Degrees) -> Self {
        degrees.to_string()
    }
}

/// A point on the Earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub latitude: Degrees,
    pub longitude: Degrees,
}

impl Position {
    /// # Errors
    /// [`Malformed::Degrees`] when the latitude is beyond a pole.
    pub fn new(latitude: Degrees, longitude: Degrees) -> Result<Self, Malformed> {
        let within = (-90 * DEGREE..=90 * DEGREE).contains(&latitude.e7());
        if within { Ok(Self { latitude, longitude }) } else { Err(Malformed::Degrees) }
    }

    /// Reads `50.27875,3.97267`.
    ///
    /// # Errors
    /// [`Malformed::Degrees`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (latitude, longitude) = text.split_once(',').ok_or(Malformed::Degrees)?;
        Self::new(Degrees::parse(latitude)?, Degrees::parse(longitude)?)
    }

    /// The middle of several points near each other; `None` of none.
    #[must_use]
    pub fn middle(points: &[Self]) -> Option<Self> {
        let count = i64::try_from(points.len()).ok().filter(|count| *count > 0)?;
        let mean = |of: fn(&Self) -> i64| i32::try_from(points.iter().map(of).sum::<i64>() / count).ok().map(Degrees);
        Some(Self { latitude: mean(|point| point.latitude.e7())?, longitude: mean(|point| point.longitude.e7())? })
    }

    /// The same point as a vector from the centre of the Earth, ready to be measured from.
    #[must_use]
    pub fn vector(self) -> Vector {
        let (latitude, longitude) = (self.latitude.radians(), self.longitude.radians());
        let across = cosine(latitude);
        Vector([across * cosine(longitude) / ONE, across * sine(longitude) / ONE, sine(latitude)])
    }

    /// Metres along the surface, as by the haversine formula on a sphere: within half a percent of the ellipsoid.
    #[must_use]
    pub fn metres_to(self, other: Self) -> i64 {
        self.vector().metres_to(other.vector())
    }
}

/// A point on a sphere of radius one, in fixed point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vector([i128; 3]);

impl Vector {
    /// See [`Position::metres_to`]. The chord between two vectors is twice the root of the haversine of their angle.
    #[must_use]
    pub fn metres_to(self, other: Self) -> i64 {
        metres(self.square_to(other))
    }

    /// To the nearest of several points; `None` of none.
    #[must_use]
    pub fn metres_to_nearest(self, others: &[Self]) -> Option<i64> {
        others.iter().map(|other| self.square_to(*other)).min().map(metres)
    }

    /// The square of the chord to another point.
    fn square_to(self, other: Self) -> i128 {
        let square = |(one, other): (i128, i128)| (one - other) * (one - other);
        self.0.into_iter().zip(other.0).map(square).sum()
    }
}

/// Metres along the surface, from the square of the chord.
fn metres(square: i128) -> i64 {
    i64::try_from(arc(square.isqrt()) * RADIUS_METRES / ONE).unwrap_or(i64::MAX)
}

/// The arc over a chord: twice the arcsine of its half, by the first terms of its series (within 5 m at 1,000 km; beyond
/// that the order is still right).
fn arc(chord: i128) -> i128 {
    let square = chord * chord / ONE;
    let cube = chord * square / ONE;
    let fifth = cube * square / ONE;
    chord + cube / 24 + fifth * 3 / 640
}

/// By its Taylor series; `radians` between -π and π.
fn sine(radians: i128) -> i128 {
    let (mut term, mut sum, mut rank) = (radians, radians, 1);
    while term != 0 {
        term = -term * radians / ONE * radians / ONE / ((rank + 1) * (rank + 2));
        sum += term;
        rank += 2;
    }
    sum
}

fn cosine(radians: i128) -> i128 {
    sine(PI / 2 - radians.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Position {
        Position::parse(text).unwrap()
    }

    #[test]
    fn degrees_are_written_as_they_were_read() {
        for text in ["50.27875", "-1.5", "0", "43.52609", "5.4142312", "-180", "180", "0.0000001", "-0.5"] {
            assert_eq!(Degrees::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Degrees::parse("50.27874999999").unwrap().to_string(), "50.27875");
        assert_eq!(Degrees::parse("50.10").unwrap().to_string(), "50.1");
        for wrong in ["", "-", ".5", "5.", "181", "50,2", "+5", "5e1", "NaN", "1.2.3", "--1", "５"] {
            assert_eq!(Degrees::parse(wrong), Err(Malformed::Degrees), "{wrong}");
        }
        assert!(Position::parse("90.0000001,0").is_err() && Position::parse("50").is_err());
    }

    /// Against distances that others have calculated on the same sphere.
    #[test]
    fn distances_are_those_of_the_haversine() {
        let (maubeuge, lille) = (at("50.27875,3.97267"), at("50.63297,3.05858"));
        let metres = maubeuge.metres_to(lille);
        assert!((75_700..75_900).contains(&metres), "{metres}");
        assert_eq!(metres, lille.metres_to(maubeuge));
        assert_eq!(maubeuge.metres_to(maubeuge), 0);
        let degree = at("50,3").metres_to(at("51,3"));
        assert_eq!(degree, 111_195);
        let step = at("50.27875,3.97267").metres_to(at("50.27884,3.97267"));
        assert!((9..=11).contains(&step), "{step}");
        // Paris to Marseille, and across the date line.
        let far = at("48.85341,2.3488").metres_to(at("43.29695,5.38107"));
        assert!((660_000..662_000).contains(&far), "{far}");
        assert_eq!(at("0,179.5").metres_to(at("0,-179.5")), degree);
    }

    #[test]
    fn a_middle_lies_between() {
        assert_eq!(Position::middle(&[at("50,3"), at("51,4")]), Some(at("50.5,3.5")));
        assert_eq!(Position::middle(&[]), None);
    }
}
