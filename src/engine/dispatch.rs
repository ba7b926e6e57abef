//! From a request in flight to its answer, by the type of the request.

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::language::request::Kind;

use super::errors::is_transient;
use super::inflight::InFlight;
use super::job::{Job, Purpose};
use super::prepared::{Outcome, Prepared};

impl InFlight {
    /// Prepares the answer.
    ///
    /// # Errors
    ///
    /// The request cannot be answered, or the work is to be given up.
    pub(super) fn prepare(&self, cancel: Cancel<'_>) -> Result<Prepared> {
        match self.call.req.kind {
            Kind::Img | Kind::Tile | Kind::Tmb | Kind::Mask => self.picture(Purpose::Deliver, cancel),
            Kind::LoadCache => self.picture(Purpose::Length, cancel),
            Kind::SaveToFile => self.picture(Purpose::Save(self.save_target()?), cancel),
            Kind::Map if self.call.is_composite_map() => self.composite_map(cancel).map(Prepared::done),
            Kind::Props => self.props(cancel).map(Prepared::done),
            Kind::ImageProps => self.image_props(cancel).map(Prepared::done),
            Kind::CatalogProps => Ok(Prepared::done(self.catalog_props())),
            Kind::Exists => self.exists(cancel).map(Prepared::done),
            Kind::ImageSet | Kind::Map | Kind::Targets | Kind::UserData => self.field(cancel).map(Prepared::done),
            Kind::Xlate => self.translations(cancel).map(Prepared::done),
            Kind::Xmp => self.xmp(cancel).map(Prepared::done),
            Kind::Validate => self.validate().map(Prepared::done),
            Kind::Resolve => self.resolved_text().map(Prepared::done),
            Kind::Message => self.message(),
            Kind::Set | Kind::MbrSet => Err(Error::request("req", "this request type is not supported yet")),
        }
    }

    /// A picture, or the default image in its place.
    fn picture(&self, purpose: Purpose, cancel: Cancel<'_>) -> Result<Prepared> {
        let resolved = self.resolved();
        let new = |resolved, purpose| Job::new(self.clone(), resolved, purpose, cancel);
        let job = match resolved.and_then(|resolved| new(resolved, purpose.clone())) {
            Err(error) if error.kind() == ErrorKind::Missing => {
                let default = self.call.default_picture(&self.catalogs, self.caller).unwrap_or_default();
                match default.map(|resolved| new(resolved, purpose)) {
                    Some(Ok(job)) => Ok(job),
                    // A default image that is being replaced or written can be used in a moment. One that was given up while
                    // it was read may be there.
                    Some(Err(other)) if is_transient(&other) => Err(other),
                    // The default image cannot be used either: the object is missing.
                    Some(Err(_)) | None => Err(error),
                }
            }
            other => other,
        };
        let job = job?;
        self.remember(&job);
        Ok(Prepared::new(Outcome::Picture(Box::new(job))))
    }
}
