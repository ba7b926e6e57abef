//! Requests for pictures that were answered lately, with what came of them but the pixels.

use std::sync::Arc;

use crate::base::store::{Store, Weigh};
use crate::imaging::pixel::header::Facts;
use crate::imaging::plan::{Drawing, LayerDrawing};
use crate::imaging::scene::Layer;
use crate::language::catalog::Catalogs;
use crate::language::lists::Style;
use crate::language::resolve::{Call, Input};

use crate::engine::planned::Planned;

/// Bytes of the texts of a request that is remembered, at most: what is asked for often is short.
const LONGEST: usize = 8 << 10;

/// Requests by their target.
pub(in crate::engine) struct Recent(Store<Arc<str>, Request>);

/// A request that was answered with a picture, or its properties.
#[derive(Clone)]
pub(in crate::engine) struct Request {
    /// The catalogs that it was answered from.
    pub(in crate::engine) catalogs: Arc<Catalogs>,
    pub(in crate::engine) call: Arc<Call>,
    /// It carries a valid lock.
    pub(in crate::engine) locked: bool,
    pub(in crate::engine) style: Style,
    pub(in crate::engine) detail: u8,
    pub(in crate::engine) planned: Arc<Planned>,
    /// Bytes that all of it takes, about; filled in when it is remembered.
    pub(in crate::engine) weight: usize,
}

impl Weigh for Request {
    fn weight(&self) -> usize {
        self.weight
    }
}

impl Recent {
    pub(in crate::engine) fn new(bytes: u64) -> Self {
        Self(Store::new(bytes))
    }

    pub(in crate::engine) fn held(&self) -> (u64, u64) {
        self.0.held()
    }

    /// Forgets everything: the catalogs have changed, and what was read of the old ones need not be held any longer.
    pub(in crate::engine) fn clear(&self) {
        self.0.clear();
    }

    pub(in crate::engine) fn get(&self, target: &Arc<str>) -> Option<Request> {
        self.0.get(target)
    }

    /// Remembers a request unless its texts, whose length in bytes is `texts`, are too long.
    pub(in crate::engine) fn insert(&self, target: &Arc<str>, mut request: Request, texts: usize) {
        if texts > LONGEST {
            return;
        }
        let Planned { resolved, facts, plan, .. } = &*request.planned;
        let lists = resolved.scene.layers.len() * size_of::<Layer>()
            + resolved.inputs.len() * size_of::<Input>()
            + facts.len() * size_of::<Option<Facts>>()
            + plan.drawing.as_ref().map_or(0, Drawing::layer_count) * size_of::<LayerDrawing>();
        // Commands have their texts again, and records theirs.
        request.weight = 2 * (size_of::<Request>() + size_of::<Call>() + size_of::<Planned>()) + lists + 3 * texts;
        self.0.insert(Arc::clone(target), request);
    }
}
