//! Resolutions of files, which count pixels per metre or per inch.

/// Thousandths of a dot per inch, of pixels per metre; `None` if it is none.
pub(in crate::imaging::codec) fn of_metres(per_metre: u32) -> Option<u32> {
    let per_metre = u64::from(per_metre);
    // Whole dots per inch come back as such: 2835 pixels per metre, which are 72.009, were 72.
    let whole = (per_metre * 254 + 5000) / 10_000;
    let milli = if (whole * 10_000 + 127) / 254 == per_metre { whole * 1000 } else { (per_metre * 254 + 5) / 10 };
    u32::try_from(milli).ok().filter(|&milli| milli > 0)
}
