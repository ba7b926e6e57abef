//! From a call to the picture it asks for: records' Modifiers and PostModifiers, templates, source, mask, defaults
//! (`protocol.md` §1.7, §5.3).

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::scene::{Content, InputId};
use crate::language::catalog::{
    Caller, Catalog, Catalogs, DefaultImageMode, Hours, NamedBy, Object, Record, TimeStamp,
};
use crate::language::request::{Commands, Modifier, Req, RequestCommands, Variables, escaped, parse_modifiers, refers};

use super::applicable::applicable;
use super::expand::expand;
use super::input::{Input, Role};
use super::profiles::{Spaces, spaces};
use super::scene::{Setting, Thumbs, resolution, scene};
use super::{Call, Part, Resolved, check};

/// What a request keeps when the default image is composed by itself: what it asks for, and how the reply is kept.
const KEPT: [&str; 7] = ["req", "wid", "hei", "fmt", "qlt", "id", "cache"];

/// What replaces the objects that a request names.
#[derive(Debug, Clone, Default)]
struct Instead {
    /// The source of layer 0.
    source: Option<Object>,
    /// The default image, whose thumbnails are made as its own record and catalog say (`responses.md` §5.4).
    default_image: Option<Object>,
    /// Definitions that count unless the request has them.
    variables: Vec<(&'static str, String)>,
}

impl Call {
    /// Resolves a request that is about a picture.
    ///
    /// # Errors
    ///
    /// A command, in the request or in a record, is malformed or not allowed where it stands; the request names no image;
    /// or a catalog that supplies an object refuses the caller.
    pub(crate) fn picture(&self, catalogs: &Catalogs, caller: Caller) -> Result<Resolved> {
        let path = self.object(catalogs, caller)?;
        Resolver { call: self, catalogs, caller, path, instead: Instead::default() }.picture()
    }

    /// The picture with the default image in place of what is missing (`responses.md` §5.4); `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`picture`](Self::picture).
    pub(crate) fn default_picture(&self, catalogs: &Catalogs, caller: Caller) -> Result<Option<Resolved>> {
        if !self.req.kind.has_default_image() {
            return Ok(None);
        }
        let (name, by) = match self.value("defaultimage")? {
            Some(name) => (name, NamedBy::Request),
            None => (self.main.attributes.default_image.clone(), NamedBy::Operator),
        };
        if name.is_empty() {
            return Ok(None);
        }
        let image = catalogs.named_object(&self.main, &name, self.locale.as_deref(), by, caller)?;
        let own_expiration = image.record.as_ref().and_then(|record| record.expiration);
        let mut resolved = match self.main.attributes.default_image_mode {
            DefaultImageMode::Layer => {
                let path = self.object(catalogs, caller).unwrap_or_default();
                let instead =
                    Instead { source: Some(image.clone()), default_image: Some(image.clone()), ..Instead::default() };
                Resolver { call: self, catalogs, caller, path, instead }.picture()?
            }
            DefaultImageMode::Composite => {
                let kept = |modifier: &Modifier| matches!(modifier, Modifier::Command { name, .. } if KEPT.contains(&name.as_str()));
                let own = self.own.iter().filter(|modifier| kept(modifier)).cloned().collect();
                let call = Self { own, ..self.clone() };
                let path = Some(image.clone());
                let instead = Instead { default_image: Some(image.clone()), ..Instead::default() };
                Resolver { call: &call, catalogs, caller, path, instead }.picture()?
            }
        };
        resolved.default_image = Some(own_expiration);
        Ok(Some(resolved))
    }

    /// The picture that takes the place of an error (`responses.md` §5.5); `None` if the catalog has none.
    ///
    /// # Errors
    ///
    /// As [`picture`](Self::picture).
    pub(crate) fn error_picture(
        &self,
        catalogs: &Catalogs,
        caller: Caller,
        error: &Error,
        detail: &str,
    ) -> Result<Option<Resolved>> {
        let name = &self.main.attributes.error_image;
        if name.is_empty() || !self.req.kind.is_picture() {
            return Ok(None);
        }
        let locale = self.locale.as_deref();
        let path = Some(catalogs.named_object(&self.main, name, locale, NamedBy::Operator, caller)?);
        let call = Self { own: Vec::new(), req: Req::IMG, ..self.clone() };
        let variables = vec![("error.title", error.to_string()), ("error.message", detail.to_owned())];
        let instead = Instead { variables, ..Instead::default() };
        Resolver { call: &call, catalogs, caller, path, instead }.picture().map(Some)
    }
}

struct Resolver<'a> {
    call: &'a Call,
    catalogs: &'a Catalogs,
    caller: Caller,
    path: Option<Object>,
    instead: Instead,
}

impl Resolver<'_> {
    fn picture(self) -> Result<Resolved> {
        let main = &self.call.main;
        let template = match self.call.value("template")? {
            Some(name) if !name.is_empty() => Some(self.template(&name)?),
            _ => None,
        };
        // What a record says first, and what the path's record says last.
        let first = template.as_ref().or(self.path.as_ref());
        let prefix = self.modifiers(first, |record| &record.modifier)?;
        let postfix = self.modifiers(self.path.as_ref(), |record| &record.post_modifier)?;

        let mut variables = Variables::default();
        for modifiers in [&prefix, &self.call.own, &postfix] {
            variables.define_all(modifiers);
        }
        let slash = if self.call.path.in_default { "/" } else { "" };
        let object = format!("{slash}{}", self.call.path.text());
        variables.predefine("object", &object);
        for (name, value) in &self.instead.variables {
            variables.predefine(name, value);
        }
        let typed = |modifiers: &[Modifier]| self.typed(modifiers.to_vec(), &variables);

        let own = typed(&self.call.own)?;
        let prefix = of_record(typed(&prefix), first, "Modifier")?;
        let postfix = of_record(typed(&postfix), self.path.as_ref(), "PostModifier")?;
        let mut commands = own.clone().over(prefix);

        let named = postfix.layer.src.clone().or_else(|| commands.layer.src.clone());
        let source = match (&self.instead.source, named, template.clone()) {
            (Some(source), _, _) => Some(source.clone()),
            (None, Some(name), _) => Some(self.named(&name.0)?),
            (None, None, Some(template)) => Some(template),
            (None, None, None) => None,
        };
        let replaced = source.is_some();
        let source = source.or_else(|| self.path.clone());
        let source = source.ok_or_else(|| Error::new(ErrorKind::Request, "names no image").at("path"))?;
        if replaced && !is_same_record(Some(&source), template.as_ref()) {
            commands = self.with_source(commands, &source, &variables)?;
        }
        let commands = postfix.over(commands);

        let mask = match commands.layer.mask.as_ref().and_then(|mask| mask.named()) {
            Some(name) => Some(self.named(name)?),
            None => None,
        };
        let kind = self.call.req.kind;
        check(kind, &commands)?;
        let canonical = canonical(own, &self.call.own);
        let parts = self.parts(&source, mask.as_ref(), template.as_ref())?;
        let refers = |part: &Part| names_object(&part.modifier) || names_object(&part.post_modifier);
        let object = parts.iter().any(refers).then_some(object);
        let inputs = self.inputs(&source, mask.as_ref());
        let of_role = |role: Role| inputs.iter().position(|input| input.role == role).map(InputId).map(Content::File);
        let thumbs = match &self.instead.default_image {
            Some(image) => Thumbs::of(image, &image.owner.attributes),
            None => Thumbs::of(&source, &main.attributes),
        };
        let Spaces { rules, of_source, files, names, suppliers } =
            spaces(self.catalogs, main, &source, &commands, self.caller)?;
        let setting = Setting {
            kind,
            colors: rules,
            profiles: of_source,
            attributes: &main.attributes,
            source: &source,
            // The first of the list.
            content: Content::File(InputId(0)),
            mask: of_role(Role::Mask),
            thumbs,
        };
        let scene = scene(&commands, setting);
        Ok(Resolved {
            req: self.call.req,
            main: Arc::clone(main),
            name: format!("{slash}{}", self.call.path.text()),
            resolution: resolution(&source),
            source,
            inputs,
            profiles: files,
            profile_names: names,
            profile_suppliers: suppliers,
            scene,
            commands,
            variables: variables.canonical(),
            object,
            parts,
            canonical,
            thumbs,
            default_image: None,
        })
    }

    /// The commands among some modifiers that this type of request looks at.
    fn typed(&self, modifiers: Vec<Modifier>, variables: &Variables) -> Result<Commands> {
        Commands::parse(&applicable(self.call.req.kind, variables.substituted(modifiers)?))
    }

    /// The object that a command names.
    fn named(&self, name: &str) -> Result<Object> {
        let locale = self.call.locale.as_deref();
        self.catalogs.named_object(&self.call.main, name, locale, NamedBy::Request, self.caller)
    }

    /// The record that `template=` names.
    fn template(&self, name: &str) -> Result<Object> {
        let object = self.named(name)?;
        if object.record.is_none() {
            return Err(Error::request("template", "is not the id of a record"));
        }
        Ok(object)
    }

    /// The modifiers of a field of an object's record, macros expanded.
    fn modifiers(&self, object: Option<&Object>, field: impl Fn(&Record) -> &str) -> Result<Vec<Modifier>> {
        let Some((object, record)) = object.and_then(|object| Some((object, object.record.as_deref()?))) else {
            return Ok(Vec::new());
        };
        self.expanded(&object.owner, field(record)).map_err(|error| unusable(object, &error))
    }

    fn expanded(&self, catalog: &Catalog, text: &str) -> Result<Vec<Modifier>> {
        let modifiers = expand(self.catalogs, catalog, parse_modifiers(text)?)?;
        let is_template =
            |modifier: &Modifier| matches!(modifier, Modifier::Command { name, .. } if name == "template");
        if modifiers.iter().any(is_template) {
            return Err(Error::request("template", "must not stand in a record"));
        }
        Ok(modifiers)
    }

    /// Adds what the record of a source that a layer names says about that layer (`protocol.md` §1.7).
    fn with_source(&self, commands: Commands, source: &Object, variables: &Variables) -> Result<Commands> {
        let typed = |field: fn(&Record) -> &str, name: &'static str| -> Result<Commands> {
            let modifiers = self.modifiers(Some(source), field)?;
            let commands = of_record(self.typed(modifiers, variables), Some(source), name)?;
            if commands.layer.src.is_some() || commands.layer.mask.is_some() {
                let error = Error::request("src", "and mask must not stand in a record that src names");
                return Err(unusable(source, &error));
            }
            Ok(commands.of_layer())
        };
        let modifier = typed(|record| &record.modifier, "Modifier")?;
        let post_modifier = typed(|record| &record.post_modifier, "PostModifier")?;
        Ok(post_modifier.over(commands.over(modifier)))
    }

    /// The files that take part, in the order in which versions cover them; the source comes first.
    fn inputs(&self, source: &Object, mask: Option<&Object>) -> Vec<Input> {
        let mask = match mask {
            Some(mask) => mask.mask_file.as_ref().or(mask.file.as_ref()),
            None => source.mask_file.as_ref(),
        };
        let path = self.path.as_ref().filter(|path| !is_same_record(Some(path), Some(source)));
        let source = Input {
            role: Role::Source,
            name: source.name.clone(),
            file: source.file.clone(),
            declared: source.record.as_ref().and_then(|record| record.size),
        };
        let of = |role: Role, name: &str, file: &PathBuf| Input {
            role,
            name: name.to_owned(),
            file: Some(file.clone()),
            declared: None,
        };
        let mask = mask.map(|file| of(Role::Mask, "mask", file));
        let path = path.and_then(|path| Some(of(Role::Path, &path.name, path.file.as_ref()?)));
        [Some(source), mask, path].into_iter().flatten().collect()
    }

    /// The records that take part, for versions and lifetimes.
    fn parts(&self, source: &Object, mask: Option<&Object>, template: Option<&Object>) -> Result<Vec<Part>> {
        let path = self.path.as_ref().filter(|path| !is_same_record(Some(path), Some(source)));
        let roles = [(Role::Source, Some(source)), (Role::Path, path), (Role::Template, template), (Role::Mask, mask)];
        let mut parts = Vec::new();
        for (role, object) in roles {
            let Some(object) = object else { continue };
            let text =
                |field: fn(&Record) -> &str| -> Result<String> { Ok(meaning(&self.modifiers(Some(object), field)?)) };
            parts.push(Part {
                role,
                object: object.clone(),
                modifier: text(|record| &record.modifier)?,
                post_modifier: text(|record| &record.post_modifier)?,
            });
        }
        Ok(parts)
    }
}

/// What a record's modifiers mean: the canonical form of the commands, or, where variables keep them from being read
/// by themselves, the modifiers in one spelling.
fn meaning(modifiers: &[Modifier]) -> String {
    let open = |modifier: &Modifier| match modifier {
        Modifier::Command { value, .. } => refers(value),
        Modifier::Nested { .. } | Modifier::Macro(_) | Modifier::Variable { .. } => true,
    };
    if modifiers.iter().any(open) {
        return spelled(modifiers);
    }
    Commands::parse(modifiers).map_or_else(|_| spelled(modifiers), |commands| commands.canonical())
}

/// A record's modifiers, in one spelling, refer to the object of the path.
fn names_object(modifiers: &str) -> bool {
    let modifiers = modifiers.to_ascii_lowercase();
    modifiers.contains("$object$") || modifiers.contains("%24object%24")
}

/// Modifiers in one spelling: names in lower case, values escaped alike.
fn spelled(modifiers: &[Modifier]) -> String {
    let mut text = String::new();
    for modifier in modifiers {
        let (prefix, name, value) = match modifier {
            Modifier::Command { name, value } => ("", name, escaped(value).to_string()),
            Modifier::Nested { name, value } => ("", name, value.clone()),
            Modifier::Variable { name, value } => ("$", name, escaped(value).to_string()),
            Modifier::Macro(name) => ("$", name, String::new()),
        };
        let separator = if text.is_empty() { "" } else { "&" };
        text.push_str(&format!("{separator}{prefix}{name}={value}"));
    }
    text
}

/// The request's own commands and variables in canonical form, for the picture it describes: `req=props` asks about the
/// picture that `req=img` delivers, so both have one form.
fn canonical(own: Commands, modifiers: &[Modifier]) -> String {
    let request = RequestCommands { req: own.request.req.filter(|req| req.kind.changes_picture()), ..own.request };
    let commands = Commands { request, ..own };
    let mut variables = Variables::default();
    variables.define_all(modifiers);
    let (variables, commands) = (variables.canonical(), commands.canonical());
    let separator = if variables.is_empty() || commands.is_empty() { "" } else { "&" };
    format!("{variables}{separator}{commands}")
}

fn is_same_record(a: Option<&Object>, b: Option<&Object>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    Arc::ptr_eq(&a.owner, &b.owner) && a.id == b.id && a.file == b.file
}

/// The commands of a record. What is asked for and how it is answered is the request's own affair.
fn of_record(commands: Result<Commands>, object: Option<&Object>, field: &'static str) -> Result<Commands> {
    let commands = commands.map_err(|error| match object {
        Some(object) => unusable(object, &format_args!("{field}: {error}")),
        None => error,
    })?;
    let request = RequestCommands {
        req: None,
        id: None,
        cache: None,
        locale: None,
        name: None,
        message: None,
        ..commands.request
    };
    Ok(Commands { request, ..commands })
}

fn unusable(object: &Object, why: &impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Catalog, "the record's commands cannot be used").at(&object.name).with_detail(why)
}

impl Resolved {
    /// Own lifetime and that of its catalog, of every record or file that takes part as a layer, mask or template.
    pub(crate) fn expirations(&self) -> impl Iterator<Item = (Option<Hours>, Hours)> + '_ {
        let layers = self.parts.iter().filter(|part| part.role != Role::Path);
        layers.map(|part| {
            let own = part.object.record.as_ref().and_then(|record| record.expiration);
            (own, part.object.owner.attributes.expiration)
        })
    }

    /// The objects that take part.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.parts.iter().map(|part| &part.object)
    }

    /// The catalogs that supply the objects that take part.
    pub(crate) fn suppliers(&self) -> impl Iterator<Item = &Catalog> {
        self.objects().flat_map(Object::suppliers).chain(self.profile_suppliers.iter().map(AsRef::as_ref))
    }

    /// Time stamps of every catalog and record that takes part.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = TimeStamp> + '_ {
        self.parts.iter().flat_map(|part| part.object.stamps())
    }

    /// The request with everything that its records add: `req=resolve` (`responses.md` §4.6). Reads back to the same
    /// picture.
    pub(crate) fn text(&self) -> String {
        let request = RequestCommands { req: None, ..self.commands.request.clone() };
        let commands = Commands { request, ..self.commands.clone() }.canonical();
        let slash = |separator: &'static str, text: &str| if text.is_empty() { "" } else { separator };
        let path = escaped(&self.name);
        let variables = &self.variables;
        let and = if variables.is_empty() { "" } else { slash("&", &commands) };
        let question = if variables.is_empty() { slash("?", &commands) } else { "?" };
        format!("/is/image/{path}{question}{variables}{and}{commands}")
    }
}
