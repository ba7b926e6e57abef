//! Moments as replies write them (`responses.md` §2.1, §3.2).

use std::ops::Range;
use std::time::{Duration, SystemTime};

/// The time stamp line of property lists: `EEE MMM dd HH:mm:ss zzz yyyy` in UTC, `Mon Jul 25 17:28:32 UTC 2014`.
pub(crate) fn stamp(now: SystemTime) -> String {
    let date = http_date(now);
    let part = |columns: Range<usize>| date.get(columns).unwrap_or("");
    format!("{} {} {} {} UTC {}", part(0..3), part(8..11), part(5..7), part(17..25), part(12..16))
}

/// `mm/dd/yyyy hh:mm:ss GMT`, which catalogs read as a TimeStamp (`catalog.md` §8).
pub(crate) fn time_stamp(moment: SystemTime) -> String {
    let date = http_date(moment);
    let part = |columns: Range<usize>| date.get(columns).unwrap_or("");
    let month = MONTHS.iter().position(|name| *name == part(8..11)).map_or(0, |index| index + 1);
    format!("{month:02}/{}/{} {} GMT", part(5..7), part(12..16), part(17..25))
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date in fixed columns: `Mon, 25 Jul 2014 17:28:32 GMT`.
fn http_date(moment: SystemTime) -> String {
    // What such dates can express: years 1970 to 9999.
    let latest = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    httpdate::fmt_http_date(moment.clamp(SystemTime::UNIX_EPOCH, latest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        let at = |seconds| stamp(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "Thu Jan 01 00:00:00 UTC 1970");
        assert_eq!(at(1_406_309_312), "Fri Jul 25 17:28:32 UTC 2014");
        assert_eq!(at(9_999_999_999_999), "Fri Dec 31 23:59:59 UTC 9999");
        assert_eq!(stamp(SystemTime::UNIX_EPOCH - Duration::from_secs(5)), "Thu Jan 01 00:00:00 UTC 1970");
    }

    #[test]
    fn time_stamps_of_every_month() {
        let at = |seconds| time_stamp(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "01/01/1970 00:00:00 GMT");
        assert_eq!(at(1_406_309_312), "07/25/2014 17:28:32 GMT");
        let months: Vec<_> = (0..12).map(|month| at(1_767_225_600 + month * 2_678_400)[..2].to_owned()).collect();
        // From the first of January 2026 in steps of 31 days.
        let expected: Vec<_> = (1..=12).map(|month| format!("{month:02}")).collect();
        assert_eq!(months, expected);
    }
}
