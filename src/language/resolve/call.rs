//! A request read as far as it goes without its objects: which catalog, which commands, what is asked for.

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::language::catalog::{Caller, Catalog, Catalogs, Object, RequestObfuscation};
use crate::language::request::{
    Commands, Modifier, ObjectPath, RawRequest, ReplyFormat, Req, Value, Variables, check_handler, is_known,
    parse_modifiers, refers, unknown_commands, unlocked, without_lock,
};

use super::applicable::applicable;
use super::check;
use super::expand::expand;

/// The modifiers of a request, after its catalog has had its say about lock and obfuscation (`protocol.md` §1.3), and
/// whether the request carries a valid lock.
///
/// # Errors
///
/// The query is not locked or obfuscated as the catalog demands, or a bracket is never closed.
pub(crate) fn open(request: &RawRequest, catalogs: &Catalogs) -> Result<(Vec<Modifier>, bool)> {
    let attributes = &catalogs.main(&request.object).attributes;
    let obfuscated = attributes.request_obfuscation != RequestObfuscation::Off;
    let query = unlocked(&request.query, attributes.request_lock, obfuscated)?;
    // An object of another catalog may demand the lock that this catalog does not ask for.
    let unasked = if attributes.request_lock { None } else { without_lock(&query) };
    let locked = attributes.request_lock || unasked.is_some();
    Ok((parse_modifiers(unasked.unwrap_or(&query))?, locked))
}

/// A request whose macros are expanded.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) main: Arc<Catalog>,
    pub(crate) path: ObjectPath,
    pub(crate) req: Req,
    /// The value of `locale=`.
    pub(crate) locale: Option<String>,
    pub(super) own: Vec<Modifier>,
}

impl Call {
    /// Bytes of its texts.
    pub(crate) fn text_len(&self) -> usize {
        let modifier = |modifier: &Modifier| match modifier {
            Modifier::Command { name, value }
            | Modifier::Nested { name, value }
            | Modifier::Variable { name, value } => name.len() + value.len(),
            Modifier::Macro(name) => name.len(),
        };
        self.path.elements.iter().map(String::len).sum::<usize>()
            + self.own.iter().map(|own| modifier(own) + size_of::<Modifier>()).sum::<usize>()
    }

    /// Reads a request of some modifiers.
    ///
    /// # Errors
    ///
    /// A macro is not known, `req=` is malformed, or so is the `handler=` of a JSON reply.
    pub(crate) fn read(path: ObjectPath, modifiers: Vec<Modifier>, catalogs: &Catalogs) -> Result<Self> {
        let main = Arc::clone(catalogs.main(&path));
        let own = expand(catalogs, &main, modifiers)?;
        let mut call = Self { main, path, req: Req::IMG, locale: None, own };
        if let Some(req) = call.value("req")? {
            call.req = Req::parse(&req).map_err(|reason| Error::request("req", reason))?;
        }
        call.locale = call.value("locale")?;
        // Other replies call no function.
        if call.req.format == ReplyFormat::Json
            && let Some(handler) = call.value("handler")?
        {
            check_handler(&handler).map_err(|reason| Error::request("handler", reason))?;
        }
        Ok(call)
    }

    /// What the request says about how it is answered, macros expanded and variables substituted.
    pub(crate) fn about_reply(&self) -> Result<Vec<Modifier>> {
        let mut about = Vec::new();
        for name in ["req", "handler", "id"] {
            if let Some(value) = self.value(name)? {
                about.push(Modifier::Command { name: name.to_owned(), value });
            }
        }
        Ok(about)
    }

    /// A request of which only the path can be read, taken as one for a picture.
    pub(crate) fn unread(path: ObjectPath, catalogs: &Catalogs) -> Self {
        let main = Arc::clone(catalogs.main(&path));
        Self { main, path, req: Req::IMG, locale: None, own: Vec::new() }
    }

    /// The request's own last value of a command, in lower case, its own variables substituted.
    pub(crate) fn value(&self, command: &str) -> Result<Option<String>> {
        let found =
            self.own.iter().rfind(|modifier| matches!(modifier, Modifier::Command { name, .. } if name == command));
        let Some(modifier) = found else { return Ok(None) };
        let mut variables = Variables::default();
        variables.define_all(&self.own);
        Ok(match variables.substituted(vec![modifier.clone()])?.pop() {
            Some(Modifier::Command { value, .. }) => Some(value),
            _ => None,
        })
    }

    /// The object of the path, if it names one.
    ///
    /// # Errors
    ///
    /// The path is neither an id nor a legal file path, or the locale is not known; or a catalog refuses the caller.
    pub(crate) fn object(&self, catalogs: &Catalogs, caller: Caller) -> Result<Option<Object>> {
        catalogs.path_object(&self.path, self.locale.as_deref(), caller)
    }

    /// `req=validate`: reads the commands as for a picture, without looking at objects and variables.
    ///
    /// # Errors
    ///
    /// What is wrong with the request.
    pub(crate) fn validate(&self) -> Result<()> {
        let plain: Vec<Modifier> = self
            .own
            .iter()
            .filter(|modifier| match modifier {
                Modifier::Command { name, value } => name != "req" && !refers(value),
                _ => true,
            })
            .cloned()
            .collect();
        check(Req::IMG.kind, &Commands::parse(&applicable(Req::IMG.kind, plain))?)
    }

    /// The names of commands that are not known, macros expanded: the first 32.
    pub(crate) fn unknown_commands(&self) -> Vec<&str> {
        unknown_commands(&self.own)
    }

    /// The same object without any command but `locale=`.
    pub(crate) fn bare(&self) -> Self {
        let is_locale = |modifier: &&Modifier| matches!(modifier, Modifier::Command { name, .. } if name == "locale");
        Self { own: self.own.iter().filter(is_locale).cloned().collect(), req: Req::IMG, ..self.clone() }
    }

    /// A `req=map` that delivers the map of the composite. Where no command that shapes a picture stands in the request
    /// itself, it delivers the record's map as it is (`responses.md` §4.3).
    pub(crate) fn is_composite_map(&self) -> bool {
        self.req.kind == crate::language::request::Kind::Map && !self.is_plain()
    }

    /// No command that shapes a picture stands in the request itself.
    fn is_plain(&self) -> bool {
        const SILENT: [&str; 8] = ["req", "id", "locale", "handler", "cache", "sig", "exp", "kid"];
        self.own.iter().all(|modifier| match modifier {
            // An unknown command shapes nothing: it may be a lock that the catalog does not ask for.
            Modifier::Command { name, .. } => SILENT.contains(&name.as_str()) || !is_known(name),
            Modifier::Variable { .. } => true,
            Modifier::Nested { .. } | Modifier::Macro(_) => false,
        })
    }
}
