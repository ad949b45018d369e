//! Which way a module may look. The table is that of the crate's documentation; a path that
//! begins at `crate::`, or climbs there with `super::`, must end in a module that the table names.

use crate::lexer::{Source, closing, is_word, item_end, line_of, name_at, words};

/// Each top-level module and those that it may name besides itself.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("peers", &["domain"]),
    ("engine", &["domain", "store", "peers"]),
    ("remote", &["domain", "engine"]),
    ("session", &["domain", "engine", "remote"]),
    ("api", &["domain", "engine"]),
    ("tui", &["domain", "engine", "session"]), // of the engine, the operation types
    ("config", &["domain"]),
    (
        "cli",
        &[
            "domain", "store", "peers", "engine", "remote", "session", "api", "tui", "config",
        ],
    ),
];

/// Says `file:line: engine must not use api` for every path that looks the wrong way.
pub fn check(source: &Source) -> Vec<String> {
    let module_path = module_path(&source.path);
    let Some(own) = module_path.first() else {
        return Vec::new(); // lib.rs and main.rs may name everything
    };
    let Some((_, allowed)) = MAY_NAME.iter().find(|(module, _)| module == own) else {
        return vec![format!(
            "{}:1: {own} is not in the table of modules",
            source.path
        )];
    };
    let mut found: Vec<(usize, String)> = Vec::new();
    for (at, name) in names_from_root(&source.shipped, module_path.len()) {
        if name == "*" {
            found.push((at, format!("{own} must name modules, not use all of them")));
        } else if MAY_NAME.iter().any(|(module, _)| *module == name)
            && name != *own
            && !allowed.contains(&name)
        {
            found.push((at, format!("{own} must not use {name}")));
        }
    }
    found.sort();
    found.dedup_by_key(|(at, what)| (line_of(&source.text, *at), what.clone()));
    let say = |(at, what): (usize, String)| format!("{}: {what}", source.at(at));
    found.into_iter().map(say).collect()
}

/// The modules that a file is in, from the top: `src/a/b.rs` and `src/a/b/mod.rs` are `a::b`.
fn module_path(path: &str) -> Vec<&str> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.trim_end_matches("/mod");
    if ["lib", "main"].contains(&path) {
        return Vec::new();
    }
    path.split('/').collect()
}

/// What follows `crate::`, or as many `super::` as lead to the root, and where it stands.
fn names_from_root(code: &str, depth: usize) -> Vec<(usize, &str)> {
    let inline = inline_modules(code);
    let from_crate = words(code, "crate").map(|at| (at, 0));
    let from_super = words(code, "super")
        .filter(|at| !code[..*at].trim_end().ends_with("super::"))
        .map(|at| {
            let inside = inline.iter().filter(|(from, to)| (from..to).contains(&&at));
            (at, depth + inside.count())
        });
    from_crate
        .chain(from_super)
        .flat_map(|(start, climb)| {
            let mut at = Some(start + "super".len()); // `crate` is as long
            for _ in 1..climb {
                at = at
                    .and_then(|at| behind_colons(code, at))
                    .filter(|at| code[*at..].starts_with("super"))
                    .map(|at| at + "super".len());
            }
            let at = at.and_then(|at| behind_colons(code, at));
            at.map_or(Vec::new(), |at| heads(code, at))
        })
        .collect()
}

/// Where the next part of a path begins, if `::` stands at `at`.
fn behind_colons(code: &str, at: usize) -> Option<usize> {
    let rest = code[at..].trim_start().strip_prefix("::")?.trim_start();
    Some(code.len() - rest.len())
}

/// The names at `at`: one, or the first of each path in a braced group.
fn heads(code: &str, at: usize) -> Vec<(usize, &str)> {
    let bytes = code.as_bytes();
    match bytes.get(at) {
        Some(b'*') => vec![(at, "*")],
        Some(b'{') => {
            let end = closing(code, at) - 1;
            let mut names = Vec::new();
            let mut next = at + 1;
            while next < end {
                let start = end - code[next..end].trim_start().len();
                names.extend(heads(code, start));
                next = start;
                while next < end && bytes[next] != b',' {
                    next = if bytes[next] == b'{' {
                        closing(code, next)
                    } else {
                        next + 1
                    };
                }
                next += 1;
            }
            names
        }
        Some(byte) if is_word(*byte) => vec![(at, name_at(code, at))],
        _ => Vec::new(),
    }
}

/// The spans of `mod name { .. }` in a file: inside, `super` means one module less far up.
fn inline_modules(code: &str) -> Vec<(usize, usize)> {
    words(code, "mod")
        .map(|at| (at, item_end(code, at)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(path: &str, text: &str, expected: &[&str]) {
        assert_eq!(check(&Source::new(path, text)), expected);
    }

    #[test]
    fn looking_down_is_allowed() {
        says(
            "src/engine/a.rs",
            "use crate::domain::ids; use crate::engine::b;",
            &[],
        );
        says(
            "src/cli/serve.rs",
            "use crate::{api, config::Settings, tui};",
            &[],
        );
        says("src/tui/panes/a.rs", "use super::super::console;", &[]);
        says("src/main.rs", "use crate::cli;", &[]);
        says("src/lib.rs", "pub use crate::cli;", &[]);
        says(
            "src/domain/a.rs",
            "use crate::Unknown; use super::api;",
            &[],
        );
    }

    #[test]
    fn looking_up_is_not() {
        says(
            "src/engine/a.rs",
            "//!\nuse crate::api::rest;\n",
            &["src/engine/a.rs:2: engine must not use api"],
        );
        says(
            "src/tui/mod.rs",
            "use crate::{\n    domain::{api, ids},\n    store::Store,\n};\nfn a() { crate :: remote::b() }",
            &[
                "src/tui/mod.rs:3: tui must not use store",
                "src/tui/mod.rs:5: tui must not use remote",
            ],
        );
        says(
            "src/api/a.rs",
            "use crate::cli;",
            &["src/api/a.rs:1: api must not use cli"],
        );
        says(
            "src/engine/a.rs",
            "use crate::config;",
            &["src/engine/a.rs:1: engine must not use config"],
        );
    }

    #[test]
    fn climbing_out_of_the_module_is_seen() {
        let expected = &["src/domain/a.rs:1: domain must not use store"];
        says("src/domain/a.rs", "use super::super::store::X;", expected);
        says("src/domain/a.rs", "use super::super::{store::X};", expected);
        says(
            "src/domain/a.rs",
            "mod b { use super::super::super::store; }",
            expected,
        );
        says("src/domain/a.rs", "mod b { use super::super::store; }", &[]);
        says(
            "src/peers.rs",
            "use super::engine;",
            &["src/peers.rs:1: peers must not use engine"],
        );
        says(
            "src/peers.rs",
            "use crate::*;",
            &["src/peers.rs:1: peers must name modules, not use all of them"],
        );
    }

    #[test]
    fn prose_strings_and_tests_may_name_anything() {
        let text = "//! See [`crate::api`].\nconst A: &str = \"crate::cli\";\n#[cfg(test)]\nmod tests { use crate::engine; }";
        says("src/domain/a.rs", text, &[]);
    }

    #[test]
    fn a_new_module_joins_the_table() {
        says(
            "src/helper.rs",
            "",
            &["src/helper.rs:1: helper is not in the table of modules"],
        );
    }
}
