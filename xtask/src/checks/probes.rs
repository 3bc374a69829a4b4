//! What `core` and `sim` must not be able to do, as a line of Rust each: one thing forbidden, one probe.
//!
//! The list is kept apart from the `clippy.toml` files on purpose: it says what has to be refused, they say how.

use std::fmt::Write as _;

/// A line of Rust that must not pass.
pub(super) struct Probe {
    /// The statements of a function's body.
    pub(super) code: String,
    /// What the message that refuses it says.
    pub(super) refusal: &'static str,
}

/// Types whose very mention is refused.
const TYPES: &[&str] = &[
    "std::collections::HashMap<u8, u8>",
    "std::collections::hash_map::HashMap<u8, u8>",
    "std::collections::HashSet<u8>",
    "std::hash::RandomState",
    "std::collections::hash_map::RandomState",
    "std::hash::DefaultHasher",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::fs::File",
    "std::fs::OpenOptions",
    "std::io::Stdin",
    "std::io::Stdout",
    "std::io::Stderr",
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::process::Command",
    "std::thread::Builder",
    "std::sync::Mutex<u8>",
    "std::sync::RwLock<u8>",
    "std::sync::OnceLock<u8>",
    "std::sync::LazyLock<u8>",
    "std::sync::atomic::AtomicBool",
    "std::sync::atomic::AtomicUsize",
    "std::sync::atomic::AtomicU32",
    "core::sync::atomic::AtomicU64",
];

/// Calls that are refused.
const CALLS: &[&str] = &[
    "std::time::Instant::now()",
    "std::time::SystemTime::now()",
    "std::thread::spawn(|| 0)",
    "std::thread::scope(|_| 0)",
    "std::thread::sleep(core::time::Duration::ZERO)",
    "std::thread::park()",
    "std::thread::current()",
    "std::thread::yield_now()",
    "std::thread::available_parallelism()",
    "std::env::var(\"HOME\")",
    "std::env::var_os(\"HOME\")",
    "std::env::vars()",
    "std::env::vars_os()",
    "std::env::args()",
    "std::env::args_os()",
    "std::env::current_dir()",
    "std::env::current_exe()",
    "std::env::temp_dir()",
    "std::fs::read(\"f\")",
    "std::fs::read_to_string(\"f\")",
    "std::fs::read_dir(\"f\")",
    "std::fs::write(\"f\", \"\")",
    "std::fs::copy(\"f\", \"g\")",
    "std::fs::rename(\"f\", \"g\")",
    "std::fs::metadata(\"f\")",
    "std::fs::create_dir(\"f\")",
    "std::fs::create_dir_all(\"f\")",
    "std::fs::remove_file(\"f\")",
    "std::fs::remove_dir(\"f\")",
    "std::fs::remove_dir_all(\"f\")",
    "std::io::stdin()",
    "std::io::stdout()",
    "std::io::stderr()",
    "std::net::ToSocketAddrs::to_socket_addrs(\"localhost:80\")",
    "std::process::exit(0)",
    "std::process::abort()",
    "std::process::id()",
    // A function that is passed on is called by somebody else.
    "[1.0_f64].map(f64::ln)",
];

/// Functions of one number whose last digits depend on the platform's mathematical library.
const FLOAT_FUNCTIONS: &[&str] = &[
    "ln", "log2", "log10", "ln_1p", "exp", "exp2", "exp_m1", "sin", "cos", "tan", "sin_cos", "asin", "acos",
    "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt",
];

/// The same, of two numbers, with the second one.
const FLOAT_FUNCTIONS_OF_TWO: &[(&str, &str)] =
    &[("log", "2.0"), ("powf", "2.0"), ("powi", "2"), ("atan2", "2.0"), ("hypot", "2.0")];

/// Statements that are refused, each with what the message says.
const STATEMENTS: &[(&str, &str)] = &[
    ("std::print!(\".\");", DISALLOWED),
    ("std::println!(\".\");", DISALLOWED),
    ("std::eprint!(\".\");", DISALLOWED),
    ("std::eprintln!(\".\");", DISALLOWED),
    ("std::thread_local! { static STATE: u8 = const { 0 }; } STATE.with(|_| ());", DISALLOWED),
    ("std::dbg!(1);", "`dbg!` macro"),
    // Behind `unsafe` lie mutable statics and addresses that differ from run to run.
    ("let byte = &raw const ONE; let _ = unsafe { *byte };", "`unsafe` block"),
];

const DISALLOWED: &str = "use of a disallowed ";

/// All of them.
pub(super) fn all() -> Vec<Probe> {
    let types = TYPES.iter().map(|name| format!("let _: Option<{name}> = None;"));
    let calls = CALLS.iter().map(|call| format!("let _ = {call};"));
    let floats = ["f64", "f32"].into_iter().flat_map(|float| {
        let of_one = FLOAT_FUNCTIONS.iter().map(move |name| format!("let _ = 1.0_{float}.{name}();"));
        let of_two = FLOAT_FUNCTIONS_OF_TWO.iter();
        of_one.chain(of_two.map(move |(name, second)| format!("let _ = 1.0_{float}.{name}({second});")))
    });
    let disallowed = types.chain(calls).chain(floats).map(|code| Probe { code, refusal: DISALLOWED });
    let others = STATEMENTS.iter().map(|&(code, refusal)| Probe { code: code.into(), refusal });
    disallowed.chain(others).collect()
}

/// A crate with one probe a line, and the line of each (counted from 1, as the compiler counts).
pub(super) fn source(probes: &[Probe]) -> (String, Vec<usize>) {
    let mut text = String::from("//! Generated: no function below may pass.\n\nstatic ONE: u8 = 1;\n\n");
    let mut lines = Vec::new();
    for (number, Probe { code, .. }) in probes.iter().enumerate() {
        writeln!(text, "/// Probe.\npub fn probe_{number}() {{ {code} }}")
            .expect("writing to a string cannot fail");
        lines.push(text.lines().count());
    }
    (text, lines)
}
