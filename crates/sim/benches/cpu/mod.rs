//! Time as the processor spent it on this thread: what else the machine does takes other time.

/// Nanoseconds of this thread so far. Linux counts them up at every tick, so what is measured should take far longer than
/// one: tens of milliseconds.
pub(crate) fn nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).expect("a number")
}
