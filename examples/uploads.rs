//! Thumbnails of uploads in an object store: `uploads STORE FILE…` puts the files into `uploads/`, reads each from there,
//! and puts its thumbnail into `thumbnails/`. STORE is a folder, or `memory`.
//!
//! For S3 and the like `main` makes another store; nothing else changes.
#![allow(clippy::print_stdout, reason = "a program")]

use std::error::Error;
use std::sync::Arc;

use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, memory::InMemory};
use platemark::thumbnail;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let store = arguments.next().ok_or("usage: uploads STORE FILE…")?;
    let store: Arc<dyn ObjectStore> = match &*store {
        "memory" => Arc::new(InMemory::new()),
        folder => Arc::new(LocalFileSystem::new_with_prefix(folder)?),
    };
    for file in arguments {
        let name = file.rsplit('/').next().unwrap_or_default();
        store.put(&Key::from_iter(["uploads", name]), std::fs::read(&file)?.into()).await?;
    }
    for upload in store.list_with_delimiter(Some(&Key::from("uploads"))).await?.objects {
        // One that is no picture does not keep the others from theirs.
        match add_thumbnail(&store, &upload.location).await {
            Ok(told) => println!("{}: {told}", upload.location),
            Err(error) => println!("{}: {error}", upload.location),
        }
    }
    Ok(())
}

/// Puts the thumbnail of an upload into the store.
async fn add_thumbnail(store: &dyn ObjectStore, upload: &Key) -> Result<String, Box<dyn Error>> {
    let bytes = store.get(upload).await?.bytes().await?;
    // Decoding keeps a core busy, so it is no work for the threads of the runtime.
    let made = tokio::task::spawn_blocking(move || thumbnail(&bytes, 400, 400)).await??;
    // A PNG if the upload has alpha.
    let suffix = made.content_type.trim_start_matches("image/");
    // Equal tags mean equal bytes: whatever is stored by this name is this thumbnail.
    let key = Key::from_iter(["thumbnails", &*format!("{}.{suffix}", made.etag.value)]);
    let told = format!("{key}, {}×{}, {} bytes", made.width, made.height, made.bytes.len());
    store.put(&key, made.bytes.into()).await?;
    Ok(told)
}
