//! Attributes that say who may reach what, and where: `AllowDirectAccess`, `ClientAddressFilter`, paths and URLs
//! (`catalog.md` §11.1–11.3).

use std::net::{IpAddr, Ipv4Addr};

use super::value::CatalogValue;

/// Kinds of objects that may be reached by the path of their file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Images.
    Is,
    /// Static content.
    Static,
    /// Vector drawings.
    Svg,
}

/// What may be reached by a path: `[include:|exclude:]list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AllowDirectAccess {
    is: bool,
    static_content: bool,
    svg: bool,
}

impl AllowDirectAccess {
    pub(super) const EVERYTHING: Self = Self { is: true, static_content: true, svg: true };

    pub(crate) const fn allows(self, access: Access) -> bool {
        match access {
            Access::Is => self.is,
            Access::Static => self.static_content,
            Access::Svg => self.svg,
        }
    }
}

impl CatalogValue for AllowDirectAccess {
    fn read(text: &str) -> Option<Self> {
        let (keyword, list) = text.split_once(':').unwrap_or(("include", text));
        let listed = match keyword.trim_matches(' ').to_ascii_lowercase().as_str() {
            "include" => true,
            "exclude" => false,
            _ => return None,
        };
        let mut allowed = Self { is: !listed, static_content: !listed, svg: !listed };
        for name in list.split(',').map(|name| name.trim_matches(' ')).filter(|name| !name.is_empty()) {
            match name.to_ascii_uppercase().as_str() {
                "IS" => allowed.is = listed,
                "STATIC" => allowed.static_content = listed,
                "SVG" => allowed.svg = listed,
                // Kinds that this engine does not serve.
                "FXG" | "FLA" | "IR_VNT" | "IR_MAT" => {}
                _ => return None,
            }
        }
        Some(allowed)
    }

    fn canonical(&self) -> String {
        let names = [("IS", self.is), ("STATIC", self.static_content), ("SVG", self.svg)];
        names.into_iter().filter(|(_, allowed)| *allowed).map(|(name, _)| name).collect::<Vec<_>>().join(",")
    }
}

/// Clients that are served: a list of `a.b.c.d[/n]`, where n leading bits count (32 if absent).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientAddressFilter(Vec<(u32, u32)>);

impl ClientAddressFilter {
    /// `0.0.0.0/0`
    pub(super) fn everybody() -> Self {
        Self(vec![(0, 0)])
    }

    /// Every address passes.
    pub(crate) fn is_open(&self) -> bool {
        self.0.contains(&(0, 0))
    }

    /// IPv6 addresses pass only where everybody does; those that stand for an IPv4 address count as that.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(address) => self.0.iter().any(|(network, mask)| address.to_bits() & mask == *network),
            IpAddr::V6(_) => self.is_open(),
        }
    }
}

impl CatalogValue for ClientAddressFilter {
    fn read(text: &str) -> Option<Self> {
        let network = |text: &str| {
            let (address, bits) = text.split_once('/').unwrap_or((text, "32"));
            let bits: u32 = bits.trim_matches(' ').parse().ok().filter(|bits| *bits <= 32)?;
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            let address: Ipv4Addr = address.trim_matches(' ').parse().ok()?;
            Some((address.to_bits() & mask, mask))
        };
        text.split(',').map(network).collect::<Option<_>>().map(Self)
    }

    fn canonical(&self) -> String {
        let network = |(network, mask): &(u32, u32)| format!("{}/{}", Ipv4Addr::from_bits(*network), mask.count_ones());
        self.0.iter().map(network).collect::<Vec<_>>().join(",")
    }
}

/// A folder below the one that replies may be saved in; empty: nothing is saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SavePath(pub(crate) String);

impl CatalogValue for SavePath {
    fn read(text: &str) -> Option<Self> {
        let inside = text.split('/').all(|name| !name.is_empty() && !name.bytes().all(|c| c == b'.'));
        let plain = !text.contains(['\\', '\0', ':']);
        (text.is_empty() || inside && plain).then(|| Self(text.to_owned()))
    }
    fn canonical(&self) -> String {
        self.0.clone()
    }
}

/// The URL that relative ones are relative to, with its protocol; empty: there are none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RootUrl(pub(crate) String);

impl CatalogValue for RootUrl {
    fn read(text: &str) -> Option<Self> {
        let protocol = text.split_once("://").map(|(protocol, _)| protocol.to_ascii_lowercase());
        let known = matches!(protocol.as_deref(), Some("http" | "https" | "ftp"));
        (text.is_empty() || known).then(|| Self(text.to_owned()))
    }
    fn canonical(&self) -> String {
        self.0.clone()
    }
}

/// The suffix of paths that have none, with its dot; empty: they stay without.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct DefaultExt(String);

impl DefaultExt {
    pub(super) fn tif() -> Self {
        Self(".tif".to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl CatalogValue for DefaultExt {
    fn read(text: &str) -> Option<Self> {
        let suffix = text.strip_prefix('.').is_some_and(|rest| !rest.is_empty() && !rest.contains(['/', '\\', '\0']));
        (text.is_empty() || suffix).then(|| Self(text.to_owned()))
    }
    fn canonical(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direct_access_is_a_set() {
        // Text, and what it allows of IS, STATIC and SVG.
        let cases = [
            ("", [false; 3]),
            ("IS", [true, false, false]),
            ("include: is , Static", [true, true, false]),
            ("include:", [false; 3]),
            ("exclude:", [true; 3]),
            ("EXCLUDE:SVG,IR_VNT,IR_MAT,FXG,FLA", [true, true, false]),
            ("exclude:IS,STATIC,SVG", [false; 3]),
        ];
        for (text, expected) in cases {
            let allowed = AllowDirectAccess::read(text).unwrap();
            assert_eq!([Access::Is, Access::Static, Access::Svg].map(|a| allowed.allows(a)), expected, "{text:?}");
            assert_eq!(AllowDirectAccess::read(&allowed.canonical()), Some(allowed));
        }
        assert_eq!(AllowDirectAccess::read("everything"), None);
        assert_eq!(AllowDirectAccess::read("only:IS"), None);
    }

    #[test]
    fn client_addresses_are_compared_by_their_leading_bits() {
        let allows =
            |filter: &str, address: &str| ClientAddressFilter::read(filter).unwrap().allows(address.parse().unwrap());
        let house = "192.168.12.0/23";
        for (address, expected) in [
            ("192.168.11.255", false),
            ("192.168.12.0", true),
            ("192.168.13.255", true),
            ("192.168.14.0", false),
            ("::ffff:192.168.12.7", true),
            ("::1", false),
        ] {
            assert_eq!(allows(house, address), expected, "{address}");
        }
        assert!(allows("10.0.0.1, 10.0.0.3/32", "10.0.0.3") && !allows("10.0.0.1,10.0.0.3", "10.0.0.2"));
        assert!(allows("10.0.0.1,0.0.0.0/0", "2001:db8::1") && allows("0.0.0.0/0", "255.255.255.255"));
        assert!(allows("192.168.13.9/23", "192.168.12.1"), "bits behind the mask do not count");
        for text in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::1", "10.0.0.1 10.0.0.2", "a"] {
            assert_eq!(ClientAddressFilter::read(text), None, "{text:?}");
        }
        assert_eq!(
            ClientAddressFilter::read("192.168.13.9/23,1.2.3.4").unwrap().canonical(),
            "192.168.12.0/23,1.2.3.4/32"
        );
    }

    #[test]
    fn saving_stays_below_its_root() {
        for text in ["", "a", "a/b.c", "..a"] {
            assert!(SavePath::read(text).is_some(), "{text:?}");
        }
        for text in ["/a", "..", "a/../b", "a//b", "a/", ".", "a\\b", "c:/x", "a\0"] {
            assert_eq!(SavePath::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn urls_have_a_protocol_and_suffixes_a_dot() {
        for (text, legal) in [
            ("", true),
            ("HTTP://a/b", true),
            ("https://a", true),
            ("ftp://a", true),
            ("file:///etc", false),
            ("a", false),
        ] {
            assert_eq!(RootUrl::read(text).is_some(), legal, "{text:?}");
        }
        for (text, legal) in [("", true), (".tif", true), ("tif", false), (".", false), (".a/b", false)] {
            assert_eq!(DefaultExt::read(text).is_some(), legal, "{text:?}");
        }
    }
}
