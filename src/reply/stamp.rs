//! The time stamp line of property lists (`responses.md` §2.1).

use std::time::{Duration, SystemTime};

/// `EEE MMM dd HH:mm:ss zzz yyyy` in UTC: `Mon Jul 25 17:28:32 UTC 2014`.
pub(crate) fn stamp(now: SystemTime) -> String {
    // What HTTP dates can express: years 1970 to 9999.
    let latest = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    let date = httpdate::fmt_http_date(now.clamp(SystemTime::UNIX_EPOCH, latest));
    // Fixed columns: `Mon, 25 Jul 2014 17:28:32 GMT`.
    let part = |columns: std::ops::Range<usize>| date.get(columns).unwrap_or("");
    format!("{} {} {} {} UTC {}", part(0..3), part(8..11), part(5..7), part(17..25), part(12..16))
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
}
