//! Macros and variables (`protocol.md` §1.5, §1.6): from what a request and its records say to what is meant.

use crate::base::error::{Error, ErrorKind, Result};
use crate::language::catalog::{Catalog, Catalogs, MacroRef};
use crate::language::request::{Modifier, parse_modifiers};

/// The most modifiers that a query or a record's Modifier may expand to, macros included.
const MAX_MODIFIERS: usize = 4096;

/// How deep macros may call each other.
const MAX_DEPTH: usize = 64;

/// Expands macro calls in place. A body calls only macros that are defined before it or in the default catalog, so this
/// comes to an end; the number of modifiers is bounded all the same, since bodies can double at every step.
///
/// # Errors
///
/// A macro is not known, or the modifiers become too many.
pub(super) fn expand(catalogs: &Catalogs, catalog: &Catalog, modifiers: Vec<Modifier>) -> Result<Vec<Modifier>> {
    let mut expander = Expander { catalogs, catalog, out: Vec::with_capacity(modifiers.len()), calls: 0 };
    expander.all(None, modifiers, 0)?;
    Ok(expander.out)
}

struct Expander<'a> {
    catalogs: &'a Catalogs,
    catalog: &'a Catalog,
    out: Vec<Modifier>,
    calls: usize,
}

impl Expander<'_> {
    fn all(&mut self, caller: Option<MacroRef>, modifiers: Vec<Modifier>, depth: usize) -> Result<()> {
        for modifier in modifiers {
            match modifier {
                Modifier::Macro(name) => self.call(caller, &name, depth)?,
                other => self.out.push(other),
            }
            if self.out.len().max(self.calls) > MAX_MODIFIERS {
                return Err(Error::new(ErrorKind::Limit, "has more than 4096 modifiers").at("request"));
            }
        }
        Ok(())
    }

    fn call(&mut self, caller: Option<MacroRef>, name: &str, depth: usize) -> Result<()> {
        if depth == MAX_DEPTH {
            return Err(Error::new(ErrorKind::Limit, "is nested more than 64 deep").at(&format!("${name}$")));
        }
        let found = self.catalogs.find_macro(self.catalog, caller, name);
        let (callee, body) = found.ok_or_else(|| Error::request(&format!("${name}$"), "is not a known macro"))?;
        self.calls += 1;
        let modifiers = parse_modifiers(body).map_err(|error| {
            Error::new(ErrorKind::Catalog, "is a macro that cannot be used")
                .at(&format!("${name}$"))
                .with_detail(&error)
        })?;
        self.all(Some(callee), modifiers, depth + 1)
    }
}
