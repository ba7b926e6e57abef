//! How long replies may be kept, and how old they are (`responses.md` §8, §9).

use std::time::SystemTime;

use crate::base::version::Version;
use crate::language::catalog::{Catalog, Object, TimeStamp};
use crate::language::lists::CachePolicy;
use crate::language::request::{Kind, LifetimeRule};
use crate::language::resolve::Resolved;

use super::inflight::InFlight;
use super::state::IdPolicy;
use super::versioning::tag::Versions;

impl InFlight {
    /// How long lists may be kept that are made of what some catalogs beside the main one supply.
    pub(super) fn list_lifetime<'a>(&self, suppliers: impl IntoIterator<Item = &'a Catalog>) -> CachePolicy {
        self.kept(CachePolicy::of_list(self.call.main.attributes.non_img_expiration), suppliers)
    }

    /// How long a list about an object may be kept.
    pub(super) fn object_list_lifetime(&self, object: Option<&Object>) -> CachePolicy {
        self.list_lifetime(object.into_iter().flat_map(Object::suppliers))
    }

    /// How long what a record says may be kept.
    pub(super) fn record_lifetime(&self, object: Option<&Object>) -> CachePolicy {
        let own = object.and_then(|object| object.record.as_ref()).and_then(|record| record.expiration);
        let owner = object.map_or(&self.call.main, |object| &object.owner);
        let suppliers = object.into_iter().flat_map(Object::suppliers);
        self.kept(CachePolicy::of_record(own, owner.attributes.expiration), suppliers)
    }

    /// How long the picture may be kept, as far as the catalogs say.
    pub(super) fn picture_lifetime(&self, resolved: &Resolved) -> CachePolicy {
        self.kept(of_picture(resolved), resolved.suppliers())
    }

    /// How long the reply may be kept, as far as the catalogs say; `None` if it may not be kept at all, or is an error.
    pub(super) fn catalog_lifetime(&self) -> Option<CachePolicy> {
        let kind = self.call.req.kind;
        let rule = if self.call.is_composite_map() { LifetimeRule::Picture } else { kind.lifetime_rule() };
        match rule {
            LifetimeRule::Picture => Some(self.picture_lifetime(&self.resolved().ok()?)),
            LifetimeRule::Record => Some(self.record_lifetime(self.object().ok()?.as_ref())),
            LifetimeRule::List => Some(match kind {
                Kind::CatalogProps => self.list_lifetime([]),
                Kind::Props => self.list_lifetime(self.resolved().ok()?.suppliers()),
                _ => self.object_list_lifetime(self.object().ok()?.as_ref()),
            }),
            LifetimeRule::Never => None,
        }
    }

    /// A lifetime with what the host says about stale replies. If the main catalog or one of the suppliers refuses some
    /// addresses, shared caches may not keep the reply: they would give it to all.
    pub(super) fn kept<'a>(
        &self,
        cache_policy: CachePolicy,
        suppliers: impl IntoIterator<Item = &'a Catalog>,
    ) -> CachePolicy {
        let cache_policy = cache_policy.with_stale(self.engine.inner.stale);
        let is_open = |catalog: &Catalog| catalog.attributes.client_address_filter.is_open();
        let all_open = is_open(&self.call.main) && suppliers.into_iter().all(is_open);
        if all_open { cache_policy } else { cache_policy.private() }
    }

    /// Applies the policy for `id=`. A reply without a version cannot match `id`, so [`IdPolicy::Verify`] marks it
    /// `no-store`.
    pub(super) fn verified(
        &self,
        cache_policy: CachePolicy,
        version: Option<Version>,
        id: Option<&str>,
    ) -> CachePolicy {
        // The engine writes no such text into links, so the text says nothing about the content.
        let id: Option<Version> = id.and_then(|id| id.parse().ok());
        match (self.engine.inner.id_policy, id) {
            (IdPolicy::Ignore, _) | (IdPolicy::Verify, None) => cache_policy,
            (IdPolicy::Verify, Some(id)) if version == Some(id) => {
                cache_policy.immutable(self.engine.inner.versioned_seconds)
            }
            (IdPolicy::Verify, Some(_)) => CachePolicy::NO_STORE,
        }
    }

    /// Applies the policy for `id=` to a reply of a type that has no version of its own, so no `id` makes it immutable. One
    /// that is a current version of the object that the reply is about changes nothing; any other version is that of
    /// another state, and [`IdPolicy::Verify`] marks the reply `no-store`.
    pub(super) fn compared(
        &self,
        cache_policy: CachePolicy,
        versions: impl FnOnce() -> Option<Versions>,
    ) -> CachePolicy {
        let id: Option<Version> = self.id().and_then(|id| id.parse().ok());
        let Some(id) = id.filter(|_| self.engine.inner.id_policy == IdPolicy::Verify) else { return cache_policy };
        let is_current = versions().is_some_and(|versions| [versions.image, versions.metadata].contains(&id));
        if is_current { cache_policy } else { CachePolicy::NO_STORE }
    }

    /// The newest of some time stamps and of the catalog's own (`catalog.md` §9.1).
    pub(super) fn newest(&self, stamps: impl IntoIterator<Item = TimeStamp>) -> Option<SystemTime> {
        if !self.call.main.attributes.use_last_modified {
            return None;
        }
        TimeStamp::newest(stamps.into_iter().chain([self.call.main.time_stamp()])).map(TimeStamp::system_time)
    }
}

fn of_picture(resolved: &Resolved) -> CachePolicy {
    if !resolved.commands.request.cache.is_none_or(|cache| cache.client) {
        return CachePolicy::NO_STORE;
    }
    match resolved.default_image {
        Some(own) => CachePolicy::of_default_image(own, resolved.main.attributes.default_expiration),
        None => {
            CachePolicy::smallest(resolved.expirations().map(|(own, attribute)| CachePolicy::of_record(own, attribute)))
        }
    }
}
