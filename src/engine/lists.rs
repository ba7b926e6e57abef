//! Replies that are not pictures: property lists and the content of record fields (`responses.md` §3, §4).

use std::path::Path;

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::stage::ByteStage;
use crate::imaging::pixel::header::Facts;
use crate::imaging::render::unless_written;
use crate::imaging::scene::PixelType;
use crate::language::catalog::{
    Caller, effective_locale, localize_image_set, localize_map, localize_targets, localize_user_data,
};
use crate::language::lists::{
    CachePolicy, FieldText, ImageFile, Map, SourceMask, Style, XML, catalog_props, exists, image_props, image_set_body,
    targets_body, time_stamp, translated, user_data_body, valid, xmp_body,
};
use crate::language::request::Kind;

use super::files::{Opened, named};
use super::inflight::InFlight;
use super::job::{Job, Purpose};
use super::metadata;
use super::prepared::{Outcome, Prepared};
use super::reply::Reply;
use super::tagged::Tags;
use super::versioning::tag::{self, Versions};

impl InFlight {
    /// `req=props`: the request is evaluated as for a picture, which is not made.
    pub(super) fn props(&self, cancel: Cancel<'_>) -> Result<Reply> {
        let job = Job::new(self.clone(), self.resolved()?, Purpose::Deliver, cancel)?;
        self.remember(&job);
        Ok(self.props_of(&job))
    }

    /// `req=imageprops`: the source that the path names; all other commands are ignored.
    pub(super) fn image_props(&self, cancel: Cancel<'_>) -> Result<Reply> {
        let object = self.object_with_file()?;
        let missing = || Error::new(ErrorKind::Missing, "the record has no image").at(&object.name);
        let file = object.file.as_ref().ok_or_else(missing)?;
        let opened = self.engine.facts(file, cancel).map_err(|error| named(error, &object.name))?;
        let Opened { facts, source, unsettled } = opened;
        let header = facts.header;
        let metadata = metadata::read(&self.engine, file, &facts, source.as_ref(), cancel);
        let metadata = metadata.map_err(|error| named(error, &object.name))?;
        let described = ImageFile {
            size: header.size(),
            mask: match (&object.mask_file, header.layout.alpha) {
                (Some(_), _) => SourceMask::Image,
                (None, true) => SourceMask::Alpha,
                (None, false) => SourceMask::None,
            },
            pixels: match header.layout.colors {
                1 => PixelType::Gray,
                4 => PixelType::Cmyk,
                _ => PixelType::Rgb,
            },
            profile: metadata.icc.as_ref().map(|icc| icc.description.as_str()),
            xmp: !matches!(metadata.xmp, Ok(None)),
            path_names: &metadata.path_names,
        };
        let list = image_props(&described, &object, &self.call.main.attributes);
        let reply = self.list(&list, self.list_lifetime(object.suppliers()), || self.object_versions(cancel));
        Ok(self.of_unsettled(reply, unsettled))
    }

    /// `req=catalogprops`: the attributes of the path's catalog that are in effect.
    pub(super) fn catalog_props(&self) -> Reply {
        let main = &self.call.main;
        let list = catalog_props(&main.attributes, &time_stamp(main.time_stamp().system_time()));
        self.list(&list, self.list_lifetime([]), || None)
    }

    /// `req=exists`: whether there is a record; files do not count.
    pub(super) fn exists(&self, cancel: Cancel<'_>) -> Result<Reply> {
        let object = self.object()?;
        let record = object.as_ref().is_some_and(|object| object.record.is_some());
        let cache_policy = self.object_list_lifetime(object.as_ref());
        Ok(self.list(&exists(record), cache_policy, || self.object_versions(cancel)))
    }

    /// `req=xlate`: the ids of the object that exist in one language or another.
    pub(super) fn translations(&self, cancel: Cancel<'_>) -> Result<Reply> {
        let main = &self.call.main;
        let id = self.call.path.elements.get(usize::from(!main.root_id.is_empty())..).unwrap_or(&[]).join("/");
        let ids = if id.is_empty() { Vec::new() } else { self.catalogs.translations(main, &id, self.caller)? };
        // A path that names nothing has no translations.
        let object = match self.object() {
            Err(error) if Caller::is_refusal(&error) => return Err(error),
            object => object.unwrap_or_default(),
        };
        let lifetime = self.record_lifetime(object.as_ref());
        // The ids of the default catalog are among them.
        let default = self.catalogs.iter().next().filter(|_| !ids.is_empty());
        Ok(self.list(&translated(&ids), self.kept(lifetime, default), || self.object_versions(cancel)))
    }

    /// `req=validate`: whether the request reads as one for a picture.
    pub(super) fn validate(&self) -> Result<Reply> {
        self.call.validate()?;
        Ok(Reply::of_list(&valid(&self.call.unknown_commands()), &self.style, CachePolicy::NO_STORE, &self.stamp))
    }

    /// `req=resolve`: the request with everything that its records add.
    pub(super) fn resolved_text(&self) -> Result<Reply> {
        if !self.engine.inner.switches.resolve {
            return Err(Error::request("req", "resolve is switched off"));
        }
        let text = format!("{}\r\n", self.resolved()?.text());
        Ok(Reply::of_text(text.into_bytes(), Style::TEXT.mime(), CachePolicy::NO_STORE))
    }

    /// `req=message`: a line for the host's log, once the reply is asked for.
    pub(super) fn message(&self) -> Result<Prepared> {
        let text = self.call.value("message")?.unwrap_or_default();
        let reply = Box::new(Reply::of_text(Vec::new(), Style::TEXT.mime(), CachePolicy::NO_STORE));
        Ok(Prepared::new(Outcome::Message { engine: self.engine.clone(), text, reply }))
    }

    /// `req=imageset`, `map`, `targets`, `userdata`: what a field of the record says.
    pub(super) fn field(&self, cancel: Cancel<'_>) -> Result<Reply> {
        let object = self.object()?;
        let record = object.as_ref().and_then(|object| object.record.as_deref());
        let attributes = &self.call.main.attributes;
        let locale = effective_locale(attributes, self.call.locale.as_deref());
        let strings = &attributes.locale_str_map;
        type Localize = fn(&crate::language::catalog::LocaleStrMap, &str, &str) -> String;
        let localized = |text: &str, localize: Localize| match locale {
            Some(locale) => localize(strings, locale, text),
            None => text.to_owned(),
        };
        let body = match self.call.req.kind {
            Kind::ImageSet => {
                let text = record.map(|record| localized(&record.image_set, localize_image_set));
                image_set_body(text.as_deref(), &self.style)
            }
            Kind::Map => {
                let text = record.map(|record| localized(&record.map, localize_map));
                Map::verbatim(text.as_deref().unwrap_or("")).body(&self.style)
            }
            Kind::Targets => {
                let text =
                    record.map(|record| (localized(&record.targets.text, localize_targets), record.targets.quoted));
                targets_body(text.as_ref().map(|(text, quoted)| FieldText { text, quoted: *quoted }), &self.style).body
            }
            _ => {
                let text = record
                    .map(|record| (localized(&record.user_data.text, localize_user_data), record.user_data.quoted));
                user_data_body(text.as_ref().map(|(text, quoted)| FieldText { text, quoted: *quoted }), &self.style)
                    .body
            }
        };
        if self.call.req.kind == Kind::ImageSet {
            let cache_policy = self.object_list_lifetime(object.as_ref());
            return Ok(self.unversioned(body, cache_policy, || self.object_versions(cancel)));
        }
        let request = self.call.locale.clone().unwrap_or_default();
        // Of an object that is neither in a catalog nor a file no `id` can be right.
        let file = object.as_ref().and_then(|object| object.file.as_deref());
        let (facts, unsettled) = self.engine.facts_if_any(file, cancel)?;
        let versions = if record.is_some() || facts.is_some() { self.bare_versions(None, cancel)? } else { None };
        let unsettled = unsettled || versions.is_some_and(|(_, unsettled)| unsettled);
        let version = versions.map(|(versions, _)| versions.metadata);
        let kind = self.call.req.to_string();
        let tags = version.map(|version| self.metadata_tags(&kind, version, &request));
        let cache_policy = self.record_lifetime(object.as_ref());
        Ok(self.of_unsettled(self.versioned(body, self.style.mime(), cache_policy, tags), unsettled))
    }

    /// `req=xmp`: the packet in the file that the path names.
    pub(super) fn xmp(&self, cancel: Cancel<'_>) -> Result<Reply> {
        let object = self.object_with_file()?;
        let missing = || Error::new(ErrorKind::Missing, "the record has no image").at(&object.name);
        let file = object.file.as_ref().ok_or_else(missing)?;
        let opened = self.engine.facts(file, cancel).map_err(|error| named(error, &object.name))?;
        let Opened { facts, source, unsettled } = opened;
        let metadata = metadata::read(&self.engine, file, &facts, source.as_ref(), cancel);
        let metadata = metadata.map_err(|error| named(error, &object.name))?;
        let packet = metadata.xmp.clone().map_err(|error| named(unless_written(error, &source), &object.name))?;
        let body = xmp_body(packet);
        let setting = self.engine.setting(&self.call.main.attributes);
        let passed = [ByteStage::Request, ByteStage::Xmp].into_iter().collect();
        let versions = self.bare_versions(Some((file, facts)), cancel)?;
        let unsettled = unsettled || versions.is_some_and(|(_, unsettled)| unsettled);
        let tags = versions.map(|(versions, _)| Tags {
            version: versions.image,
            etag: tag::of_picture("xmp", versions.closure, passed, "", setting),
        });
        Ok(self.of_unsettled(self.versioned(body, XML, self.record_lifetime(Some(&object)), tags), unsettled))
    }

    /// The versions of the bare object, which is what clients ask `req=props` about; `None` if it is no picture. `read` is
    /// a file that has been read for the reply: the version is that of its bytes, whatever has become of it since. The
    /// second value says that one of the other files was changed a moment ago and may be half written.
    fn bare_versions(&self, read: Option<(&Path, Facts)>, cancel: Cancel<'_>) -> Result<Option<(Versions, bool)>> {
        let Ok(resolved) = self.call.bare().picture(&self.catalogs, self.caller) else { return Ok(None) };
        let facts = |file: Option<&Path>| match (file, read) {
            (Some(file), Some((known, facts))) if file == known => Ok((Some(facts), false)),
            (file, _) => self.engine.facts_if_any(file, cancel),
        };
        let inputs = resolved.inputs.iter();
        let looked = inputs.map(|input| facts(input.file.as_deref())).collect::<Result<Vec<_>>>()?;
        let unsettled = looked.iter().any(|(_, unsettled)| *unsettled);
        let facts: Vec<_> = looked.into_iter().map(|(facts, _)| facts).collect();
        let setting = self.engine.setting(&resolved.main.attributes);
        let profiles = self.engine.profiles(&resolved.profiles, cancel)?;
        let unsettled = unsettled || profiles.unsettled;
        let versions = tag::versions(&resolved, &self.catalogs, &facts, &profiles.usable(), setting);
        Ok(Some((versions, unsettled)))
    }

    /// The current versions of the bare object; `None` if it is no picture, is being changed, or the work is to be given up.
    fn object_versions(&self, cancel: Cancel<'_>) -> Option<Versions> {
        self.bare_versions(None, cancel).ok().flatten().map(|(versions, _)| versions)
    }
}
