//! The page at `/`: every object of the catalogs with a few requests for it.

use std::fmt::Write;

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

const STYLE: &str = "
:root { color-scheme: light dark; --line: color-mix(in srgb, currentcolor 18%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 2rem 1rem; }
h1 { margin: 0; font-size: 1.7rem; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1.5rem; margin-top: 1.5rem; }
article { border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
article > a { display: block; background: repeating-conic-gradient(#8883 0 25%, #8881 0 50%) 0 0 / 1.2rem 1.2rem; }
img { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: contain; }
h2 { font-size: 1rem; margin: .7rem 1rem .2rem; }
ul { list-style: none; margin: 0 1rem .8rem; padding: 0; font-size: .85rem; }
code { font-family: ui-monospace, monospace; }
";

/// The page.
pub(crate) fn html(objects: &[String]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Platemark</title>\n<style>{STYLE}</style>\n\
         <h1>Platemark</h1>\n<p>{} objects. Every picture on this page is a request; open one and change it.</p>\n<main>\n",
        objects.len()
    );
    for object in objects.iter().take(MOST) {
        let url = format!("/is/image/{}", path(object));
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<article><a href=\"{url}?wid=1600\"><img loading=\"lazy\" src=\"{url}?wid=600&amp;hei=450&amp;fit=constrain&amp;fmt=png-alpha\" \
             alt=\"{name}\"></a>\n<h2>{name}</h2>\n<ul>\n",
            name = escaped(object)
        );
        for request in REQUESTS {
            let request = escaped(request);
            let _ = writeln!(page, "<li><a href=\"{url}?{request}\"><code>?{request}</code></a></li>");
        }
        page.push_str("</ul></article>\n");
    }
    page.push_str("</main>\n</html>\n");
    page
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
