//! Time stamps (`catalog.md` §8).

use std::fmt;
use std::time::{Duration, SystemTime};

/// A moment of the years 1 to 9999, in milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimeStamp(i64);

const SECOND: i64 = 1000;
const DAY: i64 = 86_400 * SECOND;

/// Zone codes and their offsets in hours; summer time is in the code.
const ZONES: [(&str, i64); 14] = [
    ("GMT", 0),
    ("UTC", 0),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
    ("CET", 1),
    ("CEST", 2),
    ("BST", 1),
    ("JST", 9),
];

impl TimeStamp {
    const FIRST: i64 = days(1, 1, 1) * DAY;
    const END: i64 = days(10_000, 1, 1) * DAY;

    fn new(millis: i64) -> Option<Self> {
        (Self::FIRST..Self::END).contains(&millis).then_some(Self(millis))
    }

    /// Reads milliseconds, or `mm/dd/yyyy hh:mm:ss` with a zone code or with `GMT` and an offset in hours or
    /// hours:minutes. `None` if malformed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(' ');
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()) {
            return text.parse().ok().and_then(Self::new);
        }
        let (date, rest) = text.split_once(' ')?;
        let (clock, zone) = rest.trim_start_matches(' ').split_once(' ')?;
        let [month, day, year] = numbers(date, '/', [2, 2, 4])?;
        let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
        let legal = (1..=12).contains(&month)
            && (1..=9999).contains(&year)
            && (1..=days_of(year, month)).contains(&day)
            && (hour, minute, second) < (24, 0, 0)
            && minute < 60
            && second < 60;
        if !legal {
            return None;
        }
        let local = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        Self::new((local - offset(zone)? * 60) * SECOND)
    }

    /// The stamp of a file; moments outside the years 1 to 9999 count as the nearest of them.
    pub(crate) fn of(time: SystemTime) -> Self {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let since = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => millis(after),
            Err(before) => -millis(before.duration()),
        };
        Self(since.clamp(Self::FIRST, Self::END - 1))
    }

    /// This moment for the clocks of the system.
    pub(crate) fn system_time(self) -> SystemTime {
        let span = Duration::from_millis(self.0.unsigned_abs());
        let time = if self.0 < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(span)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(span)
        };
        time.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// The newest of several stamps; `None` of none.
    pub(crate) fn newest(stamps: impl IntoIterator<Item = Self>) -> Option<Self> {
        stamps.into_iter().max()
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub(crate) const fn millis(self) -> i64 {
        self.0
    }
}

impl fmt::Display for TimeStamp {
    /// `mm/dd/yyyy hh:mm:ss GMT`; milliseconds are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0.div_euclid(DAY));
        let second = self.0.rem_euclid(DAY) / SECOND;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{month:02}/{day:02}/{year:04} {hour:02}:{minute:02}:{second:02} GMT")
    }
}

/// Three numbers of at most so many digits.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.is_empty() || part.len() > digits || !part.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Minutes that a zone is ahead of GMT.
fn offset(zone: &str) -> Option<i64> {
    let zone = zone.trim_matches(' ');
    if let Some((_, hours)) = ZONES.iter().find(|(code, _)| code.eq_ignore_ascii_case(zone)) {
        return Some(hours * 60);
    }
    let (code, rest) = zone.split_at_checked(3)?;
    if !code.eq_ignore_ascii_case("GMT") {
        return None;
    }
    let rest = rest.trim_start_matches(' ');
    let (sign, rest) = match rest.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let [hours, minutes, _] = numbers(&format!("{rest}{}:0", if rest.contains(':') { "" } else { ":0" }), ':', [2; 3])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
///
/// Years run from March, so that the leap day is the last of its year: 365·y + y/4 − y/100 + y/400 days lie before year
/// y, and (153·m + 2)/5 days before its month m, which counts from 0. 1970-01-01 is 719,468 days after 0000-03-01.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day
        - 1
        - 719_468
}

/// Year, month and day of days since 1970-01-01.
fn date(since: i64) -> (i64, i64, i64) {
    // 400 years have 146,097 days. A guess by their mean is wrong by one at most.
    let mut year = (since * 400).div_euclid(146_097) + 1970 + 1;
    while days(year, 1, 1) > since {
        year -= 1;
    }
    let mut month = 12;
    while days(year, month, 1) > since {
        month -= 1;
    }
    (year, month, since - days(year, month, 1) + 1)
}

/// The length of a month.
const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        12 => 31,
        _ => days(year, month + 1, 1) - days(year, month, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_is_read() {
        let cases = [
            ("0", "01/01/1970 00:00:00 GMT"),
            ("1406334512999", "07/26/2014 00:28:32 GMT"),
            ("-1", "12/31/1969 23:59:59 GMT"),
            ("07/25/2014 17:28:32 PDT", "07/26/2014 00:28:32 GMT"),
            ("7/5/2014 7:08:02 PST", "07/05/2014 15:08:02 GMT"),
            ("07/25/2014 17:28:32 GMT -7", "07/26/2014 00:28:32 GMT"),
            ("07/25/2014 17:28:32 GMT-7:30", "07/26/2014 00:58:32 GMT"),
            ("07/25/2014 17:28:32 GMT +5:30", "07/25/2014 11:58:32 GMT"),
            ("07/25/2014 17:28:32 GMT 2", "07/25/2014 15:28:32 GMT"),
            (" 02/29/2000 00:00:00 gmt ", "02/29/2000 00:00:00 GMT"),
            ("12/31/1999 23:59:59 UTC", "12/31/1999 23:59:59 GMT"),
            ("01/01/2024 00:00:00 JST", "12/31/2023 15:00:00 GMT"),
            ("01/01/2024 00:00:00 CEST", "12/31/2023 22:00:00 GMT"),
        ];
        for (text, expected) in cases {
            assert_eq!(TimeStamp::parse(text).map(|stamp| stamp.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn every_zone_has_its_offset() {
        let hours = |zone: &str| {
            let at = |zone: &str| TimeStamp::parse(&format!("06/01/2020 12:00:00 {zone}")).unwrap().millis();
            (at("GMT") - at(zone)) / 3_600_000
        };
        let expected = [0, 0, -5, -4, -6, -5, -7, -6, -8, -7, 1, 2, 1, 9];
        assert_eq!(ZONES.map(|(zone, _)| hours(zone)), expected);
    }

    #[test]
    fn malformed_stamps_are_none() {
        for text in [
            "",
            "-",
            "1.5",
            "07/25/2014",
            "07/25/2014 17:28:32",
            "07/25/2014 17:28 GMT",
            "13/01/2014 00:00:00 GMT",
            "00/01/2014 00:00:00 GMT",
            "02/29/2014 00:00:00 GMT",
            "02/29/1900 00:00:00 GMT",
            "01/32/2014 00:00:00 GMT",
            "01/00/2014 00:00:00 GMT",
            "01/01/2014 24:00:00 GMT",
            "01/01/2014 00:60:00 GMT",
            "01/01/2014 00:00:60 GMT",
            "01/01/0000 00:00:00 GMT",
            "01/01/2014 00:00:00 XYZ",
            "01/01/2014 00:00:00 PST -7",
            "01/01/2014 00:00:00 GMT -24",
            "01/01/2014 00:00:00 GMT 1:60",
            "01/01/2014 00:00:00 GMT 1:2:3",
            "01/01/2014 00:00:00 é",
            "2014/01/01 00:00:00 GMT",
            "99999999999999999999",
            "999999999999999999",
        ] {
            assert_eq!(TimeStamp::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_newest_wins() {
        let stamps = ["5", "9", "7"].map(|text| TimeStamp::parse(text).unwrap());
        assert_eq!(TimeStamp::newest(stamps).unwrap().millis(), 9);
        assert_eq!(TimeStamp::newest([]), None);
    }

    #[test]
    fn every_day_of_a_calendar_cycle_and_its_ends() {
        let (mut year, mut month, mut day) = (1599, 1, 1);
        for since in days(1599, 1, 1)..days(2001, 1, 1) {
            assert_eq!(date(since), (year, month, day));
            assert_eq!(days(year, month, day), since);
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!(TimeStamp(TimeStamp::FIRST).to_string(), "01/01/0001 00:00:00 GMT");
        assert_eq!(TimeStamp(TimeStamp::END - 1).to_string(), "12/31/9999 23:59:59 GMT");
    }

    proptest! {
        #[test]
        fn printing_and_reading_round_trip(seconds in TimeStamp::FIRST / SECOND..TimeStamp::END / SECOND) {
            let stamp = TimeStamp(seconds * SECOND);
            prop_assert_eq!(TimeStamp::parse(&stamp.to_string()), Some(stamp));
            prop_assert_eq!(TimeStamp::of(stamp.system_time()), stamp);
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = TimeStamp::parse(&text);
        }
    }
}
