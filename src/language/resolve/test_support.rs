//! Scenes for tests of the imaging wing, which are easiest to write down as requests.

use crate::imaging::scene::Scene;
use crate::language::catalog::{Caller, Catalogs};
use crate::language::request::RawRequest;

use super::{Call, open};

/// The scene of a query over a file, in a catalog with these attributes.
pub(crate) fn scene_of(ini: &str, query: &str) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), ini).unwrap();
    let catalogs = Catalogs::load(folder.path(), folder.path()).unwrap();
    let request = RawRequest::parse(&format!("/is/image/x.jpg?{query}")).unwrap();
    let (modifiers, _) = open(&request, &catalogs).unwrap();
    Call::read(request.object, modifiers, &catalogs).unwrap().picture(&catalogs, Caller::HOST).unwrap().scene
}
