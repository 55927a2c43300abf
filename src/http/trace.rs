//! The name of a request: the caller's own if it is fit to stand in a log, else one of ours. What never lives here:
//! the log.

use actix_web::http::header::HeaderMap;

/// Characters of a name from outside at most.
const LONGEST: usize = 64;

/// The name that the caller gave: `X-Request-Id`, else the trace of a W3C `traceparent`. Anything of another shape is
/// passed over: a name stands in the log, in the answer and on what a person reads out over the telephone.
pub(super) fn given(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let request = text("x-request-id").filter(|name| is_name(name));
    request.or_else(|| text("traceparent").and_then(trace)).map(str::to_owned)
}

fn is_name(name: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.".contains(&c);
    (8..=LONGEST).contains(&name.len()) && name.bytes().all(plain)
}

/// The second part of `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`; all zeros are no name.
fn trace(parent: &str) -> Option<&str> {
    let mut parts = parent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lower_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
    };
    let shaped = lower_hex(version, 2) && lower_hex(trace, 32) && lower_hex(span, 16) && lower_hex(flags, 2);
    let known = version != "ff" && (version != "00" || parts.next().is_none());
    let nothing = |text: &str| text.bytes().all(|c| c == b'0');
    (shaped && known && !nothing(trace) && !nothing(span)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn named(headers: &[(&'static str, &'static str)]) -> Option<String> {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        given(&headers.iter().map(pair).collect())
    }

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_name_of_a_plain_shape_is_kept_and_the_answers_own_header_comes_first() {
        assert_eq!(named(&[("x-request-id", "guichet-12_3.4")]).unwrap(), "guichet-12_3.4");
        assert_eq!(named(&[("traceparent", PARENT)]).unwrap(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(named(&[("traceparent", PARENT), ("x-request-id", "guichet-1")]).unwrap(), "guichet-1");
        assert_eq!(named(&[("traceparent", PARENT), ("x-request-id", "no good")]).unwrap().len(), 32);
        let later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more";
        assert_eq!(named(&[("traceparent", later)]).unwrap(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn what_could_confuse_a_log_is_passed_over() {
        let long = "a".repeat(LONGEST + 1).leak();
        for wrong in ["", "short", "with space", "line\"quote\"", "{braces-}", "héron-au-bord", long] {
            let value = HeaderValue::from_bytes(wrong.as_bytes()).unwrap();
            let headers: HeaderMap = [(HeaderName::from_static("x-request-id"), value)].into_iter().collect();
            assert_eq!(given(&headers), None, "{wrong}");
        }
        for wrong in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert_eq!(named(&[("traceparent", wrong)]), None, "{wrong}");
        }
    }
}
