//! `/is/content`: files that are delivered as they are (`protocol.md` §9.3).

use std::sync::Arc;

use bytes::Bytes;

use crate::base::error::{Error, ErrorKind, Result};
use crate::language::catalog::{Stamp, StaticObject};
use crate::language::lists::{CachePolicy, FieldText, Properties, exists, time_stamp, user_data_body};
use crate::language::request::{Kind, Value};

use super::delivery::Delivery;
use super::files::named;
use super::inflight::InFlight;
use super::prepared::{Outcome, Prepared};
use super::reply::Reply;

impl InFlight {
    /// A file as it is, or what its record says.
    pub(super) fn content(&self) -> Result<Prepared> {
        let object = match self.static_object() {
            Err(error) if error.kind() == ErrorKind::Missing => None,
            other => other?,
        };
        self.check_type(object.as_ref())?;
        match self.call.value("req")?.as_deref() {
            None | Some("") => self.file(object),
            Some(_) => match self.call.req.kind {
                Kind::Exists => {
                    let record = object.as_ref().is_some_and(|object| object.record.is_some());
                    let suppliers = object.iter().flat_map(StaticObject::suppliers);
                    Ok(Prepared::done(self.list(&exists(record), self.list_lifetime(suppliers), || None)))
                }
                Kind::UserData => Ok(Prepared::done(self.content_user_data(object.as_ref()))),
                Kind::Props => self.content_props(object).map(Prepared::done),
                _ => Err(Error::request("req", "needs userdata, props or exists for content")),
            },
        }
    }

    /// The object of the path.
    pub(super) fn static_object(&self) -> Result<Option<StaticObject>> {
        self.catalogs.static_object(&self.call.path, self.call.locale.as_deref(), self.caller)
    }

    /// `type=`: what the record has to be. Records without a type are of any.
    fn check_type(&self, object: Option<&StaticObject>) -> Result<()> {
        let wanted = self.call.value("type")?.unwrap_or_default();
        let own = object.and_then(|object| object.record.as_ref()).map_or("", |record| record.user_type.as_str());
        if wanted.is_empty() || own.is_empty() || wanted == own {
            return Ok(());
        }
        Err(Error::request("type", "is not the type of this content"))
    }

    fn content_user_data(&self, object: Option<&StaticObject>) -> Reply {
        let record = object.and_then(|object| object.record.as_deref());
        let content = record.map(|record| FieldText { text: &record.user_data.text, quoted: record.user_data.quoted });
        let body = user_data_body(content, &self.style).body;
        let cache_policy = object.map_or_else(|| self.list_lifetime([]), |object| self.content_lifetime(object));
        self.unversioned(body, cache_policy, || None)
    }

    fn content_props(&self, object: Option<StaticObject>) -> Result<Reply> {
        let object = object.ok_or_else(|| self.no_content())?;
        let file = object.file.as_ref().ok_or_else(|| self.no_content())?;
        let identity = self.engine.look(file).map_err(|error| self.about(error))?;
        let unsettled = self.engine.is_unsettled(file, &identity).map_err(|error| self.about(error))?;
        let record = object.record.as_deref();
        let modified = object.owner.time_stamp_of(record.map_or(Stamp::Absent, |record| record.time_stamp));
        let hours = record.and_then(|record| record.expiration).unwrap_or(object.owner.attributes.expiration);
        let mut list = Properties::default();
        list.push("path", record.map_or(object.name.as_str(), |record| &record.path))
            .push("length", identity.len())
            .push("expiration", hours.0)
            .push("lastModified", time_stamp(modified.system_time()))
            .push("userType", record.map_or("", |record| &record.user_type));
        Ok(self.list(&list, self.list_lifetime(object.suppliers()), || None).of_unsettled(unsettled))
    }

    fn file(&self, object: Option<StaticObject>) -> Result<Prepared> {
        let object = object.ok_or_else(|| self.no_content())?;
        let file = object.file.as_ref().ok_or_else(|| self.no_content())?;
        let caches = match self.call.value("cache")? {
            Some(text) => {
                crate::language::request::Cache::parse(&text).map_err(|reason| Error::request("cache", reason))?.client
            }
            None => true,
        };
        let content = self.engine.content(file).map_err(|error| self.about(error))?;
        let content_type = mime_guess::from_path(file).first_raw().unwrap_or("application/octet-stream");
        let cache_policy = if caches { self.content_lifetime(&object) } else { CachePolicy::NO_STORE };
        let stamp = object.record.as_ref().map_or(Stamp::Absent, |record| record.time_stamp);
        let modified = object.owner.time_stamp_of(stamp).system_time();
        let reply = Reply::of_bytes(Bytes::new(), content_type, cache_policy);
        let cache_tags = if caches { self.content_tags() } else { Arc::default() };
        let reply = Reply { last_modified: caches.then_some(modified), cache_tags, ..reply };
        let delivery = Delivery::new(self.clone(), file.clone(), content, reply);
        Ok(Prepared::new(Outcome::Content(Box::new(delivery))))
    }

    fn no_content(&self) -> Error {
        let name = self.call.path.text();
        Error::new(ErrorKind::Missing, "content not found").at(if name.is_empty() { "path" } else { &name })
    }

    /// An error about a file of content.
    pub(super) fn about(&self, error: Error) -> Error {
        match (error.kind(), error.detail()) {
            (ErrorKind::Missing, Some(detail)) => self.no_content().with_detail(&detail),
            _ => named(error, &self.call.path.text()),
        }
    }

    fn content_lifetime(&self, object: &StaticObject) -> CachePolicy {
        let own = object.record.as_ref().and_then(|record| record.expiration);
        self.kept(CachePolicy::of_record(own, object.owner.attributes.expiration), object.suppliers())
    }
}
