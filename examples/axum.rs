//! Pictures in an axum router: `axum CATALOGS [ADDRESS]`. The example `serve` has what an operator needs besides.
#![allow(clippy::print_stdout, reason = "a program")]

use std::error::Error;

use axum::{Router, response::Html, routing::get};
use platemark::service::ImageService;
use platemark::{Engine, server};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let catalogs = arguments.next().ok_or("usage: axum CATALOGS [ADDRESS]")?;
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());

    // Pictures that are made stay in memory, up to this many bytes.
    let engine = Engine::builder(catalogs).cache_bytes(256 << 20).build()?;
    // The service makes pictures on threads of its own, so those of the runtime stay free.
    let images = ImageService::builder(engine).client_address(server::client_address).build()?;
    let app: Router = Router::new()
        .route("/", get(async || Html("<img src='/is/image/demo/harbour?wid=960'>")))
        .route_service("/is/image/{*object}", images.clone())
        .route_service("/is/content/{*object}", images);

    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    // In place of `axum::serve`: it bounds connections, and closes those of silent and slow clients.
    server::serve(listener, app).await?;
    Ok(())
}
