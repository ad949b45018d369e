//! Lays what the console uses side by side in a release for Linux, so that the rest of the program
//! stays on the disk: the system brings in whole stretches of a file around every function that is
//! called. `assets/order.gz` names those functions; `.ci/order` makes it anew. Refuses nothing:
//! where the linker does not know how, or a name is not there, the order is as it always was.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::read::GzDecoder;

const ORDER: &str = "assets/order.gz";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={ORDER}");
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|it| it == wanted);
    let is_ours = is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && env::var("HOST") == env::var("TARGET");
    if !is_ours {
        return;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names a directory"));
    let order = out.join("order.txt");
    unpack(Path::new(ORDER), &order).expect("the order can be unpacked");
    let wanted = [
        format!("-Wl,--symbol-ordering-file={}", order.display()),
        // Names come and go with the code; what is left still helps.
        "-Wl,--no-warn-symbol-ordering".to_owned(),
        // A fiftieth of the size, and read by the C library since 2022.
        "-Wl,-z,pack-relative-relocs".to_owned(),
    ];
    if works(&out, &wanted) {
        for one in wanted {
            println!("cargo::rustc-link-arg-bin=flightdeck={one}");
        }
    }
}

fn unpack(from: &Path, to: &Path) -> io::Result<u64> {
    let mut packed = GzDecoder::new(fs::File::open(from)?);
    io::copy(&mut packed, &mut fs::File::create(to)?)
}

/// Whether a program that is linked so can be made and runs here, by the linker that ours is
/// made with.
fn works(out: &Path, arguments: &[String]) -> bool {
    let (source, made) = (out.join("tried.rs"), out.join("tried"));
    if fs::write(&source, "fn main() {}").is_err() {
        return false;
    }
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .arg("--edition=2024")
        .arg("-o")
        .arg(&made)
        .arg(&source);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={}", linker.display()));
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    for one in arguments {
        rustc.arg("-C").arg(format!("link-arg={one}"));
    }
    let made_it = rustc.output().is_ok_and(|ran| ran.status.success());
    made_it && Command::new(&made).status().is_ok_and(|ran| ran.success())
}
