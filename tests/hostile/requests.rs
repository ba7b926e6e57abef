//! Requests that were made to do harm: length, nesting, huge numbers.

use super::*;

fn world() -> (World, Engine) {
    let world = World::new();
    let pictures = support::path("assets/demo/pictures");
    std::fs::copy(pictures.join("ring.png"), world.0.path().join("ring.png")).unwrap();
    std::fs::copy(pictures.join("pebbles.jpg"), world.0.path().join("pebbles.jpg")).unwrap();
    let engine = world.engine();
    (world, engine)
}

#[test]
fn long_and_nested_queries_are_read_in_no_time() {
    let (_world, engine) = world();
    let repeated = |text: &str, count: usize| text.repeat(count);
    // As long as a request may be.
    assert_eq!(answer(&engine, &format!("ring.png?wid=50{}", repeated("&x", 20_000))).status, 403);
    assert_eq!(answer(&engine, &format!("ring.png?wid=50{}", repeated("&x=1", 4_000))).status, 200);
    for query in [
        repeated("&", 65_000),
        repeated("wid=1&", 10_000),
        repeated("$a=$b$&", 9_000),
        repeated("$a$", 20_000),
        format!("src={}", repeated("is(a?src=", 7_000)),
        format!("src={}a{}", repeated("is(a?src=", 3_000), repeated(")", 3_000)),
        format!("mask={}", repeated("{", 60_000)),
        format!("layer={}", repeated("9", 60_000)),
        format!("wid={}", repeated("9", 60_000)),
        format!("scl=0.{}1", repeated("0", 60_000)),
        format!("rect={}", repeated("1,", 30_000)),
        format!("map={}", repeated("%3Carea%20coords=%221,2,3,4%22%3E", 1_500)),
        format!("$a={}&wid=$a$", repeated("$a$", 15_000)),
        format!("$a=x{}", (0..3_000).map(|i| format!("&$v{i}=$v{}$", i + 1)).collect::<String>()),
        format!("a=%{}", repeated("%25", 20_000)),
        repeated(".comment&", 7_000),
        (0..8_000).map(|i| format!("{i:x}=&")).collect(),
    ] {
        answer(&engine, &format!("ring.png?{query}"));
        answer(&engine, &format!("ring.png?req=props&{query}"));
        answer(&engine, &format!("ring.png?req=map&{query}"));
    }
    let path = repeated("a/", 30_000);
    answer(&engine, &path);
    answer(&engine, &repeated("%00", 20_000));
}

/// Ten macros, each of which calls the next ten times.
#[test]
fn macros_and_variables_that_grow_are_stopped() {
    let (world, _) = world();
    world.write("default.ini", "DefaultExt=\nMacroFile=m.txt\nCatalogFile=c.txt\nMaxPix=2000,2000\n");
    let mut macros = "Name\tDefinition\nround\t$round$&wid=5\nm10\twid=9\n".to_owned();
    // A macro may call those above it.
    for i in (0..10).rev() {
        macros.push_str(&format!("m{i}\t{}\n", format!("&$m{}$", i + 1).repeat(10)));
    }
    world.write("m.txt", macros);
    let mut records = "Id\tPath\tModifier\n".to_owned();
    records.push_str(&format!("grows\tring.png\t$v0={}\n", "x".repeat(1000)));
    let variables: String = (1..20).map(|i| format!("&$v{i}={}", format!("$v{}$", i - 1).repeat(10))).collect();
    records.push_str(&format!("more\tring.png\t$v0=x{variables}&wid=$v19$\nself\tself\t\n"));
    world.write("c.txt", records);
    let engine = world.engine();
    for request in ["ring.png?$m0$", "ring.png?$round$", "grows?$m3$", "more", "more?wid=$v19$", "self"] {
        for req in ["", "&req=props", "&req=resolve", "&req=validate", "&req=map"] {
            let separator = if request.contains('?') { "" } else { "?" };
            answer(&engine, &format!("{request}{separator}{req}"));
        }
    }
    assert_eq!(refusal(&engine, "ring.png?$m0$"), "request: has more than 4096 modifiers");
}

#[test]
fn numbers_without_measure_are_refused_or_served() {
    let (_world, engine) = world();
    let numbers = [
        "nan",
        "NaN",
        "inf",
        "-inf",
        "1e308",
        "-1e308",
        "1e-308",
        "1e99999",
        "0",
        "-0",
        "-1",
        "0.0000000001",
        "1e9",
        "2147483648",
        "4294967296",
        "18446744073709551616",
        "340282366920938463463374607431768211456",
        "0x10",
        "1,1",
        "16777216",
        "16777217",
        "65536",
    ];
    let commands = [
        "wid",
        "hei",
        "scl",
        "rgn",
        "rect",
        "dpr",
        "scale",
        "size",
        "crop",
        "extend",
        "extendN",
        "cropN",
        "anchor",
        "anchorN",
        "rotate",
        "res",
        "printRes",
        "qlt",
        "jpegSize",
        "op_blur",
        "op_usm",
        "op_usmR",
        "op_noise",
        "op_brightness",
        "op_contrast",
        "op_hue",
        "op_saturation",
        "op_colorize",
        "op_colorbalance",
        "bgc",
        "pscan",
    ];
    for command in commands {
        for number in numbers {
            let many = [number; 8];
            for count in [1, 2, 4, 5] {
                let value = many[..count].join(",");
                answer(&engine, &format!("ring.png?req=props&{command}={value}"));
                answer(&engine, &format!("ring.png?wid=40&{command}={value}"));
            }
        }
    }
}

/// What surrounds a picture may be as large as it likes, as long as the reply is not.
#[test]
fn huge_surroundings_cost_nothing() {
    let (_world, engine) = world();
    for query in [
        "extend=8000000,8000000,8000000,8000000&wid=50",
        "extend=8000000,0,8000000,0&scl=100000",
        "extend=60000,60000,60000,60000&rotate=37&wid=50",
        "size=16000000,16000000&wid=50",
        "scale=1000&wid=50",
        "scl=0.001&rect=1000,1000,50,50",
        "scl=0.001&rect=1000,1000,50,50&op_blur=100",
        "rotate=45&scl=0.01&rect=9000,9000,50,50",
        "crop=-8000000,-8000000,16000000,16000000&wid=50",
        "anchor=8000000,8000000&wid=50",
    ] {
        answer(&engine, &format!("pebbles.jpg?{query}"));
    }
}
