//! The locale of a request.

use super::attributes::Attributes;

/// The locale that a request works with: its own if it has one, else the catalog's default. `None` if the catalog
/// translates nothing: locales are not looked at then.
pub(crate) fn effective_locale<'a>(attributes: &'a Attributes, requested: Option<&'a str>) -> Option<&'a str> {
    if attributes.locale_map.is_empty() && attributes.locale_str_map.is_empty() {
        return None;
    }
    Some(requested.filter(|locale| !locale.is_empty()).unwrap_or(&attributes.default_locale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::catalog::attributes_from;

    #[test]
    fn a_request_names_its_locale_or_takes_the_catalogs() {
        let attributes = attributes_from("LocaleMap=en,_E\nDefaultLocale=en");
        assert_eq!(effective_locale(&attributes, Some("de")), Some("de"));
        assert_eq!(effective_locale(&attributes, Some("")), Some("en"));
        assert_eq!(effective_locale(&attributes, None), Some("en"));
        assert_eq!(effective_locale(&attributes_from("LocaleStrMap=en,E"), None), Some(""));
        assert_eq!(effective_locale(&attributes_from("DefaultLocale=en"), Some("de")), None);
    }
}
