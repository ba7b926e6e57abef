//! The deep-zoom viewer at `/viewer/?object=demo/harbour`: our page from `assets/viewer`, and the one script of
//! OpenSeadragon that `npm ci` puts beside it. Without that script the page says what to run.

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode, Uri, header};
use axum::response::Redirect;
use axum::routing::get;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/viewer");

const HTML: &str = "text/html;charset=UTF-8";
const CSS: &str = "text/css;charset=UTF-8";
const SCRIPT: &str = "text/javascript;charset=UTF-8";

/// All that is served: name in the URL, file in the folder, type.
const FILES: [(&str, &str, &str); 9] = [
    ("", "index.html", HTML),
    ("viewer.css", "viewer.css", CSS),
    ("viewer.js", "viewer.js", SCRIPT),
    ("edition.js", "edition.js", SCRIPT),
    ("marks.js", "marks.js", SCRIPT),
    ("protocol.js", "protocol.js", SCRIPT),
    ("stage.js", "stage.js", SCRIPT),
    ("watch.js", "watch.js", SCRIPT),
    ("openseadragon.js", "node_modules/openseadragon/build/openseadragon/openseadragon.min.js", SCRIPT),
];

/// Scripts and pictures from this server only: catalogs may be another person's. OpenSeadragon writes styles into elements.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; base-uri 'none'; \
                      form-action 'none'";

/// Routes of the viewer, for a router with any state.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let entry = async |uri: Uri| {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        Redirect::permanent(&format!("/viewer/{query}"))
    };
    FILES.iter().fold(Router::new().route("/viewer", get(entry)), |router, &(name, file, kind)| {
        router.route(&format!("/viewer/{name}"), get(move || deliver(file, kind)))
    })
}

/// A file as it is now, so that who works on the page sees it without starting the server anew.
async fn deliver(file: &'static str, kind: &'static str) -> Response<Body> {
    let read = tokio::task::spawn_blocking(move || std::fs::read(Path::new(FOLDER).join(file)));
    let found = read.await.ok().and_then(Result::ok);
    let (status, kind, body) = match found {
        Some(bytes) => (StatusCode::OK, kind, Body::from(bytes)),
        None => (StatusCode::NOT_FOUND, "text/plain;charset=UTF-8", Body::from("is not installed\n")),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    response
}
