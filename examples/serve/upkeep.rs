//! What the server looks after while it runs: catalogs, the page about them, and keys.

use std::time::Duration;

use platemark::{Engine, Reload};
use tokio::time::MissedTickBehavior;

use crate::keys::KeyFile;
use crate::page::Page;

/// How often the server looks whether catalogs have changed.
const POLL: Duration = Duration::from_secs(10);

pub(crate) struct Kept {
    pub(crate) engine: Engine,
    pub(crate) page: Page,
    pub(crate) key_file: Option<KeyFile>,
}

impl Kept {
    /// Looks after all of it for as long as the server runs.
    pub(crate) async fn keep_up(mut self) {
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let (engine, page, file) = (self.engine.clone(), self.page.clone(), self.key_file.take());
            // Reading catalogs takes its time. The engine logs what it has read.
            let look = move || {
                if matches!(engine.poll_catalogs(), Reload::Done { .. }) {
                    page.renew(&engine);
                }
                file.map(|mut file| {
                    file.keep_up(&engine);
                    file
                })
            };
            self.key_file = tokio::task::spawn_blocking(look).await.unwrap_or_default();
        }
    }
}
