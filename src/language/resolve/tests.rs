//! What requests resolve to, against catalogs in folders that go away.

use tempfile::TempDir;

use super::*;
use crate::language::catalog::Caller;
use crate::language::catalog::{Catalogs, Touches};
use crate::language::request::{RawRequest, RequestCommands};

struct World {
    _folder: TempDir,
    catalogs: Catalogs,
}

fn world(files: &[(&str, &str)]) -> World {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let catalogs = Catalogs::load(folder.path(), folder.path()).unwrap();
    World { _folder: folder, catalogs }
}

const DATA: &str = "Id\tPath\tModifier\tPostModifier\tExpiration\tMaskPath\n\
    shoe\tshoe.png\twid=10&hei=20&op_sharpen=1\tqlt=7\t5\tshoe-mask.png\n\
    hat\that.png\twid=1&crop=1,2,3,4&rotate=90\tflip=lr&wid=2\t-1\t\n\
    card\t\tsrc=$object$&size=300,300&rotate=$turn$&$turn=45\t\t3\t\n\
    framed\tframe.png\twid=77\t\t\t\n\
    nested\tn.png\tsrc=shoe\t\t\t\n\
    bad\tb.png\twid=x\t\t\t\n\
    tmpl\tt.png\ttemplate=card\t\t\t\n";

fn demo() -> World {
    world(&[
        ("default.ini", "DefaultExt=\nMacroFile=default-macros.txt\n"),
        ("default-macros.txt", "Name\tDefinition\nsmall\twid=9\nloop\twid=3&$loop$\n"),
        ("cat.ini", "RootId=cat\nCatalogFile=cat.txt\nMacroFile=macros.txt\n"),
        ("cat.txt", DATA),
        ("macros.txt", "Name\tDefinition\nView\twid=300&hei=$h$\nboth\t$view$&fmt=png\n2x\t$both$&$both$\n"),
        ("locked.ini", "RootId=locked\nRequestLock=1\n"),
        ("secret.ini", "RootId=secret\nRequestLock=1\nRequestObfuscation=1\n"),
    ])
}

impl World {
    fn call(&self, target: &str) -> Result<Call> {
        let request = RawRequest::parse(&format!("/is/image/{target}"))?;
        let (modifiers, _) = open(&request, &self.catalogs)?;
        Call::read(request.object, modifiers, &self.catalogs)
    }

    fn picture(&self, target: &str) -> Result<Resolved> {
        self.call(target)?.picture(&self.catalogs, Caller::HOST)
    }

    fn commands(&self, target: &str) -> String {
        self.picture(target).unwrap().commands.canonical()
    }

    fn error(&self, target: &str) -> String {
        self.picture(target).unwrap_err().to_string()
    }

    fn closure(&self, target: &str) -> String {
        let mut text = String::new();
        self.picture(target).unwrap().closure(&self.catalogs, &mut |name, touches, value| {
            if touches != Touches::Nothing {
                text += &format!("{name}={value}\n");
            }
        });
        text
    }
}

/// The name of the file that masks a picture.
fn mask_file(resolved: &Resolved) -> Option<String> {
    let mask = resolved.inputs.iter().find(|input| input.role == Role::Mask)?;
    Some(mask.file.as_ref()?.file_name()?.to_str()?.to_owned())
}

#[test]
fn modifiers_come_first_and_postmodifiers_last() {
    let world = demo();
    assert_eq!(world.commands("cat/shoe"), "wid=10&hei=20&qlt=7,0&op_sharpen=1");
    assert_eq!(world.commands("cat/shoe?hei=5&qlt=90&op_sharpen=0"), "wid=10&hei=5&qlt=7,0&op_sharpen=0");
    assert_eq!(world.commands("cat/hat?wid=99"), "wid=2&crop=1,2,3,4&rotate=90&flip=lr");
}

#[test]
fn macros_expand_in_place() {
    let world = demo();
    assert_eq!(world.commands("cat/x.png?$view$&wid=480&$h=4"), "wid=480&hei=4");
    assert_eq!(world.commands("cat/x.png?wid=480&$VIEW$&$h=4"), "wid=300&hei=4");
    assert_eq!(world.commands("cat/x.png?$2x$&$h=4"), "wid=300&hei=4&fmt=png");
    assert_eq!(world.commands("cat/x.png?$small$"), "wid=9");
    assert_eq!(world.commands("x.png?$small$"), "wid=9");
    assert_eq!(world.error("x.png?$view$"), "$view$: is not a known macro");
    assert_eq!(world.error("x.png?$loop$"), "$loop$: is not a known macro", "a macro does not reach itself");
    assert_eq!(world.error("cat/x.png?$view$"), "hei: needs a whole number from 1 to 16777216", "$h$ is not defined");
}

#[test]
fn macros_that_double_come_to_an_end() {
    let mut text = "Name\tDefinition\na0\twid=1\n".to_owned();
    for i in 1..60 {
        text += &format!("a{i}\t$a{}$&$a{}$\n", i - 1, i - 1);
    }
    let doubling = world(&[("default.ini", "MacroFile=m.txt\n"), ("m.txt", &text)]);
    assert_eq!(doubling.error("x.png?$a59$"), "request: has more than 4096 modifiers");
    let mut text = "Name\tDefinition\na0\twid=1\n".to_owned();
    for i in 1..500 {
        text += &format!("a{i}\t$a{}$\n", i - 1);
    }
    let chain = world(&[("default.ini", "MacroFile=m.txt\n"), ("m.txt", &text)]);
    assert_eq!(chain.error("x.png?$a499$"), "$a435$: is nested more than 64 deep");
    assert_eq!(chain.commands("x.png?$a40$"), "wid=1");
}

#[test]
fn variables_reach_records_and_the_strongest_definition_wins() {
    let world = demo();
    let card = world.picture("cat/shoe?template=card").unwrap();
    assert_eq!(card.source.id.as_deref(), Some("shoe"));
    // The source's own Modifier counts for the layer, its PostModifier and that of the path do.
    assert_eq!(card.commands.canonical(), "qlt=7,0&template=card&src=cat/shoe&size=300,300&rotate=45&op_sharpen=1");
    let turned = world.commands("cat/shoe?template=card&$turn=90&$object=cat/hat");
    assert_eq!(turned, "qlt=7,0&template=card&src=cat/hat&crop=1,2,3,4&size=300,300&rotate=90&flip=lr");
    assert_eq!(world.commands("cat/framed?template=framed&wid=5"), "wid=5&template=framed");
    assert_eq!(world.picture("cat/shoe?template=framed").unwrap().source.id.as_deref(), Some("framed"));
}

#[test]
fn sources_that_a_layer_names_speak_of_the_layer_only() {
    let world = demo();
    let replaced = world.picture("cat/shoe?src=hat&hei=3").unwrap();
    assert_eq!(replaced.source.id.as_deref(), Some("hat"));
    assert_eq!(
        replaced.commands.canonical(),
        "wid=10&hei=3&qlt=7,0&src=hat&crop=1,2,3,4&rotate=90&flip=lr&op_sharpen=1"
    );
    assert_eq!(world.error("cat/shoe?src=nested"), "nested: the record's commands cannot be used");
    assert_eq!(mask_file(&replaced), None);
    let masked_by = |target: &str| mask_file(&world.picture(target).unwrap());
    assert_eq!(masked_by("cat/shoe").as_deref(), Some("shoe-mask.png"));
    assert_eq!(masked_by("cat/shoe?mask=hat").as_deref(), Some("hat.png"));
    assert_eq!(masked_by("cat/hat?mask=shoe").as_deref(), Some("shoe-mask.png"));
}

#[test]
fn what_stands_in_the_wrong_place_is_refused() {
    let world = demo();
    for (target, expected) in [
        ("cat/shoe?template=x.png", "template: is not the id of a record"),
        ("cat/tmpl", "cat/tmpl: the record's commands cannot be used"),
        ("cat/bad", "cat/bad: the record's commands cannot be used"),
        ("cat/card?template=card&$object=cat/bad", "cat/bad: the record's commands cannot be used"),
        ("cat", "path: names no image"),
        ("cat/shoe?fit=crop&$small=1&wid=", "wid: needs a whole number from 1 to 16777216"),
        ("cat/hat.png?fit=crop", "fit: needs wid or hei"),
        ("cat/hat?req=tmb&fit=crop", "fit: cannot be used with req=tmb"),
    ] {
        assert_eq!(world.error(target), expected, "{target}");
    }
    let detail = world.picture("cat/bad").unwrap_err();
    assert_eq!(detail.detail(), Some("Modifier: wid: needs a whole number from 1 to 16777216"));
}

#[test]
fn locked_and_obfuscated_catalogs_open_with_the_key() {
    let world = demo();
    assert_eq!(world.commands("locked/a.png?wid=200&4a1f"), "wid=200");
    assert_eq!(world.error("locked/a.png?wid=200"), "request: is not locked with the right key");
    assert_eq!(world.error("locked/a.png"), "request: is not locked with the right key");
    assert_eq!(world.commands("locked/a.png?&0000"), "");
    assert_eq!(world.commands("secret/a.png?d2lkPTIwMCY0YTFm"), "wid=200");
    assert_eq!(world.error("secret/a.png?wid=200&4a1f"), "request: is not obfuscated as this catalog demands");
}

#[test]
fn resolved_requests_read_back_to_the_same_picture() {
    let world = demo();
    for target in [
        "cat/shoe",
        "cat/shoe?hei=5&op_sharpen=0&id=x&cache=off",
        "cat/hat?wid=99",
        "cat/shoe?template=card&$turn=90",
        "cat/shoe?src=hat&layer=0&flip=ud",
        "cat/x.png?$2x$&$h=4",
        "cat/a%20b%26.png?mask=hat&color=1,2,3,4",
        "x.png",
    ] {
        let first = world.picture(target).unwrap();
        let text = first.text();
        let again = world.picture(text.strip_prefix("/is/image/").unwrap()).unwrap();
        assert_eq!(again.text(), text, "{target}");
        assert_eq!(again.inputs, first.inputs, "{target}");
        assert_eq!(again.scene, first.scene, "{target}");
        let commands = |resolved: &Resolved| {
            let request = RequestCommands { id: None, cache: None, ..resolved.commands.request.clone() };
            Commands { request, ..resolved.commands.clone() }
        };
        assert_eq!(commands(&again), commands(&first), "{target}");
    }
}

#[test]
fn validation_looks_at_no_object_and_no_variable() {
    let world = demo();
    assert_eq!(world.call("nowhere/x?wid=$undefined$&src=y").unwrap().validate(), Ok(()));
    let error = world.call("cat/shoe?req=validate&wid=0").unwrap().validate().unwrap_err();
    assert_eq!(error.to_string(), "wid: needs a whole number from 1 to 16777216");
    assert_eq!(world.call("cat/shoe?fit=crop").unwrap().validate().unwrap_err().to_string(), "fit: needs wid or hei");
}

#[test]
fn the_closure_is_what_lies_outside_the_request() {
    let world = demo();
    let bare = world.closure("cat/shoe");
    for line in ["source::Modifier=wid=10&hei=20&op_sharpen=1\n", "source::PostModifier=qlt=7,0\n", "macro::own::view="]
    {
        assert!(bare.contains(line), "{line}\n{bare}");
    }
    assert_eq!(world.closure("cat/shoe?wid=5&rect=0,0,9,9&fmt=png&printRes=300&$view$&$h=3"), bare);
    let card = world.closure("cat/shoe?template=card");
    assert!(card.contains("template::Modifier=src=%24object%24&size=300,300") && card != bare, "{card}");
    assert_ne!(world.closure("cat/shoe?mask=hat"), bare);
}

#[test]
fn lifetimes_are_those_of_the_layers() {
    let world = demo();
    let own = |target: &str| -> Vec<Option<String>> {
        let resolved = world.picture(target).unwrap();
        resolved.expirations().map(|(own, _)| own.map(|hours| hours.0.to_string())).collect()
    };
    assert_eq!(own("cat/shoe"), [Some("5".to_owned())]);
    assert_eq!(own("cat/shoe?mask=hat"), [Some("5".to_owned()), Some("-1".to_owned())]);
    assert_eq!(own("cat/shoe?template=card"), [Some("5".to_owned()), Some("3".to_owned())]);
    assert_eq!(own("cat/y.png"), [None]);
}
