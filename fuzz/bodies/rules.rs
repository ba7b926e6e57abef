//! What holds for every reply, whatever was asked of whatever.

use platemark::internals::{decode_whole, heading};
use platemark::{CachePolicy, Context, CpuLevel, Engine, ErrorKind, IdPolicy, Limits, Reply};

/// What the rules depend on.
pub(super) struct World {
    pub(super) limits: Limits,
    pub(super) policy: IdPolicy,
    /// Replies may be of a default image or a damaged picture, which no link makes immutable.
    pub(super) provisional: bool,
    /// The status of what is missing.
    pub(super) missing: u16,
}

/// A small world: what is asked for takes no time.
pub(super) const LIMITS: Limits = Limits::new()
    .source_bytes(1 << 20)
    .source_pixels(1 << 17)
    .reply_pixels(1 << 16)
    .reply_bytes(1 << 18)
    .metadata_bytes(1 << 14)
    .decoded_bytes(4 << 20)
    .time(std::time::Duration::from_secs(60));

impl World {
    /// What every reply to that target is like.
    pub(super) fn check(&self, target: &str, reply: &Reply) {
        let Reply { status, content_type, body, version, etag, cache_policy, error, .. } = reply;
        if let Some(error) = error {
            // Nothing changes here, and nobody gives up.
            assert!(
                !matches!(
                    error.kind(),
                    ErrorKind::Internal | ErrorKind::Changed | ErrorKind::Unfinished | ErrorKind::Stopped
                ),
                "{target:?}: {error:?}"
            );
            assert!(
                *cache_policy == CachePolicy::NO_STORE && etag.is_none() && version.is_none(),
                "an error may be kept: {target:?}"
            );
            assert!(reply.last_modified.is_none(), "{target:?}");
            let expected = match error.kind() {
                ErrorKind::Io => 500,
                ErrorKind::Missing => self.missing,
                _ => 403,
            };
            assert!(
                matches!(*status, status if status == expected || status == 403)
                    || *status == 200 && content_type.starts_with("image/"),
                "{target:?}: {status}"
            );
            let text = error.to_string();
            assert!(text.lines().count() == 1 && text.chars().count() < 250, "{text:?}");
            if *status != 200 && !content_type.starts_with("image/") {
                assert!(content_type.starts_with("text/") && !body.is_empty(), "{target:?}: {content_type}");
                assert!(body.len() < 4000 + 8 * target.len(), "{target:?}: {} bytes of error", body.len());
            }
        } else {
            assert_eq!(*status, 200, "{target:?}");
        }
        let is_content = target.starts_with("/is/content");
        if content_type.starts_with("image/") && !is_content {
            self.check_picture(target, reply);
        } else if let Some(etag) = etag {
            // A weak tag stands for what the body says, a strong one for a version.
            let strong = version.is_some() && !is_property_list(reply) || is_content && etag.weak.eq(&false);
            assert_eq!(!etag.weak, strong, "{target:?}: {etag} {version:?}");
        }
        if self.policy == IdPolicy::Ignore {
            assert!(!is_immutable(*cache_policy), "{target:?}");
        }
        assert!(!is_immutable(*cache_policy) || version.is_some(), "{target:?}");
        assert!(etag.is_some() || self.needs_no_tag(*cache_policy), "{target:?} may be kept and has no tag");
    }

    /// A reply that no cache keeps needs no tag. Nor does one of a file that is not settled, where a conditional request
    /// could be answered unseen: caches keep it for ten seconds at most.
    fn needs_no_tag(&self, cache_policy: CachePolicy) -> bool {
        let is_short = cache_policy.seconds().is_some_and(|seconds| seconds <= 10);
        cache_policy == CachePolicy::NO_STORE || self.policy == IdPolicy::Ignore && is_short
    }

    fn check_picture(&self, target: &str, reply: &Reply) {
        let Reply { content_type, body, version, etag, cache_policy, .. } = reply;
        let magic: &[u8] = match *content_type {
            "image/jpeg" => &[0xff, 0xd8, 0xff],
            "image/png" => b"\x89PNG\r\n\x1a\n",
            other => panic!("{target:?}: {other}"),
        };
        assert!(body.starts_with(magic), "{target:?}: no {content_type}");
        assert!(body.len() <= self.limits.reply_bytes, "{target:?}: {} bytes", body.len());
        let [width, height] = heading(body).expect("a header").size;
        assert!(u64::from(width) * u64::from(height) <= self.limits.reply_pixels, "{target:?}: {width}×{height}");
        assert!(decode_whole(body, CpuLevel::default(), self.limits.reply_pixels).is_some(), "{target:?} is damaged");
        if reply.error.is_some() {
            return;
        }
        assert!(version.is_some(), "{target:?} has no version");
        match etag {
            Some(etag) => assert!(!etag.weak, "{target:?}: a weak tag"),
            None => assert!(self.needs_no_tag(*cache_policy), "{target:?}"),
        }
    }

    /// Asks once; the reply keeps the rules, and its two steps and its tag say the same.
    pub(super) fn ask(&self, engine: &Engine, target: &str) -> Reply {
        let prepared = engine.prepare(target, &Context::new());
        let told = (prepared.etag(), prepared.version(), prepared.cache_policy(), prepared.content_type());
        let reply = engine.serve(target);
        self.check(target, &reply);
        if reply.error.is_none() {
            assert_eq!(told, (reply.etag, reply.version, reply.cache_policy, reply.content_type), "{target:?}");
            assert!(prepared.length().is_none_or(|length| length == reply.length()), "{target:?}");
        }
        if let Some(etag) = reply.etag {
            let again = engine.serve_with(target, &Context::new().if_none_match(&etag.to_string()));
            assert_eq!((again.status, again.etag), (304, reply.etag), "{target:?}");
            assert!(again.body.is_empty() && again.cache_policy == reply.cache_policy, "{target:?}");
        }
        reply
    }

    /// A link is answered like the request that it was made of; it may be kept for ever, and one to another version not
    /// at all.
    pub(super) fn follow(&self, engine: &Engine, target: &str, reply: &Reply) {
        let Ok(link) = engine.versioned_link(target) else { return };
        let linked = engine.serve(&link);
        self.check(&link, &linked);
        if linked.error.is_some() || reply.error.is_some() {
            return;
        }
        let is_json = linked.content_type.contains("javascript") || linked.content_type.contains("json");
        assert!(linked.version == reply.version && (is_json || linked.body == reply.body), "{link:?}");
        let version = linked.version.expect("a link to what has a version");
        if self.policy == IdPolicy::Verify && !is_json {
            let kept = linked.cache_policy.seconds().is_some_and(|seconds| seconds > 0);
            assert!(
                is_immutable(linked.cache_policy) || !kept || self.provisional,
                "{link:?}: {}",
                linked.cache_policy
            );
            let stale = link.replace(&version.to_string(), "0000000000000000000000");
            if stale != link {
                let stale = engine.serve(&stale);
                assert!(stale.error.is_some() || stale.cache_policy == CachePolicy::NO_STORE, "{link:?} and stale");
                assert!(stale.error.is_some() || stale.body == linked.body, "{link:?} and stale");
            }
        }
    }
}

/// Two replies to one request say the same.
pub(super) fn assert_same(target: &str, a: &Reply, b: &Reply, bodies: bool) {
    let error = |reply: &Reply| reply.error.as_ref().map(|error| (error.kind(), error.to_string()));
    assert_eq!(error(a), error(b), "{target:?}");
    assert_eq!(
        (a.status, a.content_type, a.version, a.etag, a.cache_policy, a.last_modified),
        (b.status, b.content_type, b.version, b.etag, b.cache_policy, b.last_modified),
        "{target:?}"
    );
    // A property list tells how long the picture is, if that is known.
    if bodies && !is_property_list(a) {
        assert!(a.body == b.body, "{target:?} has two bodies under one tag");
    }
}

/// A reply of an engine for which no file ever settles, with the lifetime, the date and the tag that it has elsewhere: caches
/// keep the one for ten seconds at most, it may lack the date, and a reply that caches may keep for ever lacks the tag.
pub(super) fn as_settled(target: &str, unsettled: &Reply, settled: &Reply) -> Reply {
    let (short, long) = (unsettled.cache_policy, settled.cache_policy);
    let is_short = short.seconds() == long.seconds().map(|seconds| seconds.min(10)) && !is_immutable(short);
    assert!(short == long || is_short, "{target:?}: {short} in place of {long}");
    assert!(unsettled.last_modified.is_none() || unsettled.last_modified == settled.last_modified, "{target:?}");
    assert!(unsettled.etag == settled.etag || unsettled.etag.is_none() && long.is_forever(), "{target:?}");
    let mut reply = unsettled.clone();
    (reply.cache_policy, reply.last_modified, reply.etag) = (long, settled.last_modified, settled.etag);
    reply
}

fn is_property_list(reply: &Reply) -> bool {
    reply.version.is_some() && reply.etag.is_some_and(|etag| etag.weak)
}

fn is_immutable(cache_policy: CachePolicy) -> bool {
    cache_policy.to_string().contains("immutable")
}
