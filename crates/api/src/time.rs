//! Times of requests and replies, in seconds since 1970, UTC.

/// The time of a text such as `2026-01-02T03:04:05Z` or `20260102T030405Z`.
pub fn of_text(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let well = text.chars().all(|c| c.is_ascii_digit() || "-:TZ.".contains(c)) && text.ends_with('Z');
    let number = |from: usize, length: usize| digits.get(from..from + length)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 2)?, number(6, 2)?);
    let (hour, minute, second) = (number(8, 2)?, number(10, 2)?, number(12, 2)?);
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    (well && fits).then(|| days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// `2026-01-02T03:04:05Z`.
pub fn at_second(time: i64) -> String {
    let (year, month, day) = date(time.div_euclid(86_400));
    let second = time.rem_euclid(86_400);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}

/// `2026-01-02T03:04Z`.
pub(crate) fn at_minute(time: i64) -> String {
    let text = at_second(time);
    format!("{}Z", &text[..16])
}

/// The days from 1970 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day counted from 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * shifted + 2) / 5 + 1, (shifted + 2) % 12 + 1);
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-02T03:04:05Z", 1_767_323_045),
            ("2024-02-29T23:59:59Z", 1_709_251_199),
            ("2999-12-31T16:00:00Z", 32_503_651_200),
        ] {
            assert_eq!((of_text(text), at_second(seconds)), (Some(seconds), text.to_owned()));
        }
        assert_eq!(of_text("20260102T030405Z"), Some(1_767_323_045));
        assert_eq!(at_minute(1_767_323_045), "2026-01-02T03:04Z");
        for wrong in
            ["", "2026", "2026-13-02T03:04:05Z", "2026-01-02T03:04:05", "next Monday Z", "2026-01-02T25:04:05Z"]
        {
            assert_eq!(of_text(wrong), None, "{wrong}");
        }
    }
}
