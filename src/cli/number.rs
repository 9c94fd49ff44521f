//! Numbers as arguments.

use super::messages::usage::Said;
use crate::message::Message;
use crate::msg;

/// The least and the most data of an echo request: more than an IP packet holds cannot be sent, and less than 8 bytes
/// cannot be recognized.
pub(super) const MOST_DATA: (u16, u16) = (8, 65507);

/// A parser of a number from `least` to `most`.
pub(super) fn number<T>(least: T, most: T) -> impl Fn(&str) -> Result<T, Message> + Clone
where
    T: TryFrom<i128> + Into<i128> + Copy,
{
    move |text| {
        let number: i128 = text.parse().map_err(|_| msg!(Said::NoNumber))?;
        let in_range = (least.into()..=most.into()).contains(&number);
        let wrong = || msg!(Said::NotInRange { number, least: least.into(), most: most.into() });
        T::try_from(number).ok().filter(|_| in_range).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_in_its_range() {
        let parse = number(1u32, 4000);
        assert_eq!((parse("1"), parse("4000")), (Ok(1), Ok(4000)));
        assert_eq!(parse("0").unwrap_err(), "0 is not in 1..=4000");
        assert_eq!(parse("99999999999").unwrap_err(), "99999999999 is not in 1..=4000");
        assert_eq!(parse("-1").unwrap_err(), "-1 is not in 1..=4000");
        for text in ["", "many", "1.5", "1e3"] {
            assert_eq!(parse(text).unwrap_err(), msg!(Said::NoNumber), "{text}");
        }
    }
}
