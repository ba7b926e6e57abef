//! The page at `/`: what the demo catalogs show off with, and the first objects of the catalogs with a few requests for each.

use std::fmt::Write;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;
use platemark::Engine;

/// Objects shown; a catalog can have millions.
const MOST: usize = 200;

/// Requests shown for each object.
const REQUESTS: [&str; 6] = [
    "wid=400",
    "wid=300&hei=300&fit=crop&fmt=png",
    "req=tmb",
    "scl=1&rect=300,200,512,512",
    "wid=500&op_usm=1.2,3&qlt=90,1",
    "req=props",
];

/// The view of an object among the others.
const VIEW: &str = "wid=600&amp;hei=450&amp;fit=constrain";

/// Pictures of the demo catalogs that are more than a size: what it is, and the request.
const SHOWN: [(&str, &str); 8] = [
    ("A template around another object", "demo/lighthouse?template=polaroid"),
    ("The same with a variable", "demo/pebbles?template=polaroid&$paper=ffd9a0"),
    ("A record with a mask file", "demo/window?hei=360&fmt=png-alpha"),
    ("The mask alone", "demo/window?hei=360&req=mask"),
    ("A macro", "demo/village?$postcard$"),
    ("Operations in a macro", "demo/aged?wid=360"),
    ("Turned by any angle", "demo/tilted?wid=360"),
    ("Another picture in another language", "demo/signal?wid=240&locale=de"),
];

/// Requests about the demo catalogs that are answered in words.
const TOLD: [(&str, &str); 14] = [
    ("Size, format and versions of a reply", "demo/harbour?req=props&wid=400"),
    ("What is known of the source", "demo/window?req=imageprops"),
    ("The catalog's attributes", "demo?req=catalogprops,xml"),
    ("Whether there is such a record", "demo/harbour?req=exists,json&id=q1"),
    ("Data that go along with a picture, in French", "demo/harbour?req=userdata&locale=fr"),
    ("The same for a script", "demo/harbour?req=userdata,json&handler=show"),
    ("Targets for a viewer", "demo/harbour?req=targets,xml&locale=de"),
    ("An image map, scaled and cut with the picture", "demo/harbour?req=map&crop=500,1000,2500,1700&wid=500"),
    ("A set of pictures", "demo/harbour?req=imageset"),
    ("The XMP packet", "demo/lighthouse?req=xmp"),
    ("Languages of an object", "demo/signal?req=xlate"),
    ("What a request comes to", "demo/pebbles?template=polaroid&req=resolve"),
    ("Whether a request is legal", "demo/harbour?req=validate&wid=0"),
    ("A picture that is missing, in a catalog with a default image", "gallery/nowhere?wid=300"),
];

const STYLE: &str = "
:root { color-scheme: light dark; --line: color-mix(in srgb, currentcolor 18%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 2rem 1rem; }
h1 { margin: 0; font-size: 1.7rem; }
h1 + p { margin-top: .3rem; }
h3 { font-size: 1.1rem; margin: 2.2rem 0 .8rem; }
.shown { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; }
figure { margin: 0; }
figure a { display: block; border-radius: .5rem; overflow: hidden; background: #8882; }
figcaption { font-size: .85rem; margin-top: .3rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td { border-top: 1px solid var(--line); padding: .3rem 1rem .3rem 0; vertical-align: top; }
td code, figcaption code { overflow-wrap: anywhere; }
.bare > a { display: none; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1.5rem; margin-top: 1.5rem; }
article { border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
article > a { display: block; background: repeating-conic-gradient(#8883 0 25%, #8881 0 50%) 0 0 / 1.2rem 1.2rem; }
img { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: contain; }
h2 { font-size: 1rem; margin: .7rem 1rem .2rem; }
ul { list-style: none; margin: 0 1rem .8rem; padding: 0; font-size: .85rem; }
code { font-family: ui-monospace, monospace; }
";

/// The page, made when the catalogs have been read and not for each request.
#[derive(Clone)]
pub(crate) struct Page(Arc<RwLock<Bytes>>);

impl Page {
    pub(crate) fn new(engine: &Engine) -> Self {
        Self(Arc::new(RwLock::new(made(engine))))
    }

    /// Makes it anew.
    pub(crate) fn renew(&self, engine: &Engine) {
        let page = made(engine);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = page;
    }

    pub(crate) fn html(&self) -> Bytes {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn made(engine: &Engine) -> Bytes {
    html(&engine.first_objects(MOST), engine.health().records).into()
}

fn html(objects: &[String], count: usize) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Platemark</title>\n<style>{STYLE}</style>\n\
         <h1>Platemark</h1>\n<p>{count} objects. Every picture on this page is a request; open one and change it.</p>\n"
    );
    show_off(&mut page, objects);
    let which = if objects.len() >= MOST { "The first objects" } else { "All objects" };
    let _ = writeln!(page, "<h3>{which}</h3>\n<main>");
    for object in objects {
        let url = format!("/is/image/{}", path(object));
        // The browser takes the first format that it knows: a reply never depends on what it says of itself.
        let webp = format!("<source type=\"image/webp\" srcset=\"{url}?{VIEW}&amp;fmt=webp-alpha\">");
        let webp = if cfg!(feature = "webp") { webp } else { String::new() };
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<article><a href=\"{url}?wid=800&amp;dpr=on,2\"><picture>{webp}<img loading=\"lazy\" onerror=\"this.closest('article').className='bare'\" src=\"{url}?{VIEW}&amp;fmt=png-alpha\" \
             alt=\"{name}\"></picture></a>\n<h2>{name}</h2>\n<ul>\n",
            name = escaped(object)
        );
        for request in REQUESTS {
            let request = escaped(request);
            let _ = writeln!(page, "<li><a href=\"{url}?{request}\"><code>?{request}</code></a></li>");
        }
        let _ = write!(page, "<li><a href=\"/viewer/?object={}\">deep zoom</a></li>\n</ul></article>\n", path(object));
    }
    page.push_str("</main>\n</html>\n");
    page
}

/// The sections about the demo catalogs, as far as those are served.
fn show_off(page: &mut String, objects: &[String]) {
    let object = |request: &str| request.split('?').next().unwrap_or("").to_owned();
    let is_served = |request: &str| objects.contains(&object(request));
    if SHOWN.iter().any(|(_, request)| is_served(request)) {
        page.push_str("<h3>More than a size</h3>\n<div class=\"shown\">\n");
        for (what, request) in SHOWN.iter().filter(|(_, request)| is_served(request)) {
            let request = escaped(request);
            let _ = writeln!(
                page,
                "<figure><a href=\"/is/image/{request}\"><img loading=\"lazy\" src=\"/is/image/{request}\" alt=\"{what}\"></a>\
                 <figcaption>{what}<br><code>{request}</code></figcaption></figure>"
            );
        }
        page.push_str("</div>\n");
    }
    if TOLD.iter().any(|(_, request)| is_served(request)) {
        page.push_str("<h3>More than pictures</h3>\n<table>\n");
        for (what, request) in TOLD {
            let request = escaped(request);
            let _ = writeln!(
                page,
                "<tr><td>{what}</td><td><a href=\"/is/image/{request}\"><code>{request}</code></a></td></tr>"
            );
        }
        page.push_str("</table>\n");
    }
}

/// An object as it stands in a URL.
pub(crate) fn path(object: &str) -> String {
    object
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
